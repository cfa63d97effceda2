// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Secrets

/// A PIN as a request gives it: 4–12 ASCII digits, leading zeros kept.
///
/// Never printed.
package struct PIN: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  package let digits: [UInt8]

  /// nil unless the text is 4–12 ASCII digits.
  package init?(_ text: String) {
    var text = text
    let bytes = text.withUTF8 { Array($0) }
    guard (4...12).contains(bytes.count), bytes.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
      return nil
    }
    digits = bytes
  }

  package var description: String { "<pin>" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A PIN to be put through scrypt, away from the loop.
package struct StretchJob: Hashable, Sendable {
  package let pin: PIN
  package let account: UInt64
  package let cost: ScryptCost

  /// Runs it; about 50 ms at the standard cost.
  ///
  /// Thread-safe.
  package func run() -> [UInt8] {
    stretch(pin: pin.digits, accountID: account, cost: cost)
  }
}
