// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// A cart that was paid for, and what has come back of it: knows what the next return is worth
/// (contract §3, coupons.partial_return; spec/coupons.md, Returns).
package struct PaidCart: Sendable {
  package let cart: Cart
  /// What was paid, and by which coupons.
  package let quote: Quote
  /// How many units of each line have come back.
  package let returned: [Int64]
  /// What has been refunded, at most what was paid.
  package let refunded: Amount

  /// Traps unless the quote is of the cart, no line has more back than it had, and no more was
  /// refunded than paid.
  package init(cart: Cart, quote: Quote, returned: [Int64]? = nil, refunded: Amount = .zero) {
    let returned = returned ?? Array(repeating: 0, count: cart.lines.count)
    precondition(quote.subtotal == cart.subtotal, "the quote is of this cart")
    precondition(returned.count == cart.lines.count, "one number a line")
    precondition(
      zip(returned, cart.lines).allSatisfy { $0 >= 0 && $0 <= $1.quantity },
      "no more comes back than was bought")
    precondition(refunded <= quote.payable, "no more is refunded than was paid")
    self.cart = cart
    self.quote = quote
    self.returned = returned
    self.refunded = refunded
  }

  /// Units of one line that come back.
  package struct ReturnedLine: Equatable, Sendable {
    package let id: Label
    package let quantity: Int64

    package init(id: Label, quantity: Int64) {
      self.id = id
      self.quantity = quantity
    }
  }

  /// Why a return is refused; the index is that of the line in the request.
  package enum Problem: Error, Equatable, Sendable {
    case unknownLine(index: Int)
    case lineTwice(index: Int)
    /// Fewer than one unit, or more than are still with the customer.
    case quantity(index: Int, left: Int64)
  }

  /// What a return gives.
  package struct Refund: Sendable {
    package let amount: Amount
    /// The cart after the return.
    package let after: PaidCart
    /// What the rest costs when it is priced again; nil for `share`, and when nothing is left.
    package let rest: Quote?

    /// Whether everything has come back now.
    package var isWhole: Bool {
      zip(after.returned, after.cart.lines).allSatisfy { $0 == $1.quantity }
    }
  }

  /// What is refunded when some units come back.
  ///
  /// All refunds together are at most what was paid, and exactly that once everything is back.
  ///
  /// - Parameters:
  ///   - coupons: those that the quote applied; their caps are not asked again. Only `reprice`
  ///     uses them.
  ///   - rules: as they were at the checkout.
  /// - Throws: `Problem` for the first line that cannot come back like that; nothing has changed.
  package func refund(
    of lines: [ReturnedLine], coupons: [PricedCoupon], rules: CouponRules
  ) throws(Problem) -> Refund {
    let total = try totalReturned(with: lines)
    let left = quote.payable - refunded
    let amount: Amount
    var rest: Quote?
    switch rules.partialReturn {
    case .share:
      // Once all is back the sum over the lines is the payable, whatever was rounded before.
      let due = paid(forReturned: total) - paid(forReturned: returned)
      amount = isAll(total) ? left : min(due, left)
    case .reprice:
      rest = price(without: total, coupons, rules)
      amount = left.clampedSubtracting(rest?.payable ?? .zero)
    }
    let after = PaidCart(
      cart: cart, quote: quote, returned: total, refunded: refunded + amount)
    return Refund(amount: amount, after: after, rest: rest)
  }

  private func isAll(_ returned: [Int64]) -> Bool {
    zip(returned, cart.lines).allSatisfy { $0 == $1.quantity }
  }

  /// How many units of each line will have come back.
  private func totalReturned(with lines: [ReturnedLine]) throws(Problem) -> [Int64] {
    var total = returned
    var seen: Set<Label> = []
    for (index, line) in lines.enumerated() {
      guard let place = cart.lines.firstIndex(where: { $0.id == line.id }) else {
        throw .unknownLine(index: index)
      }
      guard seen.insert(line.id).inserted else { throw .lineTwice(index: index) }
      let left = cart.lines[place].quantity - total[place]
      guard line.quantity >= 1, line.quantity <= left else {
        throw .quantity(index: index, left: left)
      }
      total[place] += line.quantity
    }
    return total
  }

  /// What was paid for so many units of each line: of each line's net price the part that its
  /// units are, rounded down.
  private func paid(forReturned returned: [Int64]) -> Amount {
    var net = cart.lines.map(\.total)
    for share in quote.applied.flatMap(\.shares) { net[share.line] -= share.amount }
    return net.indices.reduce(into: .zero) { sum, line in
      sum += Rounding.down(net[line], times: returned[line], over: cart.lines[line].quantity)
    }
  }

  /// The price of what stays with the customer, with the same coupons; nil when nothing does.
  private func price(
    without returned: [Int64], _ coupons: [PricedCoupon], _ rules: CouponRules
  ) -> Quote? {
    let kept = cart.lines.indices.filter { returned[$0] < cart.lines[$0].quantity }
    guard !kept.isEmpty else { return nil }
    let lines = kept.map { cart.lines[$0].with(quantity: cart.lines[$0].quantity - returned[$0]) }
    let applied = Set(quote.applied.map(\.coupon))
    return Pricing.price(
      Cart(lines: lines), with: coupons.filter { applied.contains($0.id) }, rules: rules)
  }
}
