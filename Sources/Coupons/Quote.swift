// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What a cart costs with a list of coupons, and what became of each of them.
///
/// subtotal = discount + payable; each discount is the sum of its shares; no line is given more
/// than it costs.
package struct Quote: Equatable, Sendable {
  package let subtotal: Amount
  package let discount: Amount
  package let payable: Amount
  /// In the order in which they take effect.
  package let applied: [Applied]
  /// In the same order; a coupon that the list names again follows where it stands.
  package let refused: [Refused]
  /// Whether no permitted combination is cheaper; nil for a list that was not chosen by us.
  package let isOptimal: Bool?

  /// A coupon that takes effect.
  package struct Applied: Equatable, Sendable {
    package let coupon: CouponID
    /// At least 1.
    package let discount: Amount
    /// In the order of the lines; none is zero.
    package let shares: [Share]
  }

  /// What a coupon takes off one line.
  package struct Share: Equatable, Sendable {
    /// The index of the line in the cart.
    package let line: Int
    package let amount: Amount

    package init(line: Int, amount: Amount) {
      self.line = line
      self.amount = amount
    }
  }

  /// A coupon that is not used up.
  package struct Refused: Equatable, Sendable {
    package let coupon: CouponID
    package let reason: CouponRefusal
  }
}
