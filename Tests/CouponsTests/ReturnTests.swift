// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Seeds
import Testing

private func line(_ id: String, _ quantity: Int64) -> PaidCart.ReturnedLine {
  PaidCart.ReturnedLine(id: Label(id), quantity: quantity)
}

struct ReturnTests {
  private let share: CouponRules
  private let reprice: CouponRules
  private let coupons: [PricedCoupon]
  private let paid: PaidCart

  /// Six at 10,000 and one at 3,000, with 20,000 off from 60,000 on: 43,000 paid.
  init() throws {
    var rules = CouponRules()
    share = rules
    rules.partialReturn = .reprice
    reprice = rules
    let cart = try cart(
      #"""
      {"lines":[{"line_id":"A","sku":"a","quantity":6,"unit_price":10000},
      {"line_id":"B","sku":"b","quantity":1,"unit_price":3000}]}
      """#)
    coupons = [
      try coupon("s", #"{"name":"n","kind":"threshold","steps":[{"min":60000,"off":20000}]}"#)
    ]
    paid = PaidCart(cart: cart, quote: Pricing.price(cart, with: coupons, rules: rules))
  }

  private func refund(
    _ lines: [PaidCart.ReturnedLine], from paid: PaidCart? = nil, _ rules: CouponRules
  ) throws -> PaidCart.Refund {
    try (paid ?? self.paid).refund(of: lines, coupons: coupons, rules: rules)
  }

  @Test func `share gives back what was paid for the units`() throws {
    // Of 20,000 the lines bear 19,048 and 952: A cost 40,952, B 2,048.
    #expect(paid.quote.applied[0].shares.map(\.amount.minorUnits) == [19_048, 952])
    let one = try refund([line("A", 1)], share)
    #expect(one.amount == Amount(6825) && one.rest == nil && !one.isWhole)
    let five = try refund([line("A", 5)], from: one.after, share)
    #expect(one.amount + five.amount == Amount(40_952))
    let last = try refund([line("B", 1)], from: five.after, share)
    #expect(last.amount == Amount(2048) && last.isWhole)
    #expect(last.after.refunded == Amount(43_000))
  }

  @Test func `reprice gives back what the rest does not cost`() throws {
    // Without B 40,000 are due: 3,000 come back.
    let small = try refund([line("B", 1)], reprice)
    #expect(small.amount == Amount(3000) && small.rest?.payable == Amount(40_000))
    // Five of A cost 50,000 without the coupon, more than was paid: nothing comes back.
    let one = try refund([line("A", 1)], reprice)
    #expect(one.amount.isZero && one.rest?.payable == Amount(53_000))
    #expect(one.rest?.refusedText == ["s below_minimum"])
    let four = try refund([line("A", 1)], from: one.after, reprice)
    #expect(four.amount.isZero && four.rest?.payable == Amount(43_000))
    let three = try refund([line("A", 1)], from: four.after, reprice)
    #expect(three.amount == Amount(10_000))
    let all = try refund([line("A", 3), line("B", 1)], from: three.after, reprice)
    #expect(all.amount == Amount(33_000) && all.isWhole && all.rest == nil)
    #expect(all.after.refunded == Amount(43_000))
  }

  @Test(arguments: [
    ([line("C", 1)], PaidCart.Problem.unknownLine(index: 0)),
    ([line("B", 1), line("a", 1)], .unknownLine(index: 1)),
    ([line("A", 1), line("A", 1)], .lineTwice(index: 1)),
    ([line("A", 7)], .quantity(index: 0, left: 6)), ([line("A", 0)], .quantity(index: 0, left: 6)),
    ([line("A", -1)], .quantity(index: 0, left: 6)),
    ([line("A", 1), line("B", .max)], .quantity(index: 1, left: 1)),
  ])
  func `only what was bought comes back, and once`(
    _ lines: [PaidCart.ReturnedLine], _ problem: PaidCart.Problem
  ) throws {
    #expect(throws: problem) { _ = try refund(lines, share) }
    #expect(throws: problem) { _ = try refund(lines, reprice) }
    let all = try refund([line("A", 6)], share).after
    #expect(throws: PaidCart.Problem.quantity(index: 0, left: 0)) {
      _ = try refund([line("A", 1)], from: all, share)
    }
  }

  @Test func `a return of nothing gives nothing`() throws {
    #expect(try refund([], share).amount.isZero && refund([], reprice).amount.isZero)
  }

  @Test func `only the coupons of the checkout are priced again`() throws {
    let other = try coupon("z", cash())
    let refund = try paid.refund(
      of: [line("B", 1)], coupons: coupons + [other], rules: reprice)
    #expect(refund.rest?.payable == Amount(40_000) && refund.rest?.refused.isEmpty == true)
  }

  /// Whatever comes back in whatever order, by either rule, also by both in turn.
  @Test func `refunds never pass what was paid and end there exactly`() throws {
    for offset in 0..<UInt64(300) {
      let seed = Settings.seed + offset
      var random = SplitMix64(seed: seed)
      let market = Market.dense(&random, coupons: 4, scale: random.one(of: [1, 97]))
      let (cart, coupons) = (try market.engineCart(), try market.engineCoupons())
      var rules = market.engineRules
      let quote = Pricing.price(cart, with: coupons, rules: rules)
      var paid = PaidCart(cart: cart, quote: quote)
      let isMixed = random.chance(30)
      rules.partialReturn = random.chance(50) ? .share : .reprice
      var isWhole = false
      while !isWhole {
        if isMixed { rules.partialReturn = random.chance(50) ? .share : .reprice }
        let open = cart.lines.indices.filter { paid.returned[$0] < cart.lines[$0].quantity }
        let lines = open.filter { _ in random.chance(50) }.map { index in
          let left = Int(cart.lines[index].quantity - paid.returned[index])
          return PaidCart.ReturnedLine(
            id: cart.lines[index].id, quantity: Int64(random.within(1...left)))
        }
        let refund = try paid.refund(of: lines, coupons: coupons, rules: rules)
        #expect(refund.after.refunded == paid.refunded + refund.amount, "seed \(seed)")
        #expect(refund.after.refunded <= quote.payable, "seed \(seed)")
        if let rest = refund.rest, rules.partialReturn == .reprice, !isMixed {
          // The customer has paid at least what is still with them, or had nothing back for it.
          let kept = quote.payable - refund.after.refunded
          #expect(kept == rest.payable || refund.amount.isZero, "seed \(seed)")
        }
        (paid, isWhole) = (refund.after, refund.isWhole)
      }
      #expect(paid.refunded == quote.payable, "seed \(seed)")
    }
  }
}
