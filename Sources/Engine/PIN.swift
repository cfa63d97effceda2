// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Secrets

/// A PIN as a request gives it: 4–12 ASCII digits, leading zeros kept.
///
/// Never printed.
package struct PIN: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  /// So short that it is kept without a piece of memory of its own.
  let text: String

  package var digits: [UInt8] { Array(text.utf8) }

  /// nil unless the text is 4–12 ASCII digits.
  package init?(_ text: String) {
    guard (4...12).contains(text.utf8.count) else { return nil }
    for byte in text.utf8 where byte < 0x30 || byte > 0x39 { return nil }
    self.text = text
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
