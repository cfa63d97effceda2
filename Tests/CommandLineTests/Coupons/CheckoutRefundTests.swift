// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Goods come back: money to its lots, and the coupons once all is back (contract §5; issue 3, 4).
@Suite struct CheckoutRefundTests {
  /// Three lines of 3,000, 2 × 1,000 and 500, and a coupon that takes 550 off.
  private let basket = cart(
    line("a", "x", 3000), line("b", "y", 1000, times: 2), line("c", "z", 500))

  private func opened(_ program: JSONTree? = nil) throws -> (shop: Shop, coupon: IssuedCoupon) {
    let shop = try Shop(program)
    try shop.open("C1", topUp: 10_000)
    return (shop, try shop.coupon(["kind": "percent", "off_basis_points": 1000], to: "C1"))
  }

  private func pay(_ shop: Shop, _ coupon: IssuedCoupon, _ value: Int = 4950) throws -> String {
    let paid = expectResult(
      try shop.commit(
        basket, [coupon], card: "C1",
        ["expected_payable": 4950, "stored_value": .number(value)]))
    return try paid.string("/checkout_id")
  }

  @Test func `all that comes back brings the money and the coupon, once`() throws {
    let (shop, coupon) = try opened()
    let checkout = try pay(shop, coupon)
    #expect(try shop.balance("C1") == 5050)
    let back = expectResult(try shop.takeBackAll(checkout))
    #expect(back["/checkout_id"] == .string(checkout) && back["/complete"] == true)
    #expect(back.int("/amount") == 4950 && back.int("/to_card") == 4950)
    #expect(back.int("/to_pay_out") == 0)
    #expect(back["/coupons_returned"] == [.string(coupon.id)])
    #expect(try shop.balance("C1") == 10_000 && shop.reason(coupon) == nil)
    expectRefusal(try shop.takeBackAll(checkout), "already_refunded", field: "/checkout_id")
    expectRefusal(try shop.takeBack(checkout, [("a", 1)]), "already_refunded")
    // Used again, it does not come back with the first checkout.
    let second = try pay(shop, coupon)
    expectRefusal(try shop.takeBackAll(checkout), "already_refunded")
    #expect(try shop.status(coupon) == "redeemed")
    expectResult(try shop.takeBackAll(second))
    #expect(try shop.balance("C1") == 10_000)
    try shop.close()
  }

  @Test func `by share a part brings what was paid for it, and the rest the rest`() throws {
    let (shop, coupon) = try opened()
    let checkout = try pay(shop, coupon)
    // 3000, 2000 and 500 less 300, 200 and 50.
    let first = expectResult(try shop.takeBack(checkout, [("a", 1)]))
    #expect(first.int("/amount") == 2700 && first["/complete"] == false)
    #expect(first["/coupons_returned"] == [] && first["/entry/kind"] == "checkout_refund")
    #expect(try shop.reason(coupon) == "already_redeemed")
    let second = expectResult(try shop.takeBack(checkout, [("b", 1), ("c", 1)]))
    #expect(second.int("/amount") == 1350)
    let last = expectResult(try shop.takeBackAll(checkout))
    #expect(last.int("/amount") == 900 && last["/complete"] == true)
    #expect(last["/coupons_returned"] == [.string(coupon.id)])
    #expect(try shop.balance("C1") == 10_000)
    try shop.close()
  }

  @Test func `cents that do not divide come with the last unit`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let coupon = try shop.coupon(["kind": "cash", "amount": 100], to: "C1")
    let three = cart(line("a", "x", 100, times: 3))
    let paid = expectResult(
      try shop.commit(three, [coupon], card: "C1", ["stored_value": 200]))
    let checkout = try paid.string("/checkout_id")
    var amounts: [Int64?] = []
    for _ in 0..<3 { amounts.append(try shop.takeBack(checkout, [("a", 1)]).int("/amount")) }
    #expect(amounts == [66, 67, 67] && amounts.compactMap(\.self).reduce(0, +) == 200)
    #expect(try shop.status(coupon) == "issued")
    try shop.close()
  }

  @Test func `by reprice what stays is priced again with the same coupon`() throws {
    let shop = try Shop(["coupons": ["partial_return": "reprice"]])
    try shop.open("C1", topUp: 10_000)
    let coupon = try shop.coupon(
      ["kind": "threshold", "steps": [["min": 5000, "off": 1000]]], to: "C1")
    let paid = expectResult(
      try shop.commit(basket, [coupon], card: "C1", ["stored_value": 4500]))
    let checkout = try paid.string("/checkout_id")
    // 5000 are left: the coupon still gives its 1000.
    let first = expectResult(try shop.takeBack(checkout, [("c", 1)]))
    #expect(first.int("/amount") == 500)
    // 4000 are left, below the step: they cost 4000, all that is paid.
    let second = expectResult(try shop.takeBack(checkout, [("b", 1)]))
    #expect(second.int("/amount") == 0 && second["/complete"] == false)
    let third = expectResult(try shop.takeBack(checkout, [("a", 1)]))
    #expect(third.int("/amount") == 3000)
    #expect(try shop.reason(coupon) == "already_redeemed")
    let last = expectResult(try shop.takeBackAll(checkout))
    #expect(last.int("/amount") == 1000 && last["/complete"] == true)
    #expect(try shop.balance("C1") == 10_000 && shop.reason(coupon) == nil)
    try shop.close()
  }

  @Test func `a checkout is returned by the rules it was made under`() throws {
    let (shop, coupon) = try opened()
    let checkout = try pay(shop, coupon)
    expectResult(try shop.set(["coupons": ["partial_return": "reprice"]]))
    let campaigns = try shop.ask("campaign.list")["/campaigns"]?.elements ?? []
    let campaign = try #require(campaigns.first?["campaign_id"])
    expectResult(try shop.change("campaign.pause", ["campaign_id": campaign]))
    try shop.setClock("2027-03-02T02:00:00Z")
    #expect(try shop.takeBack(checkout, [("a", 1)]).int("/amount") == 2700)
    expectResult(try shop.takeBackAll(checkout))
    #expect(try shop.reason(coupon) == "paused")
    try shop.close()
  }

  @Test func `what the card did not pay is paid out`() throws {
    let (shop, coupon) = try opened()
    let checkout = try pay(shop, coupon, 1000)
    var (card, out) = (Int64(0), Int64(0))
    for units in [[("a", 1)], [("b", 1)], [("b", 1), ("c", 1)]] as [[(line: String, quantity: Int)]]
    {
      let back = expectResult(try shop.takeBack(checkout, units))
      let (part, rest) = (back.int("/to_card") ?? -1, back.int("/to_pay_out") ?? -1)
      #expect(part >= 0 && rest >= 0 && part + rest == back.int("/amount"))
      card += part
      out += rest
    }
    #expect(card == 1000 && out == 3950)
    #expect(try shop.balance("C1") == 10_000)
    try shop.close()
  }

  @Test func `money goes back to the lots it came from, the last taken first`() throws {
    let (shop, coupon) = try opened([
      "topup": ["bonus_rules": [["id": "r", "grant": ["type": "fixed", "amount": 1000]]]]
    ])
    let checkout = try pay(shop, coupon)
    #expect(try shop.balance("C1", "bonus") == 0 && shop.balance("C1", "principal") == 6050)
    expectResult(try shop.takeBack(checkout, [("a", 1), ("b", 1)]))
    #expect(try shop.balance("C1", "bonus") == 0 && shop.balance("C1", "principal") == 9650)
    expectResult(try shop.takeBackAll(checkout))
    #expect(try shop.balance("C1", "bonus") == 1000 && shop.balance("C1", "principal") == 10_000)
    try shop.close()
  }

  @Test func `what was not bought, or is back already, does not come back`() throws {
    let (shop, coupon) = try opened()
    let checkout = try pay(shop, coupon)
    let entries = try shop.entries()
    expectRefusal(try shop.takeBack(checkout, [("d", 1)]), "not_found", field: "/lines/0/line_id")
    expectRefusal(
      try shop.takeBack(checkout, [("a", 1), ("b", 3)]), "refund_exceeds_debit",
      field: "/lines/1/quantity")
    expectInvalid(try shop.takeBack(checkout, [("a", 0)]), "/lines/0/quantity")
    expectInvalid(try shop.takeBack(checkout, [("a", 1), ("a", 1)]), "/lines/1")
    expectInvalid(try shop.takeBack(checkout, []), "/lines")
    let named: JSONTree = ["checkout_id": .string(checkout)]
    // A line that was named by its id alone has no members to point at.
    expectRefusal(
      try shop.change("checkout.refund", named, ["lines": ["a", "d"]]), "not_found",
      field: "/lines/1")
    expectInvalid(try shop.change("checkout.refund", named), "/lines")
    expectInvalid(
      try shop.change("checkout.refund", named, ["all": true, "lines": ["a"]]), "/all")
    for id in ["chk_", "x", "chk_000000000001", "chk_0000000000ZZ"] {
      expectRefusal(try shop.takeBackAll(id), "not_found", field: "/checkout_id")
    }
    #expect(try shop.entries() == entries)
    expectResult(try shop.change("checkout.refund", named, ["lines": ["a"]]))
    expectRefusal(try shop.takeBack(checkout, [("a", 1)]), "already_refunded")
    try shop.close()
  }

  @Test func `a checkout is undone by its own refund alone`() throws {
    let (shop, coupon) = try opened()
    let paid = expectResult(
      try shop.commit(
        basket, [coupon], card: "C1", ["stored_value": 4950, "idempotency_key": "sale"]))
    let entry = try paid.string("/entry/entry_id")
    let account = try shop.account("C1").resultText
    expectRefusal(try shop.refund(entry), "not_refundable")
    expectRefusal(try shop.refund(entry, 1), "not_refundable")
    expectRefusal(try shop.reverse(entry), "not_reversible")
    expectRefusal(
      try shop.change(
        "entry.reverse", ["original_idempotency_key": "sale", "reason": "x"]), "not_reversible")
    let refused = expectRefusal(
      try shop.unredeem(paid.string("/applied/0/redemption_id")), "checkout_redemption")
    #expect(refused.detail("checkout_id") == paid["/checkout_id"])
    #expect(try shop.account("C1").resultText == account)
    #expect(try shop.status(coupon) == "redeemed")
    let back = expectResult(try shop.takeBackAll(paid.string("/checkout_id")))
    expectRefusal(try shop.reverse(back.string("/entry/entry_id")), "not_reversible")
    expectRefusal(try shop.refund(back.string("/entry/entry_id")), "not_refundable")
    try shop.close()
  }

  @Test func `a redemption by itself is not a checkout`() throws {
    let (shop, coupon) = try opened()
    let used = expectResult(
      try shop.redeem(coupon, ["cart": basket, "card_no": "C1"]))
    let entry = try used.string("/entry/entry_id")
    expectRefusal(
      try shop.takeBackAll(entry.replacing("ent_", with: "chk_")), "not_found")
    expectRefusal(try shop.refund(entry), "not_refundable")
    expectRefusal(try shop.reverse(entry), "not_reversible")
    expectResult(try shop.unredeem(used.string("/redemption_id")))
    try shop.close()
  }

  @Test func `goods come back to a frozen card and not to a closed one`() throws {
    let (shop, coupon) = try opened()
    let checkout = try pay(shop, coupon)
    expectResult(try shop.card("account.freeze", "C1"))
    expectResult(try shop.takeBack(checkout, [("a", 1)]))
    expectResult(try shop.card("account.unfreeze", "C1"))
    expectResult(try shop.card("account.close", "C1"))
    expectRefusal(try shop.takeBackAll(checkout), "account_closed")
    try shop.close()
  }

  @Test func `a checkout without a card is paid out`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(["kind": "percent", "off_basis_points": 1000])
    let paid = expectResult(try shop.commit(basket, [coupon]))
    let back = expectResult(try shop.takeBackAll(paid.string("/checkout_id")))
    #expect(back.int("/to_card") == 0 && back.int("/to_pay_out") == 4950)
    #expect(back["/account"] == nil && back["/coupons_returned"] == [.string(coupon.id)])
    #expect(try shop.reason(coupon) == nil)
    let books = try shop.ask("ledger.trial_balance")["/accounts"]?.elements ?? []
    let discount = books.first { $0["name"] == "coupon_discount" }
    #expect(discount?["debit"] == discount?["credit"])
    try shop.close()
  }
}
