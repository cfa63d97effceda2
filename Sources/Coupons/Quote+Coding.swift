// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// The quote that a checkout was made by, from what the journal kept of it.
extension Quote {
  /// What one coupon took off the lines of a cart, as a record says.
  package typealias Recorded = (coupon: CouponID, shares: [Share])

  /// The quote of a recorded checkout.
  ///
  /// It knows nothing of the coupons that were refused, nor how the list was chosen.
  ///
  /// - Parameter recorded: in the order in which they took effect.
  /// - Throws: `MalformedRecord` for whatever no quote of the cart says: a coupon twice or without
  ///   discount, a line that is not there or comes out of order, a share of nothing, more off a
  ///   line than it costs.
  package init(recordedOf cart: Cart, _ recorded: [Recorded]) throws(MalformedRecord) {
    var left = cart.lines.map(\.total)
    var seen: Set<CouponID> = []
    var applied: [Applied] = []
    var discount = Amount.zero
    for (coupon, shares) in recorded {
      guard seen.insert(coupon).inserted else { throw MalformedRecord("coupon applied twice") }
      let sum = try Self.take(shares, off: &left)
      discount += sum
      applied.append(Applied(coupon: coupon, discount: sum, shares: shares))
    }
    self.init(
      subtotal: cart.subtotal, discount: discount, payable: cart.subtotal - discount,
      applied: applied, refused: [], isOptimal: nil)
  }

  /// Takes the shares of one coupon off what the lines have left, and says what they come to.
  private static func take(
    _ shares: [Share], off left: inout [Amount]
  ) throws(MalformedRecord) -> Amount {
    guard !shares.isEmpty else { throw MalformedRecord("coupon without shares") }
    var sum = Amount.zero
    var next = 0
    for share in shares {
      guard share.line >= next, share.line < left.count else {
        throw MalformedRecord("line of a share out of range")
      }
      guard !share.amount.isZero, let rest = left[share.line].subtracting(share.amount) else {
        throw MalformedRecord("share out of range")
      }
      left[share.line] = rest
      sum += share.amount
      next = share.line + 1
    }
    return sum
  }
}

extension [Quote.Applied] {
  /// Appends each coupon, written by the caller, and its shares.
  package func write(
    to writer: inout ByteWriter, coupon: (inout ByteWriter, CouponID) -> Void
  ) {
    writer.list(self) { writer, applied in
      coupon(&writer, applied.coupon)
      writer.list(applied.shares) { writer, share in
        writer.unsigned(UInt64(share.line))
        writer.amount(share.amount)
      }
    }
  }

  /// Reads what `write(to:coupon:)` wrote of a quote of this cart.
  ///
  /// - Parameter coupon: reads what the caller wrote of a coupon.
  /// - Throws: `MalformedRecord` as `Quote.init(recordedOf:_:)` does, and what `coupon` throws.
  package init(
    from reader: inout ByteReader, of cart: Cart,
    coupon: (inout ByteReader) throws(MalformedRecord) -> CouponID
  ) throws(MalformedRecord) {
    let recorded = try reader.list { r throws(MalformedRecord) -> Quote.Recorded in
      (try coupon(&r), try r.list { r throws(MalformedRecord) in try Quote.Share(from: &r) })
    }
    self = try Quote(recordedOf: cart, recorded).applied
  }
}

extension Quote.Share {
  fileprivate init(from reader: inout ByteReader) throws(MalformedRecord) {
    self.init(line: Int(try reader.bounded(0...Int64(Int32.max))), amount: try reader.amount())
  }
}
