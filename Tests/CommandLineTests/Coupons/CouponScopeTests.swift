// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Which lines, stores, levels and companions a coupon is for (contract §5, scope and stacking).
@Suite struct CouponScopeTests {
  private let basket = cart(
    line("1", "tea", 1000, ["category": "drinks"]),
    line("2", "milk", 2000, ["category": "drinks"]), line("3", "cake", 4000),
    line("4", "tea", 8000, ["category": "sale", "full_price": false]),
    line("5", "cup", 16_000, ["category": "goods", "full_price": true]))

  /// A coupon that takes all of its scope off.
  private func all(_ scope: JSONTree) -> JSONTree {
    ["kind": "percent", "off_basis_points": 10_000, "scope": scope]
  }

  @Test func `a line is in scope when included and not excluded`() throws {
    let shop = try Shop()
    let cases: [(scope: JSONTree, lines: [Int])] = [
      ([:], [1, 2, 3, 4, 5]), (["include_skus": ["tea"]], [1, 4]),
      (["include_categories": ["drinks"]], [1, 2]),
      (["include_skus": ["cake"], "include_categories": ["goods"]], [3, 5]),
      (["exclude_skus": ["tea"]], [2, 3, 5]), (["exclude_categories": ["drinks"]], [3, 4, 5]),
      (["include_categories": ["drinks"], "exclude_skus": ["tea"]], [2]),
      (["include_skus": ["tea"], "exclude_categories": ["sale"]], [1]),
      (["full_price_only": true], [1, 2, 3, 5]),
      (["full_price_only": true, "include_skus": ["tea"]], [1]),
    ]
    for (scope, lines) in cases {
      let answer = expectResult(try shop.verify(shop.coupon(all(scope)), ["cart": basket]))
      let found = answer["/lines"]?.elements.compactMap { $0["line_id"]?.string } ?? []
      #expect(found == lines.map { "\($0)" }, "\(scope.text)")
      #expect(answer.int("/discount") == Int64(lines.reduce(0) { $0 + 500 << $1 }))
    }
    for scope in [["include_skus": ["x"]], ["include_categories": ["tea"]]] as [JSONTree] {
      #expect(try shop.reason(shop.coupon(all(scope)), ["cart": basket]) == "no_eligible_items")
    }
    try shop.close()
  }

  @Test func `minimums look at the lines in scope alone`() throws {
    let shop = try Shop()
    let scope: JSONTree = ["include_categories": ["drinks"]]
    for (minimum, reason) in [(3000, nil), (3001, "below_minimum")] as [(Int, String?)] {
      let coupon = try shop.coupon([
        "kind": "cash", "amount": 1, "scope": scope, "min_spend": .number(minimum),
      ])
      #expect(try shop.reason(coupon, ["cart": basket]) == reason)
      let steps = try shop.coupon([
        "kind": "threshold", "scope": scope, "steps": [["min": .number(minimum), "off": 1]],
      ])
      #expect(try shop.reason(steps, ["cart": basket]) == reason)
    }
    try shop.close()
  }

  @Test func `an amount is one line at full price without article or category`() throws {
    let shop = try Shop()
    let cases: [(JSONTree, String?)] = [
      (["full_price_only": true], nil), (["exclude_skus": ["tea"]], nil),
      (["exclude_categories": ["drinks"]], nil), (["include_skus": ["tea"]], "no_eligible_items"),
      (["include_categories": ["drinks"]], "no_eligible_items"),
    ]
    for (scope, reason) in cases {
      let coupon = try shop.coupon(all(scope))
      #expect(try shop.reason(coupon, ["amount": 500]) == reason, "\(scope.text)")
      // Without a price nobody asks what is bought.
      #expect(try shop.reason(coupon) == nil)
    }
    try shop.close()
  }

  @Test func `a coupon for some stores is refused in others`() throws {
    let shop = try Shop(serve: ["--store-id", "S9"])
    let coupon = try shop.coupon(all(["store_ids": ["S1", "S2"]]))
    for (store, reason) in [("S1", nil), ("S2", nil), ("S3", "wrong_store"), ("s1", "wrong_store")]
      as [(String, String?)]
    {
      #expect(try shop.reason(coupon, ["store_id": .string(store)]) == reason)
    }
    // Where the request does not say, the engine's own store counts, for a use as for a question.
    #expect(try shop.reason(coupon) == "wrong_store")
    expectRefusal(try shop.redeem(coupon), "wrong_store")
    expectRefusal(try shop.redeem(coupon, ["store_id": "S3"]), "wrong_store")
    let quote = try shop.quote(basket, [coupon])
    #expect(quote.reason(against: coupon) == "wrong_store")
    #expect(
      try shop.quote(basket, [coupon], ["store_id": "S2"]).coupons("applied") == [coupon.id])
    let used = expectResult(try shop.redeem(coupon, ["store_id": "S2"]))
    #expect(used["/entry/store_id"] == "S2")
    let again = expectRefusal(try shop.redeem(coupon, ["store_id": "S1"]), "already_redeemed")
    #expect(again.detail("store_id") == "S2")
    try shop.close()
  }

  @Test func `a default store serves a coupon for it`() throws {
    let shop = try Shop(serve: ["--store-id", "S1"])
    let coupon = try shop.coupon(all(["store_ids": ["S1"]]))
    #expect(try shop.reason(coupon) == nil)
    #expect(try shop.quote(basket, [coupon]).coupons("applied") == [coupon.id])
    expectResult(try shop.redeem(coupon))
    try shop.close()
  }

  @Test func `a coupon for a level wants an account that has it`() throws {
    let shop = try Shop()
    try shop.open("gold", ["level": "gold"])
    try shop.open("plain")
    let coupon = try shop.coupon(all(["levels": ["gold", "jade"]]))
    #expect(try shop.reason(coupon, ["card_no": "gold"]) == nil)
    #expect(try shop.reason(coupon, ["card_no": "plain"]) == "wrong_account")
    #expect(try shop.reason(coupon) == "wrong_account")
    expectRefusal(try shop.redeem(coupon), "wrong_account")
    expectRefusal(try shop.redeem(coupon, ["card_no": "plain"]), "wrong_account")
    expectResult(try shop.redeem(coupon, ["card_no": "gold"]))
    try shop.close()
  }

  @Test func `a coupon of an account serves it, and anybody who shows it alone`() throws {
    let shop = try Shop()
    try shop.open("C1")
    try shop.open("C2")
    let coupons = try shop.issue(shop.campaign(all([:])), to: "C1", 2)
    #expect(try shop.reason(coupons[0]) == nil)
    #expect(try shop.reason(coupons[0], ["card_no": "C1"]) == nil)
    #expect(try shop.reason(coupons[0], ["card_no": "C2"]) == "wrong_account")
    expectRefusal(try shop.redeem(coupons[0], ["card_no": "C2"]), "wrong_account")
    expectRefusal(try shop.reserve(coupons[0], seconds: 9, ["card_no": "C2"]), "wrong_account")
    expectResult(try shop.redeem(coupons[0], ["card_no": "C1"]))
    expectResult(try shop.redeem(coupons[1]))
    // An account that does not exist is the till's mistake, not the code's.
    expectRefusal(try shop.verify(coupons[0], ["card_no": "C9"]), "not_found")
    try shop.close()
  }

  // MARK: Stacking

  private func cash(_ stacking: JSONTree?) -> JSONTree {
    let terms: JSONTree = ["kind": "cash", "amount": 100]
    return stacking.map { terms.merging(["stacking": $0]) } ?? terms
  }

  /// How many of these coupons a list takes.
  private func taken(_ shop: Shop, _ coupons: [IssuedCoupon]) throws -> Int {
    let quote = expectResult(try shop.quote(basket, coupons))
    let refused = quote["/refused"]?.elements ?? []
    #expect(refused.allSatisfy { $0["reason"] == "not_combinable" })
    #expect(quote.coupons("applied").count + refused.count == coupons.count)
    return quote.coupons("applied").count
  }

  @Test func `two combine only when each names the other's class`() throws {
    let shop = try Shop()
    let cases: [(JSONTree?, JSONTree?, Int)] = [
      (nil, nil, 1), (nil, stacking(), 1), (stacking("a"), stacking("b"), 2),
      (["class": "a", "with": ["b"]], ["class": "b", "with": ["a"]], 2),
      (["class": "a", "with": ["b"]], ["class": "b", "with": []], 1),
      (["class": "a", "with": ["b"]], ["class": "b"], 1),
      (["class": "a", "with": ["b"]], ["class": "b", "with": ["c"]], 1),
      (["class": "a", "with": ["b"]], ["class": "b", "with": ["*"]], 2),
      (["class": "a", "with": ["a"]], ["class": "a", "with": ["a"]], 1),
      (["class": "a", "with": ["b"], "max_per_class": 2], ["class": "a", "max_per_class": 2], 1),
      (stacking("a", most: 2), stacking("a", most: 1), 1),
      (stacking("a", most: 2), stacking("a", most: 9), 2),
    ]
    for (first, second, count) in cases {
      let pair = [try shop.coupon(cash(first)), try shop.coupon(cash(second))]
      let comment = "\(first?.text ?? "none") and \(second?.text ?? "none")"
      #expect(try taken(shop, pair) == count, "\(comment)")
      #expect(try taken(shop, pair.reversed()) == count, "\(comment)")
    }
    let three = try shop.issue(shop.campaign(cash(stacking("t", most: 3))), 5)
    #expect(try taken(shop, three) == 3)
    try shop.close()
  }

  @Test func `the program bounds how many coupons one checkout takes`() throws {
    let shop = try Shop(["coupons": ["max_per_checkout": 2]])
    let coupons = try shop.issue(shop.campaign(cash(stacking())), 4)
    let quote = try shop.quote(basket, coupons)
    #expect(quote.coupons("applied") == Array(coupons.map(\.id).sorted().prefix(2)))
    #expect(
      quote["/refused"]?.elements.allSatisfy { $0["reason"] == "checkout_limit" } == true)
    try shop.close()
  }

  @Test func `a coupon that comes to nothing keeps no other out`() throws {
    let shop = try Shop()
    let idle = try shop.coupon([
      "kind": "item", "sku": "nothing", "quantity": 1,
    ])
    // Its turn comes before that of cash.
    let poor = try shop.coupon([
      "kind": "percent", "off_basis_points": 1000, "min_spend": 99_999_999,
    ])
    let good = try shop.coupon(cash(nil))
    let quote = try shop.quote(basket, [idle, poor, good])
    #expect(quote.coupons("applied") == [good.id])
    #expect(quote.reason(against: idle) == "no_eligible_items")
    #expect(quote.reason(against: poor) == "below_minimum")
    try shop.close()
  }

  @Test func `a coupon named twice counts once, however it is named`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(cash(stacking()))
    let names: JSONTree = [
      .string(coupon.id), .string(coupon.payload), .string(coupon.payload.lowercased()),
      .string(coupon.id),
    ]
    let params: JSONTree = ["cart": basket, "coupons": names]
    let quote = expectResult(try shop.ask("checkout.quote", params))
    #expect(quote.int("/discount") == 100)
    #expect(
      quote["/refused"]
        == .array(
          Array(repeating: ["coupon_id": .string(coupon.id), "reason": "duplicate"], count: 3)))
    let paid = expectResult(try shop.change("checkout.commit", params))
    #expect(paid.int("/payable") == 30_900)
    try shop.close()
  }
}
