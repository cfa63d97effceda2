// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Caps hold against issue and use, and what is undone gives its room back (contract §5, caps; §9).
@Suite struct CapTests {
  private func cash(_ caps: JSONTree, _ amount: Int = 100) -> JSONTree {
    ["kind": "cash", "amount": .number(amount), "caps": caps, "stacking": stacking()]
  }

  @Test func `issue stops at the total, whole or not at all`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let campaign = try shop.campaign(cash(["total": 5]))
    let coupons = try shop.issue(campaign, 3)
    let refused = expectRefusal(
      try shop.tryToIssue(campaign, to: "C1", 3), "cap_reached", field: "/count")
    #expect(refused.detail("left") == 2)
    let shown = try shop.ask("campaign.get", ["campaign_id": .string(campaign)])
    #expect(shown.int("/issued") == 3)
    _ = try shop.issue(campaign, to: "C1", 2)
    expectRefusal(try shop.tryToIssue(campaign), "cap_reached")
    // Use makes no room for issue; a void coupon does.
    let used = try shop.redeem(coupons[0]).string("/redemption_id")
    expectRefusal(try shop.tryToIssue(campaign), "cap_reached")
    expectResult(try shop.unredeem(used))
    expectRefusal(try shop.tryToIssue(campaign), "cap_reached")
    expectResult(try shop.change("coupon.void", coupons[0].name))
    _ = try shop.issue(campaign)
    expectRefusal(try shop.tryToIssue(campaign), "cap_reached")
    try shop.close()
  }

  @Test func `issue to a card stops at its share`() throws {
    let shop = try Shop()
    for card in ["C1", "C2"] { try shop.open(card) }
    let campaign = try shop.campaign(cash(["total": 10, "per_account": 2]))
    _ = try shop.issue(campaign, to: "C1", 2)
    expectRefusal(try shop.tryToIssue(campaign, to: "C1"), "cap_reached")
    expectRefusal(try shop.tryToIssue(campaign, to: "C2", 3), "cap_reached")
    _ = try shop.issue(campaign, to: "C2", 2)
    // Whoever bears a coupon has no share.
    _ = try shop.issue(campaign, 6)
    expectRefusal(try shop.tryToIssue(campaign), "cap_reached")
    try shop.close()
  }

  @Test func `a card uses no more than its share, and gets back what is undone`() throws {
    let shop = try Shop()
    for card in ["C1", "C2"] { try shop.open(card) }
    let coupons = try shop.issue(shop.campaign(cash(["per_account": 2])), 6)
    let card: JSONTree = ["card_no": "C1"]
    let used = try (0..<2).map { try shop.redeem(coupons[$0], card).string("/redemption_id") }
    #expect(try shop.reason(coupons[2], card) == "cap_reached")
    expectRefusal(try shop.redeem(coupons[2], card), "cap_reached")
    // Another card, and whoever pays without one, are not concerned.
    expectResult(try shop.redeem(coupons[3], ["card_no": "C2"]))
    expectResult(try shop.redeem(coupons[4]))
    expectResult(try shop.unredeem(used[0]))
    expectResult(try shop.redeem(coupons[2], card))
    expectRefusal(try shop.redeem(coupons[0], card), "cap_reached")
    try shop.restart()
    expectRefusal(try shop.redeem(coupons[0], card), "cap_reached")
    try shop.close()
  }

  @Test func `a coupon of a card counts in its share whoever shows it`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let campaign = try shop.campaign(cash(["per_account": 1]))
    let own = try shop.issue(campaign, to: "C1")
    let bearer = try shop.issue(campaign)
    expectResult(try shop.redeem(own))
    expectRefusal(try shop.redeem(bearer, ["card_no": "C1"]), "cap_reached")
    try shop.close()
  }

  @Test(arguments: ["04:00", "00:00"])
  func `a day's caps are those of the business date`(dayStart: String) throws {
    let shop = try Shop(ledger: ["--day-start", dayStart])
    for card in ["C1", "C2"] { try shop.open(card) }
    let coupons = try shop.issue(
      shop.campaign(cash(["per_account_per_day": 1, "redemptions_per_day": 2])), 9)
    func use(_ number: Int, _ card: String) throws -> Answer {
      try shop.redeem(coupons[number], ["card_no": .string(card)])
    }
    let first = expectResult(try use(0, "C1"))
    expectRefusal(try use(1, "C1"), "cap_reached")
    expectResult(try use(1, "C2"))
    expectRefusal(try shop.redeem(coupons[2]), "cap_reached")
    // Undone on the same day, there is room again, for once.
    expectResult(try shop.unredeem(first.string("/redemption_id")))
    let again = expectResult(try use(0, "C1"))
    expectRefusal(try use(2, "C1"), "cap_reached")
    // The last millisecond of the day, and the first of the next: Shanghai is eight hours ahead.
    let (eve, day) =
      dayStart == "04:00"
      ? ("2026-03-02T19:59:59.999Z", "2026-03-02T20:00:00Z")
      : ("2026-03-02T15:59:59.999Z", "2026-03-02T16:00:00Z")
    try shop.setClock(eve)
    expectRefusal(try use(2, "C1"), "cap_reached")
    try shop.setClock(day)
    let next = expectResult(try use(2, "C1"))
    expectRefusal(try use(3, "C1"), "cap_reached")
    // What is undone of yesterday makes no room today.
    expectResult(try shop.unredeem(again.string("/redemption_id")))
    expectRefusal(try use(3, "C1"), "cap_reached")
    expectResult(try use(3, "C2"))
    expectRefusal(try shop.redeem(coupons[4]), "cap_reached")
    expectResult(try shop.unredeem(next.string("/redemption_id")))
    expectResult(try use(4, "C1"))
    try shop.close()
  }

  /// INV-20: a use that counts nothing would not be held by the budget.
  @Test func `a campaign with a budget is used with a price only, and says so`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let campaign = try shop.campaign(cash(["budget": 150], 100))
    let coupons = try shop.issue(campaign, 3)
    expectRefusal(try shop.redeem(coupons[0]), "price_required", field: "/amount")
    expectRefusal(
      try shop.redeem(coupons[0], ["card_no": "C1"]), "price_required", field: "/amount")
    // What is wrong with the coupon or the card itself is said first.
    expectRefusal(
      try shop.redeem(coupons[0], ["card_no": "none"]), "not_found", field: "/card_no")
    expectResult(try shop.change("account.freeze", ["card_no": "C1"]))
    expectRefusal(try shop.redeem(coupons[0], ["card_no": "C1"]), "account_frozen")
    // To ask needs no price, and a price that counts is accepted.
    #expect(try shop.reason(coupons[0]) == nil)
    expectResult(try shop.redeem(coupons[0], ["cart": cart(line("1", "tea", 300))]))
    expectRefusal(try shop.redeem(coupons[0]), "already_redeemed")
    let shown = try shop.ask("campaign.get", ["campaign_id": .string(campaign)])
    #expect(shown.int("/discount_given") == 100 && shown.int("/redeemed") == 1)
    try shop.close()
  }

  @Test func `a budget is never exceeded, and nothing is clipped to fit it`() throws {
    let shop = try Shop()
    let campaign = try shop.campaign([
      "kind": "percent", "off_basis_points": 1000, "caps": ["budget": 1000],
    ])
    let coupons = try shop.issue(campaign, 5)
    let first = expectResult(try shop.redeem(coupons[0], ["amount": 7000]))
    #expect(first.int("/discount") == 700)
    expectRefusal(try shop.redeem(coupons[1], ["amount": 3010]), "cap_reached")
    #expect(try shop.reason(coupons[1], ["amount": 3010]) == "cap_reached")
    #expect(try shop.reason(coupons[1], ["amount": 3009]) == nil)
    expectResult(try shop.redeem(coupons[1], ["amount": 3000]))
    expectRefusal(try shop.redeem(coupons[2], ["amount": 10]), "cap_reached")
    // Without a price there is no telling, but an empty budget is empty.
    expectRefusal(try shop.redeem(coupons[2]), "cap_reached")
    let shown = try shop.ask("campaign.get", ["campaign_id": .string(campaign)])
    #expect(shown.int("/discount_given") == 1000 && shown.int("/redeemed") == 2)
    expectResult(try shop.unredeem(first.string("/redemption_id")))
    expectResult(try shop.redeem(coupons[3], ["amount": 7000]))
    expectRefusal(try shop.redeem(coupons[4], ["amount": 10]), "cap_reached")
    try shop.close()
  }

  @Test func `caps met inside one checkout refuse the later coupon`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let basket = cart(line("1", "a", 10_000))
    for caps in [["redemptions_per_day": 2], ["budget": 250], ["per_account_per_day": 2]]
      as [JSONTree]
    {
      let coupons = try shop.issue(shop.campaign(cash(caps)), to: "C1", 4)
      let ids = coupons.map(\.id).sorted()
      let quote = try shop.quote(basket, coupons, card: "C1")
      #expect(quote.coupons("applied") == Array(ids.prefix(2)), "\(caps.text)")
      #expect(quote.int("/discount") == 200)
      #expect(
        quote["/refused"]?.elements
          == ids.suffix(2).map {
            ["coupon_id": .string($0), "reason": "cap_reached"]
          })
      let paid = expectResult(try shop.commit(basket, coupons, card: "C1"))
      #expect(paid.int("/payable") == 9800)
      let later = try shop.quote(basket, coupons, card: "C1")
      #expect(later.coupons("applied").isEmpty, "\(caps.text)")
    }
    try shop.close()
  }

  @Test func `a coupon of another card takes no room from those of this one`() throws {
    let shop = try Shop()
    for card in ["C1", "C2"] { try shop.open(card) }
    let campaign = try shop.campaign(cash(["per_account": 2]))
    let own = try shop.issue(campaign, to: "C1")
    let other = try shop.issue(campaign, to: "C2")
    // The other card has used up its share with coupons that anybody may bear.
    for bearer in try shop.issue(campaign, 2) {
      expectResult(try shop.redeem(bearer, ["card_no": "C2"]))
    }
    let quote = try shop.quote(cart(line("1", "a", 1000)), [own, other], card: "C1")
    #expect(quote.coupons("applied") == [own.id])
    #expect(quote.reason(against: other) == "wrong_account")
    try shop.close()
  }

  @Test func `more coupons than a checkout can hold are refused and harm nothing`() throws {
    let shop = try Shop()
    try shop.open("C1")
    for name in ["a", "b", "c"] {
      let campaign = try shop.campaign([
        "kind": "cash", "amount": 1, "stacking": stacking(name),
      ])
      _ = try shop.issue(campaign, to: "C1", 100)
    }
    let basket = cart(line("1", "a", 10_000))
    let quote = expectResult(try shop.quoteBest(basket, card: "C1"))
    #expect(quote.coupons("applied").count == 100 && quote.int("/payable") == 9900)
    let reasons = Set(quote["/refused"]?.elements.compactMap { $0["reason"]?.string } ?? [])
    #expect(reasons == ["checkout_limit"])
    let paid = expectResult(
      try shop.change("checkout.commit", ["cart": basket, "coupons": "auto", "card_no": "C1"]))
    #expect(paid.coupons("applied").count == 100)
    expectResult(try shop.takeBackAll(paid.string("/checkout_id")))
    try shop.close()
  }
}
