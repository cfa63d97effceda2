// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// What trying to break the coupons brought to light, each as it first showed.
@Suite struct CouponEdgeTests {
  @Test func `a checkout takes at most 100 coupons, however many would go together`() throws {
    let shop = try Shop()
    try shop.open("C1")
    for name in ["a", "b", "c"] {
      let campaign = try shop.campaign(["kind": "cash", "amount": 1, "stacking": stacking(name)])
      _ = try shop.issue(campaign, to: "C1", 90)
    }
    let basket = cart(line("1", "a", 100_000))
    let quote = expectResult(try shop.quoteBest(basket, card: "C1"))
    #expect(quote.coupons("applied").count == 100)
    #expect(quote.coupons("refused").count == 170)
    let paid = expectResult(
      try shop.change("checkout.commit", ["cart": basket, "coupons": "auto", "card_no": "C1"]))
    #expect(paid.coupons("applied").count == 100 && paid.int("/payable") == 99_900)
    let back = expectResult(try shop.takeBackAll(paid.string("/checkout_id")))
    #expect(back["/complete"] == true)
    try shop.close()
  }

  @Test func `a coupon that is barred from the start takes nothing of another's cap`() throws {
    let shop = try Shop()
    for card in ["X", "Y"] { try shop.open(card) }
    let campaign = try shop.campaign([
      "kind": "cash", "amount": 10, "stacking": stacking(), "caps": ["per_account": 1],
    ])
    let own = try shop.issue(campaign, to: "X")
    let other = try shop.issue(campaign, to: "Y")
    expectResult(try shop.redeem(other, ["amount": 500]))
    let basket = cart(line("1", "a", 1000))
    let quote = expectResult(try shop.quote(basket, [own, other], card: "X"))
    #expect(quote.int("/payable") == 990 && quote.coupons("applied") == [own.id])
    #expect(quote.reason(against: other) == "already_redeemed")
    try shop.close()
  }

  @Test func `a used key is compared before an id is found to be none`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(["kind": "cash", "amount": 100])
    let params: JSONTree = ["coupon_id": .string(coupon.id), "idempotency_key": "k"]
    expectResult(try shop.change("coupon.void", params))
    let answer = expectRefusal(
      try shop.change("coupon.void", params.merging(["coupon_id": "nonsense"])),
      "idempotency_conflict")
    #expect(answer.field == "/coupon_id")
    try shop.close()
  }

  @Test func `a gift that was used goes for good when its use and its top-up are undone`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let campaign = try shop.campaign(["kind": "cash", "amount": 100, "stacking": stacking()])
    let rule: JSONTree = [
      "id": "r", "min_amount": 1000, "grant": ["type": "fixed", "amount": 10],
      "coupons": [["campaign_id": .string(campaign), "count": 2]],
    ]
    expectResult(try shop.set(["topup": ["bonus_rules": [rule]]]))
    let topUp = expectResult(try shop.topUp("C1", 1000))
    let gifts = try shop.issued(topUp["/bonus/coupons"])
    let use = try shop.redeem(gifts[0], ["amount": 500]).string("/redemption_id")
    let paid = expectResult(try shop.commit(cart(line("1", "a", 900)), [gifts[1]], card: "C1"))
    let undone = expectResult(try shop.reverse(try topUp.string("/entry/entry_id")))
    #expect(undone["/coupons_used"]?.elements.count == 2)
    expectResult(try shop.unredeem(use))
    #expect(try shop.reason(gifts[0]) == "void")
    expectResult(try shop.takeBackAll(try paid.string("/checkout_id")))
    #expect(try shop.reason(gifts[1]) == "void")
    try shop.close()
  }

  @Test func `a quote and a verification are for the store that the process stands in`() throws {
    let shop = try Shop(serve: ["--store-id", "S1"])
    let coupon = try shop.coupon([
      "kind": "cash", "amount": 100, "scope": ["store_ids": ["S1"]], "stacking": stacking(),
    ])
    #expect(try shop.reason(coupon) == nil)
    #expect(try shop.reason(coupon, ["store_id": "S2"]) == "wrong_store")
    let basket = cart(line("1", "a", 1000))
    #expect(expectResult(try shop.quote(basket, [coupon])).int("/payable") == 900)
    try shop.close()
  }

  @Test func `a returned checkout of a closed card is refused by the card first`() throws {
    let shop = try Shop()
    try shop.open("C1")
    expectResult(try shop.topUp("C1", 5000))
    let paid = expectResult(
      try shop.commit(cart(line("1", "a", 900)), [], card: "C1", ["stored_value": 900]))
    expectResult(try shop.card("account.close", "C1"))
    let checkout = try paid.string("/checkout_id")
    expectRefusal(try shop.takeBackAll(checkout), "account_closed")
    expectRefusal(try shop.takeBack(checkout, [("nowhere", 1)]), "account_closed")
    try shop.close()
  }

  @Test func `a scanner that ends its codes with a CR is answered at once`() throws {
    let counter = try CouponCounter()
    let codes = try counter.issue(2).map(\.payload)
    let answers = try counter.scan(codes.map { $0 + "\r" }.joined())
    #expect(answers.count == 2 && answers.allSatisfy { $0["valid"] == true })
    try counter.close()
  }
}
