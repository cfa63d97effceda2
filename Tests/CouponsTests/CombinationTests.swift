// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Testing

private func best(
  _ cart: Cart, _ coupons: [PricedCoupon], limit: Int? = nil,
  allowances: [CampaignID: Allowance] = [:], effort: Int = Combination.defaultEffort
) -> Quote {
  var rules = CouponRules()
  rules.maximumPerCheckout = limit
  return Combination.best(
    for: cart, among: coupons, rules: rules, allowances: allowances, effort: effort)
}

/// A cash coupon that goes with all others, so many of its class.
private func money(
  _ name: String, _ amount: Int, more: String = "", campaign: String? = nil, expires: Int64? = nil
) throws -> PricedCoupon {
  try coupon(
    name, #"{"name":"n","kind":"cash","amount":\#(amount),\#(more)\#(anyCompany)}"#,
    campaign: campaign, expires: expires)
}

private func exclusive(_ name: String, _ members: String) throws -> PricedCoupon {
  try coupon(name, #"{"name":"n",\#(members)}"#)
}

struct CombinationTests {
  private let amount = Cart(amount: Amount(10_000))

  @Test func `without coupons there is nothing to combine`() {
    let quote = best(amount, [])
    #expect(quote.payable == Amount(10_000) && quote.isOptimal == true)
    #expect(quote.applied.isEmpty && quote.refused.isEmpty)
  }

  @Test func `one that never combines is weighed against several that do`() throws {
    let several = [try money("1", 600), try money("2", 700)]
    let strong = try exclusive("3", #""kind":"percent","off_basis_points":1301"#)
    let weak = try exclusive("3", #""kind":"percent","off_basis_points":1299"#)
    #expect(best(amount, several + [strong]).appliedText == ["3 1301"])
    #expect(
      best(amount, several + [strong]).refusedText == ["1 not_combinable", "2 not_combinable"])
    #expect(best(amount, several + [weak]).appliedText == ["1 600", "2 700"])
    // Equal: fewer coupons.
    let equal = try exclusive("3", #""kind":"percent","off_basis_points":1300"#)
    #expect(best(amount, several + [equal]).appliedText == ["3 1300"])
  }

  @Test func `taking less can be better where a minimum would be missed`() throws {
    let percent = try coupon(
      "p", #"{"name":"n","kind":"percent","off_basis_points":500,\#(anyCompany)}"#)
    let steps = try coupon(
      "s", #"{"name":"n","kind":"threshold","steps":[{"min":10000,"off":2000}],\#(anyCompany)}"#)
    let quote = best(amount, [percent, steps])
    #expect(quote.appliedText == ["s 2000"] && quote.payable == Amount(8000))
    // It could be taken, but would make nothing cheaper.
    #expect(quote.refusedText == ["p not_combinable"])
  }

  @Test func `the limit of a checkout takes the best of them`() throws {
    let coupons = [try money("1", 100), try money("2", 300), try money("3", 200)]
    let quote = best(amount, coupons, limit: 2)
    #expect(quote.appliedText == ["2 300", "3 200"] && quote.refusedText == ["1 checkout_limit"])
  }

  @Test func `of equal ones the earliest expiries are used up first`() throws {
    let coupons = [
      try money("1", 100, expires: 3000), try money("2", 100, expires: 1000),
      try money("3", 100), try money("4", 100, expires: 2000),
    ]
    #expect(best(amount, coupons, limit: 1).appliedText == ["2 100"])
    #expect(best(amount, coupons, limit: 2).appliedText == ["2 100", "4 100"])
    #expect(best(amount, coupons, limit: 3).appliedText == ["1 100", "2 100", "4 100"])
  }

  @Test func `expiries are compared from the earliest on, before ids`() throws {
    // {1, 4} expire at 1 and 9; {2, 3} at 2 and 2. The earliest decides.
    let pairs = [
      try money("1", 100, expires: 9), try money("2", 100, expires: 2),
      try money("3", 100, expires: 2), try money("4", 100, expires: 1),
    ]
    #expect(best(amount, pairs, limit: 2).appliedText == ["2 100", "4 100"])
    let equal = [
      try money("3", 100, expires: 5), try money("1", 100, expires: 5),
      try money("2", 100, expires: 5),
    ]
    #expect(best(amount, equal, limit: 2).appliedText == ["1 100", "2 100"])
    let bytes = [try money("a", 100), try money("Z", 100)]
    #expect(best(amount, bytes, limit: 1).appliedText == ["Z 100"])
  }

  @Test func `ties are broken across different campaigns too`() throws {
    let percent = try coupon(
      "1", #"{"name":"n","kind":"percent","off_basis_points":100,\#(anyCompany)}"#, expires: 2000)
    let cash = try money("2", 100, expires: 1000)
    #expect(best(amount, [percent, cash], limit: 1).appliedText == ["2 100"])
  }

  @Test func `no coupon is used that is not needed`() throws {
    let coupons = [
      try money("1", 4000), try money("2", 6000), try money("3", 7000), try money("4", 3000),
    ]
    let quote = best(amount, coupons)
    #expect(quote.payable.isZero && quote.applied.count == 2)
    #expect(quote.appliedText == ["1 4000", "2 6000"])
    #expect(quote.refusedText == ["3 no_eligible_items", "4 no_eligible_items"])
  }

  @Test func `whatever is not used says why`() throws {
    let coupons = [
      try money("1", 500),
      try coupon("2", cash(#""min_spend":10001"#)),
      try coupon("3", cash(#""scope":{"include_skus":["z"]}"#)),
      try coupon("4", cash(), barrier: .outsideWindow),
      try exclusive("5", #""kind":"cash","amount":400"#),
      try money("6", 300, campaign: "capped"), try money("7", 300, campaign: "capped"),
      try money("8", 200, more: #""min_spend":9300,"#),
      try money("1", 500),
    ]
    let quote = best(
      amount, coupons, allowances: [CampaignID("cmp_capped"): Allowance(redemptions: 1)])
    #expect(quote.appliedText == ["1 500", "6 300"])
    #expect(
      quote.refusedText == [
        "1 duplicate", "2 below_minimum", "3 no_eligible_items", "4 outside_window",
        "5 not_combinable", "7 cap_reached", "8 below_minimum",
      ])
  }

  @Test func `a budget that a coupon alone would break may fit beside another`() throws {
    // Alone 60 % of 10,000 is above 5,000; after 2,000 off it is 4,800.
    let percent = try coupon(
      "p", #"{"name":"n","kind":"percent","off_basis_points":6000,\#(anyCompany)}"#)
    var rules = CouponRules()
    rules.applicationOrder = [.cash, .percent, .item, .threshold]
    let quote = Combination.best(
      for: amount, among: [percent, try money("c", 2000)], rules: rules,
      allowances: [CampaignID("cmp_p"): Allowance(budget: Amount(5000))])
    #expect(quote.appliedText == ["c 2000", "p 4800"])
  }

  @Test func `a proof that is cut short says so, and answers what was found`() throws {
    let coupons = try (0..<12).map { index in
      try money("\(index)", 100 + index * 7, more: #""min_spend":\#(9000 + index * 50),"#)
    }
    let cut = best(amount, coupons, effort: 0)
    let full = best(amount, coupons)
    #expect(cut.isOptimal == false && full.isOptimal == true)
    #expect(cut.payable >= full.payable && cut.payable < amount.subtotal)
    #expect(best(amount, coupons, effort: 0) == cut)
    #expect(cut.applied.count + cut.refused.count == 12)
  }

  @Test func `where nothing is left to pay no proof is missing`() throws {
    let coupons = try (0..<12).map { try money("\($0)", 1000 + $0 * 500) }
    let cut = best(amount, coupons, effort: 0)
    #expect(cut.payable.isZero && cut.isOptimal == true)
    #expect(best(amount, coupons).applied.count == 2)
  }

  @Test func `of many ways to pay for everything the fewest coupons and earliest expiries win`()
    throws
  {
    // Any three of 4,000 do, and no two; of the 5,000 two do. The earliest of those are taken.
    var coupons = try (0..<20).map { try money("a\($0)", 4000, expires: Int64($0)) }
    coupons += try (0..<20).map { try money("b\($0)", 5000 + $0, expires: Int64(100 - $0)) }
    let quote = best(amount, coupons)
    #expect(quote.appliedText == ["b18 5018", "b19 4982"] && quote.isOptimal == true)
  }

  @Test func `a cart that costs nothing needs no coupon`() throws {
    let quote = best(Cart(amount: .zero), [try money("1", 100)])
    #expect(quote.payable.isZero && quote.refusedText == ["1 no_eligible_items"])
    #expect(quote.isOptimal == true)
  }

  @Test func `the largest amounts are priced exactly`() throws {
    let cart = try cart(
      #"""
      {"lines":[{"line_id":"1","sku":"a","quantity":1,"unit_price":499999999999},
      {"line_id":"2","sku":"b","quantity":1,"unit_price":500000000001}]}
      """#)
    let coupons = [
      try coupon("p", #"{"name":"n","kind":"percent","off_basis_points":3333,\#(anyCompany)}"#),
      try coupon(
        "s",
        #"{"name":"n","kind":"threshold","steps":[{"min":3,"off":1}],"repeat":true,"#
          + #""scope":{"include_skus":["b"]},\#(anyCompany)}"#),
      try money("c", 1_000_000_000_000, more: #""scope":{"include_skus":["a"]},"#),
    ]
    let quote = best(cart, coupons)
    #expect(quote.isOptimal == true && quote.applied.count == 3)
    #expect(quote.payable == Amount(222_233_333_334))
  }
}
