// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// What each kind of coupon takes off (contract §5, campaign; §9, Coupon arithmetic).
@Suite struct CouponKindTests {
  /// What a coupon takes off an amount.
  private func discount(_ shop: Shop, _ coupon: IssuedCoupon, off amount: Int) throws -> Int64? {
    let answer = expectResult(try shop.verify(coupon, ["amount": .number(amount)]))
    let discount = answer.int("/discount")
    if let discount { #expect(answer.int("/payable") == Int64(amount) - discount) }
    return discount
  }

  @Test func `percent takes a part off, rounded down`() throws {
    let shop = try Shop()
    let cases: [(terms: JSONTree, amount: Int, off: Int64)] = [
      (["off_basis_points": 1200], 10_000, 1200), (["off_basis_points": 1200], 9, 1),
      (["off_basis_points": 1200], 99, 11), (["off_basis_points": 1], 10_000, 1),
      (["off_basis_points": 10_000], 777, 777), (["off_basis_points": 9999], 1_000, 999),
      (["off_basis_points": 1200, "max_discount": 500], 10_000, 500),
      (["off_basis_points": 1200, "max_discount": 500], 4_000, 480),
      (["off_basis_points": 9999], 1_000_000_000_000, 999_900_000_000),
    ]
    for (terms, amount, off) in cases {
      let coupon = try shop.coupon(terms.merging(["kind": "percent"]))
      #expect(try discount(shop, coupon, off: amount) == off, "\(terms.text) off \(amount)")
    }
    // What comes to nothing is refused and not used up.
    let crumb = try shop.coupon(["kind": "percent", "off_basis_points": 1200])
    #expect(try shop.reason(crumb, ["amount": 8]) == "no_eligible_items")
    expectRefusal(try shop.redeem(crumb, ["amount": 8]), "no_eligible_items")
    #expect(try shop.status(crumb) == "issued")
    try shop.close()
  }

  @Test func `cash takes its amount off, and never more than there is`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(["kind": "cash", "amount": 500])
    for (amount, off) in [(10_000, 500), (501, 500), (500, 500), (499, 499), (1, 1)] {
      #expect(try discount(shop, coupon, off: amount) == Int64(off))
    }
    try shop.close()
  }

  @Test func `threshold gives the highest step that is reached`() throws {
    let shop = try Shop()
    let steps: JSONTree = [["min": 10_000, "off": 1000], ["min": 20_000, "off": 3000]]
    let coupon = try shop.coupon(["kind": "threshold", "steps": steps])
    for (amount, off) in [(10_000, 1000), (19_999, 1000), (20_000, 3000), (99_999, 3000)] {
      #expect(try discount(shop, coupon, off: amount) == Int64(off))
    }
    #expect(try shop.reason(coupon, ["amount": 9999]) == "below_minimum")
    // The highest step counts even where a lower one gives more.
    let odd = try shop.coupon([
      "kind": "threshold", "steps": [["min": 100, "off": 50], ["min": 200, "off": 20]],
    ])
    #expect(try discount(shop, odd, off: 200) == 20)
    try shop.close()
  }

  @Test func `a repeating threshold gives its step once for each time it is reached`() throws {
    let shop = try Shop()
    let terms: JSONTree = [
      "kind": "threshold", "steps": [["min": 10_000, "off": 1500]], "repeat": true,
    ]
    let coupon = try shop.coupon(terms)
    for (amount, off) in [(10_000, 1500), (19_999, 1500), (20_000, 3000), (35_000, 4500)] {
      #expect(try discount(shop, coupon, off: amount) == Int64(off))
    }
    #expect(try shop.reason(coupon, ["amount": 9999]) == "below_minimum")
    let bounded = try shop.coupon(terms.merging(["max_discount": 2000]))
    for (amount, off) in [(10_000, 1500), (20_000, 2000), (90_000, 2000)] {
      #expect(try discount(shop, bounded, off: amount) == Int64(off))
    }
    try shop.close()
  }

  @Test func `item gives the dearest units of its article`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(["kind": "item", "sku": "tea", "quantity": 3])
    let basket = cart(
      line("1", "tea", 800, times: 2), line("2", "cake", 9000), line("3", "tea", 1200, times: 2))
    let answer = expectResult(try shop.verify(coupon, ["cart": basket]))
    #expect(answer.int("/discount") == 3200)
    #expect(
      answer["/lines"] == [
        ["line_id": "1", "discount": 800], ["line_id": "3", "discount": 2400],
      ])
    // Fewer units than it is for, then none.
    let one = cart(line("1", "tea", 800))
    #expect(try shop.verify(coupon, ["cart": one]).int("/discount") == 800)
    let other = cart(line("1", "cake", 800))
    #expect(try shop.reason(coupon, ["cart": other]) == "no_eligible_items")
    // An amount has no article.
    #expect(try shop.reason(coupon, ["amount": 800]) == "no_eligible_items")
    try shop.close()
  }

  @Test func `an item is worth at most what is left of its line, minimums look at all lines`()
    throws
  {
    let shop = try Shop()
    try expectSet(
      shop, ["coupons": ["application_order": ["cash", "item", "percent", "threshold"]]])
    let cash = try shop.coupon(["kind": "cash", "amount": 700, "stacking": stacking()])
    let tea = try shop.coupon([
      "kind": "item", "sku": "tea", "quantity": 1, "stacking": stacking(), "min_spend": 400,
    ])
    let answer = try shop.quote(cart(line("1", "tea", 1000)), [tea, cash])
    #expect(answer.int("/discount") == 700)
    #expect(answer.reason(against: tea) == "below_minimum")
    let more = try shop.quote(cart(line("1", "tea", 1000), line("2", "cup", 400)), [tea, cash])
    // 700 over 1000 and 400 leaves 500 and 200: the tea is worth 500.
    #expect(more.int("/discount") == 1200)
    #expect(more.coupons("applied") == [cash.id, tea.id])
    try shop.close()
  }

  private func expectSet(_ shop: Shop, _ program: JSONTree) throws {
    expectResult(try shop.set(program))
  }

  @Test func `a discount is spread over its lines by largest remainder`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(["kind": "cash", "amount": 100])
    let equal = cart(line("a", "x", 100), line("b", "x", 100), line("c", "x", 100))
    #expect(
      try shop.verify(coupon, ["cart": equal])["/lines"] == [
        ["line_id": "a", "discount": 34], ["line_id": "b", "discount": 33],
        ["line_id": "c", "discount": 33],
      ])
    // 100 over 1, 2 and 4 of 700: 14.29, 28.57 and 57.14.
    let uneven = cart(line("a", "x", 100), line("b", "x", 200), line("c", "x", 400))
    #expect(
      try shop.verify(coupon, ["cart": uneven])["/lines"] == [
        ["line_id": "a", "discount": 14], ["line_id": "b", "discount": 29],
        ["line_id": "c", "discount": 57],
      ])
    // A line that costs nothing gets nothing.
    let free = cart(line("a", "x", 0), line("b", "x", 500))
    #expect(
      try shop.verify(coupon, ["cart": free])["/lines"] == [["line_id": "b", "discount": 100]])
    try shop.close()
  }

  @Test func `coupons apply in the program's order, inside a kind by their ids`() throws {
    let shop = try Shop()
    let percent = try shop.coupon([
      "kind": "percent", "off_basis_points": 5000, "stacking": stacking(),
    ])
    let cash = try shop.issue(
      shop.campaign(["kind": "cash", "amount": 300, "stacking": stacking()]), 3)
    let basket = cart(line("1", "a", 1000))
    let first = try shop.quote(basket, [cash[0], percent])
    #expect(first.int("/payable") == 200)
    #expect(first.coupons("applied") == [percent.id, cash[0].id])
    let ids = try shop.quote(basket, cash.reversed()).coupons("applied")
    #expect(ids == ids.sorted() && ids.count == 3)
    try expectSet(
      shop, ["coupons": ["application_order": ["cash", "item", "percent", "threshold"]]])
    let second = try shop.quote(basket, [cash[0], percent])
    #expect(second.int("/payable") == 350)
    #expect(second.coupons("applied") == [cash[0].id, percent.id])
    try shop.close()
  }
}
