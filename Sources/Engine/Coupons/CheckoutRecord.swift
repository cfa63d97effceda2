// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
package import LedgerCore

/// What the journal keeps of a checkout beside the uses of coupons: enough to answer it again and
/// to price returns (spec/coupons.md, Checkout).
package struct CheckoutRecord: Sendable {
  package let cart: Cart
  /// As they were in force.
  package let rules: CouponRules
  package let refused: [Refused]
  package let isOptimal: Bool?

  /// A coupon that was named or looked at and not used.
  package struct Refused: Equatable, Sendable {
    /// `cpn_…`; nil for what is no coupon of this ledger.
    package let coupon: String?
    /// The reason, as it stands on the wire.
    package let reason: String
  }

  init(cart: Cart, rules: CouponRules, refused: [Refused], isOptimal: Bool?) {
    self.cart = cart
    self.rules = rules
    self.refused = refused
    self.isOptimal = isOptimal
  }

  func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 512)
    writer.byte(1)
    cart.write(to: &writer)
    rules.write(to: &writer)
    writer.list(refused) { writer, refused in
      writer.optional(refused.coupon) { $0.text($1) }
      writer.text(refused.reason)
    }
    writer.optional(isOptimal) { $0.bool($1) }
    return writer.bytes
  }

  /// Reads what `encoded` wrote.
  package init(encoded: [UInt8]) throws(MalformedRecord) {
    var reader = ByteReader(encoded)
    guard try reader.byte() == 1 else { throw MalformedRecord("unknown version of a checkout") }
    cart = try Cart(from: &reader)
    rules = try CouponRules(from: &reader)
    refused = try reader.list { r throws(MalformedRecord) in
      Refused(
        coupon: try r.optional { r throws(MalformedRecord) in try r.text() },
        reason: try r.text())
    }
    isOptimal = try reader.optional { r throws(MalformedRecord) in try r.bool() }
    try reader.finish()
  }
}

extension PricedCheckout {
  /// Every coupon that is not used, with its reason.
  package var refused: [CheckoutRecord.Refused] {
    let named = unread.map { unread in
      let serial: String? = if case .serial(let serial) = unread.name { serial.text } else { nil }
      return CheckoutRecord.Refused(coupon: serial, reason: unread.code.name)
    }
    return named
      + quote.refused.map {
        CheckoutRecord.Refused(coupon: $0.coupon.text, reason: $0.reason.rawValue)
      }
  }
}

extension Entry {
  /// The checkout it made, with its record and quote; nil for other entries.
  ///
  /// Throws `MalformedRecord` where the journal does not hold what a checkout writes.
  package func checkout() throws(MalformedRecord) -> PaidCheckout? {
    for case .checkedOut(let checkout) in changes {
      let record = try CheckoutRecord(encoded: checkout.cart)
      let quote = try Quote(
        recordedOf: record.cart,
        redemptions.map { redemption in
          (
            CouponID(redemption.coupon.text),
            redemption.shares.map { Quote.Share(line: $0.line, amount: $0.amount) }
          )
        })
      guard quote.payable == checkout.payable, quote.subtotal == checkout.subtotal else {
        throw MalformedRecord("a checkout does not add up")
      }
      return PaidCheckout(
        id: CheckoutID(id), record: record, quote: quote, storedValue: checkout.storedValue)
    }
    return nil
  }
}

/// A checkout as it was paid.
package struct PaidCheckout: Sendable {
  package let id: CheckoutID
  package let record: CheckoutRecord
  package let quote: Quote
  package let storedValue: Amount
}
