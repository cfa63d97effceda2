// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
package import Store
import StoredValue

/// Why a request did not come to a decision this time.
package enum Interruption: Error, Sendable {
  case refused(Refusal)
  /// A PIN must be stretched first; give the result to the ticket and try again.
  case needsStretch(StretchJob)
  case store(StoreError)
}

/// Runs store work inside code that throws `Interruption`.
func reading<Value>(
  _ body: () throws(StoreError) -> Value
) throws(Interruption) -> Value {
  do {
    return try body()
  } catch {
    throw .store(error)
  }
}
