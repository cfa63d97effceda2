// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Testing

private func campaign(_ members: String) -> String { #"{"name":"n",\#(members)}"# }

/// The coupons of the worked examples in spec/coupons.md; all go with each other.
private enum Worked {
  static let percent = campaign(#""kind":"percent","off_basis_points":1200,\#(anyCompany)"#)
  static let steps = campaign(
    #""kind":"threshold","steps":[{"min":30000,"off":5000},{"min":50000,"off":10000}],"#
      + anyCompany)
  static let every = campaign(
    #""kind":"threshold","steps":[{"min":20000,"off":3000}],"repeat":true,\#(anyCompany)"#)
  static let cash = campaign(#""kind":"cash","amount":5000,\#(anyCompany)"#)
  static let item = campaign(#""kind":"item","sku":"c","quantity":1,\#(anyCompany)"#)
  static let from55 = campaign(
    #""kind":"cash","amount":5000,"min_spend":55000,\#(anyCompany)"#)
}

private func price(
  _ cart: Cart, _ coupons: [PricedCoupon], limit: Int? = nil, order: [CouponKind]? = nil,
  allowances: [CampaignID: Allowance] = [:]
) -> Quote {
  var rules = CouponRules()
  rules.maximumPerCheckout = limit
  if let order { rules.applicationOrder = order }
  return Pricing.price(cart, with: coupons, rules: rules, allowances: allowances)
}

private func shares(_ quote: Quote, _ index: Int = 0) -> [Int64] {
  quote.applied[index].shares.map(\.amount.minorUnits)
}

struct PricingTests {
  private let example: Cart

  init() throws { example = try cart(of: 30_000, 20_000, 10_000) }

  @Test func `without coupons a cart costs what its lines cost`() {
    let quote = price(example, [])
    #expect(quote.subtotal == Amount(60_000) && quote.payable == Amount(60_000))
    #expect(quote.discount.isZero && quote.applied.isEmpty && quote.refused.isEmpty)
    #expect(quote.isOptimal == nil)
  }

  @Test func `one coupon of each kind, each seeing what those before it left`() throws {
    let quote = price(
      example,
      [
        try coupon("k", Worked.cash), try coupon("s", Worked.steps),
        try coupon("p", Worked.percent), try coupon("i", Worked.item),
      ])
    // Item: C for nothing. Percent: 12 % of 50,000. Steps: 44,000 reaches the first only.
    #expect(quote.appliedText == ["i 10000", "p 6000", "s 5000", "k 5000"])
    #expect(quote.payable == Amount(34_000))
    #expect(shares(quote, 0) == [10_000] && quote.applied[0].shares[0].line == 2)
    #expect(shares(quote, 1) == [3600, 2400] && shares(quote, 2) == [3000, 2000])
    #expect(shares(quote, 3) == [3000, 2000])
  }

  @Test func `the program's order of kinds decides`() throws {
    let coupons = [try coupon("s", Worked.steps), try coupon("p", Worked.percent)]
    #expect(price(example, coupons).appliedText == ["p 7200", "s 10000"])
    let other = price(example, coupons, order: [.cash, .threshold, .percent, .item])
    #expect(other.appliedText == ["s 10000", "p 6000"])
  }

  @Test func `inside a kind the bytes of the id decide`() throws {
    let half = campaign(#""kind":"percent","off_basis_points":5000,\#(anyCompany)"#)
    let third = campaign(#""kind":"percent","off_basis_points":3333,\#(anyCompany)"#)
    let odd = try cart(of: 1001)
    func applied(_ first: String, _ second: String) throws -> [String] {
      price(odd, [try coupon(first, half), try coupon(second, third)]).appliedText
    }
    #expect(try applied("a", "b") == ["a 500", "b 166"])
    #expect(try applied("b", "a") == ["a 333", "b 334"])
    #expect(try applied("a", "Z") == ["Z 333", "a 334"])
    #expect(try applied("a1", "a") == ["a 333", "a1 334"])
  }

  @Test(
    arguments: [
      (#""kind":"percent","off_basis_points":1200"#, 60_000, 7200),
      (#""kind":"percent","off_basis_points":1200"#, 8, 0),
      (#""kind":"percent","off_basis_points":1200"#, 9, 1),
      (#""kind":"percent","off_basis_points":10000"#, 7, 7),
      (#""kind":"percent","off_basis_points":1200,"max_discount":5000"#, 60_000, 5000),
      (#""kind":"percent","off_basis_points":9999"#, 1_000_000_000_000, 999_900_000_000),
      (#""kind":"cash","amount":5000"#, 4999, 4999), (#""kind":"cash","amount":5000"#, 5001, 5000),
      (#""kind":"threshold","steps":[{"min":300,"off":50},{"min":500,"off":100}]"#, 299, 0),
      (#""kind":"threshold","steps":[{"min":300,"off":50},{"min":500,"off":100}]"#, 300, 50),
      (#""kind":"threshold","steps":[{"min":300,"off":50},{"min":500,"off":100}]"#, 499, 50),
      (#""kind":"threshold","steps":[{"min":300,"off":50},{"min":500,"off":100}]"#, 500, 100),
      // The highest step counts even where a lower one would take off more.
      (#""kind":"threshold","steps":[{"min":300,"off":50},{"min":500,"off":20}]"#, 500, 20),
      (#""kind":"threshold","steps":[{"min":300,"off":50}],"max_discount":40"#, 300, 40),
      (#""kind":"threshold","steps":[{"min":200,"off":30}],"repeat":true"#, 199, 0),
      (#""kind":"threshold","steps":[{"min":200,"off":30}],"repeat":true"#, 399, 30),
      (#""kind":"threshold","steps":[{"min":200,"off":30}],"repeat":true"#, 600, 90),
      (
        #""kind":"threshold","steps":[{"min":200,"off":30}],"repeat":true,"max_discount":70"#, 600,
        70
      ),
      (
        #""kind":"threshold","steps":[{"min":1,"off":1}],"repeat":true"#, 1_000_000_000_000,
        1_000_000_000_000
      ),
      (#""kind":"cash","amount":5,"min_spend":100"#, 99, 0),
      (#""kind":"cash","amount":5,"min_spend":100"#, 100, 5),
    ] as [(String, Int64, Int64)])
  func `each kind takes off what its rule says`(
    _ members: String, _ amount: Int64, _ expected: Int64
  ) throws {
    let quote = price(Cart(amount: Amount(amount)), [try coupon("c", campaign(members))])
    #expect(quote.discount == Amount(expected) && quote.payable == Amount(amount - expected))
    #expect(quote.applied.count == (expected > 0 ? 1 : 0))
  }

  @Test func `a minimum compares with what is left at the coupon's turn`() throws {
    let coupons = [try coupon("k", Worked.from55), try coupon("p", Worked.percent)]
    let quote = price(example, coupons)
    #expect(quote.appliedText == ["p 7200"] && quote.refusedText == ["k below_minimum"])
    #expect(price(example, [coupons[0]]).appliedText == ["k 5000"])
  }

  @Test func `a discount is spread by largest remainder over the lines in scope`() throws {
    let lines = try cart(of: 2990, 1990, 990, 50_000)
    let scoped = campaign(#""kind":"cash","amount":1000,"scope":{"exclude_skus":["d"]}"#)
    let quote = price(lines, [try coupon("c", scoped)])
    #expect(shares(quote) == [501, 333, 166] && quote.applied[0].shares.map(\.line) == [0, 1, 2])
    let two = price(
      try cart(of: 1, 1, 2), [try coupon("c", campaign(#""kind":"cash","amount":2"#))])
    #expect(two.applied[0].shares.map(\.line) == [0, 2])
  }
}

struct ItemPricingTests {
  private func item(_ quantity: Int, _ more: String = "") -> String {
    campaign(#""kind":"item","sku":"a","quantity":\#(quantity),\#(more)\#(anyCompany)"#)
  }

  /// Lines of SKU `a` unless named otherwise: quantity, unit price.
  private func lines(_ lines: (Int, Int)..., sku: [Int: String] = [:]) throws -> Cart {
    let list = lines.enumerated().map { index, line in
      """
      {"line_id":"\(index)","sku":"\(sku[index] ?? "a")","quantity":\(line.0),\
      "unit_price":\(line.1)}
      """
    }
    return try cart("{\"lines\":[\(list.joined(separator: ","))]}")
  }

  private func given(_ quote: Quote) -> [[Int: Int64]] {
    quote.applied.map { coupon in
      Dictionary(uniqueKeysWithValues: coupon.shares.map { ($0.line, $0.amount.minorUnits) })
    }
  }

  @Test func `the dearest units are given, of equals the earlier`() throws {
    let cart = try lines((2, 500), (1, 600), (1, 500))
    #expect(given(price(cart, [try coupon("1", item(1))])) == [[1: 600]])
    #expect(given(price(cart, [try coupon("1", item(2))])) == [[1: 600, 0: 500]])
    #expect(given(price(cart, [try coupon("1", item(3))])) == [[1: 600, 0: 1000]])
    #expect(given(price(cart, [try coupon("1", item(9))])) == [[1: 600, 0: 1000, 2: 500]])
    #expect(price(cart, [try coupon("1", item(9))]).applied[0].shares.map(\.line) == [0, 1, 2])
  }

  @Test func `a unit is given once, and two coupons give two`() throws {
    let coupons = [try coupon("1", item(1)), try coupon("2", item(1)), try coupon("3", item(1))]
    let two = price(try lines((1, 500), (1, 400)), coupons)
    #expect(given(two) == [[0: 500], [1: 400]] && two.refusedText == ["3 no_eligible_items"])
    let one = price(try lines((2, 500)), coupons)
    #expect(given(one) == [[0: 500], [0: 500]] && one.payable.isZero)
    let mixed = price(
      try lines((2, 500), (1, 400)), [try coupon("1", item(1)), try coupon("2", item(2))])
    #expect(given(mixed) == [[0: 500], [0: 500, 1: 400]])
  }

  @Test func `units are worth at most what their line has left`() throws {
    let percent = campaign(#""kind":"percent","off_basis_points":4000,\#(anyCompany)"#)
    let cart = try lines((2, 500), (1, 300))
    func after(_ quantity: Int) throws -> [[Int: Int64]] {
      given(
        price(
          cart, [try coupon("1", item(quantity)), try coupon("p", percent)],
          order: [.percent, .item, .cash, .threshold]))
    }
    // The lines have 600 and 180 left: one unit is worth 500, two are worth 600.
    #expect(try after(1)[1] == [0: 500])
    #expect(try after(2)[1] == [0: 600])
    #expect(try after(3)[1] == [0: 600, 1: 180])
  }

  @Test func `a line with nothing left is passed over`() throws {
    let all = campaign(
      #""kind":"percent","off_basis_points":10000,"scope":{"include_categories":["k"]},"#
        + anyCompany)
    let cart = try cart(
      #"""
      {"lines":[{"line_id":"1","sku":"a","category":"k","quantity":1,"unit_price":900},
      {"line_id":"2","sku":"a","quantity":1,"unit_price":100}]}
      """#)
    let quote = price(
      cart, [try coupon("1", item(1)), try coupon("p", all)],
      order: [.percent, .item, .cash, .threshold])
    #expect(given(quote) == [[0: 900], [1: 100]])
  }

  @Test func `the minimum of an item coupon looks at all lines in scope`() throws {
    let cart = try lines((1, 500), (1, 9500), sku: [1: "b"])
    #expect(
      price(cart, [try coupon("1", item(1, #""min_spend":10000,"#))]).appliedText == ["1 500"])
    let more = price(cart, [try coupon("1", item(1, #""min_spend":10001,"#))])
    #expect(more.refusedText == ["1 below_minimum"])
    let own = item(1, #""min_spend":501,"scope":{"include_skus":["a"]},"#)
    #expect(price(cart, [try coupon("1", own)]).refusedText == ["1 below_minimum"])
  }

  @Test func `units out of scope are not given`() throws {
    let cart = try cart(
      #"""
      {"lines":[{"line_id":"1","sku":"a","quantity":1,"unit_price":900,"full_price":false},
      {"line_id":"2","sku":"a","quantity":1,"unit_price":800}]}
      """#)
    let full = item(2, #""scope":{"full_price_only":true},"#)
    #expect(given(price(cart, [try coupon("1", full)])) == [[1: 800]])
    #expect(
      price(Cart(amount: Amount(900)), [try coupon("1", item(1))]).refusedText
        == ["1 no_eligible_items"])
  }

  @Test func `huge quantities and prices do not overflow`() throws {
    let cart = try cart(
      #"""
      {"lines":[{"line_id":"1","sku":"a","quantity":999999999999,"unit_price":1},
      {"line_id":"2","sku":"a","quantity":1000000000000,"unit_price":0}]}
      """#)
    #expect(price(cart, [try coupon("1", item(1_000_000))]).discount == Amount(1_000_000))
  }
}

struct ListPricingTests {
  private func stacked(
    _ name: String, _ ownClass: String?, _ with: String = #""*""#, most: Int = 1, amount: Int = 100,
    more: String = "", campaign: String? = nil, barrier: CouponRefusal? = nil
  ) throws -> PricedCoupon {
    let stacking = ownClass.map {
      #","stacking":{"class":"\#($0)","with":[\#(with)],"max_per_class":\#(most)}"#
    }
    return try coupon(
      name,
      #"{"name":"n","kind":"cash","amount":\#(amount)\#(more)\#(stacking ?? "")}"#,
      campaign: campaign, barrier: barrier)
  }

  private let amount = Cart(amount: Amount(10_000))

  private func outcome(_ coupons: [PricedCoupon], limit: Int? = nil) -> [String] {
    let quote = price(amount, coupons, limit: limit)
    #expect(price(amount, coupons.reversed(), limit: limit) == quote)
    return quote.appliedText.map { String($0.prefix { $0 != " " }) } + quote.refusedText
  }

  @Test func `two combine only when each names the other's class`() throws {
    let a = try stacked("1", "a", #""b""#)
    #expect(outcome([a, try stacked("2", "b", #""a""#)]) == ["1", "2"])
    #expect(outcome([a, try stacked("2", "b", #""*""#)]) == ["1", "2"])
    #expect(outcome([a, try stacked("2", "b", #""c""#)]) == ["1", "2 not_combinable"])
    #expect(outcome([a, try stacked("2", "c", #""*""#)]) == ["1", "2 not_combinable"])
    #expect(outcome([a, try stacked("2", "c", "")]) == ["1", "2 not_combinable"])
    #expect(
      outcome([a, try stacked("2", "c"), try stacked("3", "b", #""a""#)])
        == ["1", "3", "2 not_combinable"])
  }

  @Test func `without stacking a coupon never combines`() throws {
    let (alone, friendly) = (try stacked("1", nil), try stacked("2", "a"))
    #expect(outcome([alone, friendly]) == ["1", "2 not_combinable"])
    #expect(outcome([try stacked("1", "a"), try stacked("2", nil)]) == ["1", "2 not_combinable"])
    #expect(outcome([alone, try stacked("2", nil)]) == ["1", "2 not_combinable"])
    #expect(outcome([alone]) == ["1"])
  }

  @Test func `of one class as many go together as the smallest limit says`() throws {
    func three(_ limits: [Int], _ with: String = #""a""#) throws -> [String] {
      outcome(try limits.enumerated().map { try stacked("\($0)", "a", with, most: $1) })
    }
    #expect(try three([3, 3, 3]) == ["0", "1", "2"])
    #expect(try three([2, 3, 3]) == ["0", "1", "2 not_combinable"])
    #expect(try three([3, 3, 2]) == ["0", "1", "2 not_combinable"])
    #expect(try three([3, 1, 3]) == ["0", "2", "1 not_combinable"])
    #expect(try three([1, 3, 3]) == ["0", "1 not_combinable", "2 not_combinable"])
    #expect(try three([3, 3, 3], #""*""#) == ["0", "1", "2"])
    #expect(try three([3, 3, 3], #""b""#) == ["0", "1 not_combinable", "2 not_combinable"])
    // The limits of other classes do not count.
    #expect(
      outcome([
        try stacked("0", "b", most: 1), try stacked("1", "a", most: 2),
        try stacked("2", "a", most: 2),
      ]) == ["0", "1", "2"])
  }

  @Test func `a coupon that comes to nothing keeps no other out`() throws {
    let dear = try stacked("1", nil, amount: 100, more: #","min_spend":10001"#)
    #expect(outcome([dear, try stacked("2", "a")]) == ["2", "1 below_minimum"])
    let scoped = try stacked("1", nil, more: #","scope":{"include_skus":["z"]}"#)
    #expect(outcome([scoped, try stacked("2", "a")], limit: 1) == ["2", "1 no_eligible_items"])
    let all = try stacked("1", "a", amount: 10_000)
    #expect(outcome([all, try stacked("2", "b")]) == ["1", "2 no_eligible_items"])
  }

  @Test func `a coupon below its minimum is so even when none of its lines is there`() throws {
    let scoped = try stacked("1", nil, more: #","min_spend":5,"scope":{"include_skus":["z"]}"#)
    #expect(outcome([scoped]) == ["1 below_minimum"])
    let steps = try coupon(
      "1", #"{"name":"n","kind":"threshold","steps":[{"min":10001,"off":1}]}"#)
    #expect(outcome([steps]) == ["1 below_minimum"])
    let small = try coupon("1", #"{"name":"n","kind":"percent","off_basis_points":1}"#)
    #expect(price(Cart(amount: Amount(9999)), [small]).refusedText == ["1 no_eligible_items"])
  }

  @Test func `no more are taken than the program allows`() throws {
    let five = try (1...5).map { try stacked("\($0)", "a", most: 9) }
    #expect(outcome(five, limit: 3) == ["1", "2", "3", "4 checkout_limit", "5 checkout_limit"])
    #expect(outcome(five, limit: 5) == ["1", "2", "3", "4", "5"])
    #expect(outcome([five[0], try stacked("2", "b", "")], limit: 1) == ["1", "2 not_combinable"])
  }

  @Test func `a coupon that is named twice counts once`() throws {
    let (one, two) = (try stacked("1", "a", most: 9), try stacked("2", "a", most: 9))
    #expect(outcome([one, two, one, one]) == ["1", "2", "1 duplicate", "1 duplicate"])
    let void = try stacked("1", "a", barrier: .void)
    #expect(outcome([void, void, two]) == ["2", "1 void", "1 duplicate"])
  }

  @Test func `what bars a coupon is said first`() throws {
    for barrier in CouponRefusal.allCases {
      let barred = try stacked("1", nil, more: #","min_spend":10001"#, barrier: barrier)
      #expect(outcome([barred, try stacked("2", "a")]) == ["2", "1 \(barrier.rawValue)"])
    }
  }

  @Test func `within a checkout the later coupon meets the cap`() throws {
    let own = CampaignID("cmp_x")
    let three = try (1...3).map { try stacked("\($0)", "a", most: 9, campaign: "x") }
    let other = try stacked("4", "a", most: 9)
    func outcome(_ allowance: Allowance) -> [String] {
      let quote = price(amount, three + [other], allowances: [own: allowance])
      return quote.appliedText + quote.refusedText
    }
    #expect(outcome(Allowance()) == ["1 100", "2 100", "3 100", "4 100"])
    #expect(outcome(Allowance(redemptions: 2)) == ["1 100", "2 100", "4 100", "3 cap_reached"])
    #expect(
      outcome(Allowance(redemptions: 0))
        == ["4 100", "1 cap_reached", "2 cap_reached", "3 cap_reached"])
    // Nothing is clipped to what a budget has left.
    #expect(
      outcome(Allowance(budget: Amount(199)))
        == ["1 100", "4 100", "2 cap_reached", "3 cap_reached"])
    #expect(
      outcome(Allowance(budget: Amount(200))) == ["1 100", "2 100", "4 100", "3 cap_reached"])
    #expect(
      outcome(Allowance(budget: .zero)) == [
        "4 100", "1 cap_reached", "2 cap_reached", "3 cap_reached",
      ])
  }

  @Test func `of several caps the tightest counts`() {
    #expect(
      Allowance(
        total: 5, perAccount: 3, perAccountPerDay: nil, redemptionsPerDay: 4, budget: Amount(7))
        == Allowance(redemptions: 3, budget: Amount(7)))
    #expect(
      Allowance(
        total: nil, perAccount: nil, perAccountPerDay: 2, redemptionsPerDay: -1, budget: nil)
        == Allowance(redemptions: 0))
    #expect(
      Allowance(
        total: nil, perAccount: nil, perAccountPerDay: nil, redemptionsPerDay: nil, budget: nil)
        == Allowance())
    #expect(
      Allowance(total: 1, perAccount: 2, perAccountPerDay: 2, redemptionsPerDay: 2, budget: nil)
        == Allowance(redemptions: 1))
  }

  @Test func `a coupon that is over its budget keeps no other out`() throws {
    let alone = try stacked("1", nil, campaign: "x")
    let quote = price(
      amount, [alone, try stacked("2", "a")],
      allowances: [CampaignID("cmp_x"): Allowance(budget: Amount(99))])
    #expect(quote.appliedText == ["2 100"] && quote.refusedText == ["1 cap_reached"])
  }
}
