// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Where ledger time comes from: the wall clock, or on a test ledger a clock moved by hand.
package enum LedgerClock: Sendable {
  case wall(@Sendable () -> Instant)
  case manual(Instant)

  /// What the clock shows; the engine never goes behind the newest entry (INV-14).
  package var reading: Instant {
    switch self {
    case .wall(let now): now()
    case .manual(let instant): instant
    }
  }
}
