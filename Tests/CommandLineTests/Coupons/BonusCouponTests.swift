// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Top-ups that bring coupons, and what becomes of these when the top-up is undone (contract §3,
/// bonus_rules; §5; §9, Coupon time and use).
@Suite struct BonusCouponTests {
  /// A shop whose top-ups of 1,000 and more bring two coupons beside a bonus of 100.
  private func opened(
    _ terms: JSONTree = [:], count: Int = 2, rule more: JSONTree = [:]
  ) throws -> (shop: Shop, campaign: String) {
    let shop = try Shop()
    let cash: JSONTree = ["kind": "cash", "amount": 100, "stacking": stacking()]
    let campaign = try shop.campaign(cash.merging(terms))
    let rule: JSONTree = [
      "id": "r", "min_amount": 1000, "grant": ["type": "fixed", "amount": 100],
      "coupons": [["campaign_id": .string(campaign), "count": .number(count)]],
    ]
    let answer = try shop.set([
      "topup": ["pending_tenders": ["cheque"], "bonus_rules": [rule.merging(more)]]
    ])
    expectResult(answer)
    return (shop, campaign)
  }

  private func issuedCount(_ shop: Shop, _ campaign: String) throws -> Int64? {
    try shop.ask("campaign.get", ["campaign_id": .string(campaign)]).int("/issued")
  }

  @Test func `a top-up brings the coupons of the rules that apply`() throws {
    let (shop, campaign) = try opened()
    try shop.open("C1")
    let offered: JSONTree = [["campaign_id": .string(campaign), "count": 2]]
    let quote = try shop.ask("topup.quote", ["card_no": "C1", "amount": 1000])
    #expect(quote["/coupons"] == offered && quote.int("/bonus") == 100)
    let less = try shop.topUp("C1", 999)
    #expect(less["/bonus/coupons"] == [])
    let key: JSONTree = ["idempotency_key": "load"]
    let loaded = expectResult(try shop.topUp("C1", 1000, "cash", key))
    let coupons = try shop.issued(loaded["/bonus/coupons"])
    #expect(coupons.count == 2 && Set(coupons.map(\.id)).count == 2)
    let shown = try shop.ask("coupon.get", coupons[0].name)
    #expect(shown["/topup_entry_id"] == loaded["/entry/entry_id"])
    #expect(shown["/account_id"] == loaded["/account/account_id"])
    #expect(shown["/campaign_id"] == .string(campaign))
    for coupon in coupons { #expect(try shop.reason(coupon, ["card_no": "C1"]) == nil) }
    #expect(try issuedCount(shop, campaign) == 2)
    // Asked again it is the same coupons, in another life of the engine too.
    expectResult(try shop.redeem(coupons[0]))
    try shop.crash()
    let again = try shop.topUp("C1", 1000, "cash", key)
    #expect(again.isReplayed && again.textWithoutReplayMark == loaded.resultText)
    #expect(try issuedCount(shop, campaign) == 2)
    try shop.close()
  }

  /// What a quote says comes true: the coupons given, and those withheld with the reason.
  @Test func `a quote names what a top-up really brings, and why it brings no more`() throws {
    let (shop, campaign) = try opened(["caps": ["total": 6, "per_account": 3]])
    for card in ["C1", "C2"] { try shop.open(card) }
    func expectQuote(
      _ card: String, _ given: Int, _ whyNot: String?,
      at location: SourceLocation = #_sourceLocation
    ) throws {
      let quote = try shop.ask("topup.quote", ["card_no": .string(card), "amount": 1000])
      let id = JSONTree.string(campaign)
      let coupons: JSONTree =
        given == 0 ? [] : [["campaign_id": id, "count": .number(given)]]
      #expect(quote["/coupons"] == coupons, sourceLocation: location)
      let withheld: JSONTree =
        whyNot.map {
          [["campaign_id": id, "count": .number(2 - given), "why_not": .string($0)]]
        } ?? []
      #expect(quote["/coupons_withheld"] == withheld, sourceLocation: location)
      let loaded = expectResult(try shop.topUp(card, 1000), at: location)
      #expect(
        loaded["/bonus/coupons"]?.elements.count == given, sourceLocation: location)
    }
    try expectQuote("C1", 2, nil)
    try expectQuote("C1", 1, "cap_reached")
    try expectQuote("C1", 0, "cap_reached")
    expectResult(try shop.change("campaign.pause", ["campaign_id": .string(campaign)]))
    try expectQuote("C2", 0, "paused")
    expectResult(try shop.change("campaign.resume", ["campaign_id": .string(campaign)]))
    try expectQuote("C2", 2, nil)
    try expectQuote("C2", 1, "cap_reached")
    // A rule that gives nothing promises nothing.
    let less = try shop.ask("topup.quote", ["card_no": "C2", "amount": 999])
    #expect(less["/coupons"] == [] && less["/coupons_withheld"] == [])
    try shop.close()
  }

  @Test func `a quote of a campaign that is over names it as expired`() throws {
    let (shop, campaign) = try opened(["validity": ["until": "2026-03-02T00:00:00Z"]])
    try shop.open("C1")
    _ = try shop.advance(seconds: 30 * 86_400)
    let quote = try shop.ask("topup.quote", ["card_no": "C1", "amount": 1000])
    #expect(quote["/coupons"] == [])
    #expect(
      quote["/coupons_withheld"]
        == [["campaign_id": .string(campaign), "count": 2, "why_not": "expired"]])
    try shop.close()
  }

  @Test func `the first top-up of a new card brings them too`() throws {
    let (shop, campaign) = try opened(rule: ["first_topup_only": true])
    let opened = try shop.open("C1", topUp: 5000)
    let coupons = try shop.issued(opened["/bonus/coupons"])
    #expect(coupons.count == 2)
    #expect(
      try shop.ask("coupon.payload", coupons[0].name)["/payload"] == .string(coupons[0].payload))
    #expect(try shop.topUp("C1", 5000)["/bonus/coupons"] == [])
    #expect(try issuedCount(shop, campaign) == 2)
    try shop.close()
  }

  @Test func `a cheque brings them when it clears, by the rules of then`() throws {
    let (shop, campaign) = try opened()
    try shop.open("C1")
    let cheque = try shop.topUp("C1", 2000, "cheque")
    #expect(cheque["/bonus/coupons"] == [])
    let id: JSONTree = ["entry_id": .string(try cheque.string("/entry/entry_id"))]
    #expect(try issuedCount(shop, campaign) == 0)
    let cleared = expectResult(try shop.change("topup.clear", id))
    let coupons = try shop.issued(cleared["/bonus/coupons"])
    #expect(coupons.count == 2)
    #expect(try shop.ask("coupon.get", coupons[0].name)["/topup_entry_id"] == id["entry_id"])
    let bad = try shop.topUp("C1", 2000, "cheque").string("/entry/entry_id")
    expectResult(try shop.change("topup.bounce", ["entry_id": .string(bad)]))
    #expect(try issuedCount(shop, campaign) == 2)
    // The cleared cheque undone, its coupons go.
    expectResult(try shop.redeem(coupons[1]))
    let undone = expectResult(try shop.change("entry.reverse", id.merging(["reason": "x"])))
    #expect(undone["/coupons_used"] == [.string(coupons[1].id)])
    #expect(try shop.reason(coupons[0]) == "void")
    try shop.close()
  }

  @Test func `a top-up undone takes back what is unused and names what is used`() throws {
    let (shop, campaign) = try opened(count: 4)
    try shop.open("C1")
    let loaded = try shop.topUp("C1", 1000)
    let coupons = try shop.issued(loaded["/bonus/coupons"])
    let use = try shop.redeem(coupons[0]).string("/redemption_id")
    let basket = cart(line("1", "a", 1000))
    let paid = expectResult(try shop.commit(basket, [coupons[1]], card: "C1"))
    expectResult(try shop.reserve(coupons[2], seconds: 600))
    let params: JSONTree = [
      "idempotency_key": "undo", "entry_id": .string(try loaded.string("/entry/entry_id")),
      "reason": "misrung",
    ]
    let undone = expectResult(try shop.ask("entry.reverse", params))
    let used = undone["/coupons_used"]?.elements.compactMap(\.string) ?? []
    #expect(used.sorted() == coupons[0...1].map(\.id).sorted())
    #expect(try shop.balance("C1") == 0)
    for coupon in coupons[2...] {
      #expect(try shop.status(coupon) == "void")
      expectRefusal(try shop.redeem(coupon), "void")
    }
    for coupon in coupons[0...1] { #expect(try shop.status(coupon) == "redeemed") }
    #expect(try issuedCount(shop, campaign) == 2)
    try shop.crash()
    let again = try shop.ask("entry.reverse", params)
    #expect(again.isReplayed && again.textWithoutReplayMark == undone.resultText)
    expectRefusal(try shop.reverse(loaded.string("/entry/entry_id")), "already_reversed")
    // What is undone of the used ones later is void: their top-up is gone.
    let back = expectResult(try shop.takeBackAll(paid.string("/checkout_id")))
    #expect(back["/coupons_returned"] == [])
    expectResult(try shop.unredeem(use))
    for coupon in coupons { #expect(try shop.status(coupon) == "void") }
    #expect(try issuedCount(shop, campaign) == 0)
    try shop.close()
  }

  @Test func `a top-up that cannot be undone keeps its coupons`() throws {
    let (shop, _) = try opened()
    try shop.open("C1")
    let loaded = try shop.topUp("C1", 1000)
    let coupons = try shop.issued(loaded["/bonus/coupons"])
    expectResult(try shop.debit("C1", 500))
    expectRefusal(try shop.reverse(loaded.string("/entry/entry_id")), "already_spent")
    for coupon in coupons { #expect(try shop.status(coupon) == "issued") }
    try shop.close()
  }

  @Test func `other ways of issue are not concerned when a top-up is undone`() throws {
    let (shop, campaign) = try opened()
    try shop.open("C1")
    let own = try shop.issue(campaign, to: "C1")
    let first = try shop.topUp("C1", 1000)
    let second = try shop.topUp("C1", 1000)
    expectResult(try shop.reverse(first.string("/entry/entry_id")))
    for coupon in try [own] + shop.issued(second["/bonus/coupons"]) {
      #expect(try shop.status(coupon) == "issued")
    }
    for coupon in try shop.issued(first["/bonus/coupons"]) {
      #expect(try shop.status(coupon) == "void")
    }
    try shop.close()
  }

  @Test func `a payment does not fail for a gift that cannot be given`() throws {
    let (shop, campaign) = try opened(["caps": ["total": 5, "per_account": 3]])
    for card in ["C1", "C2", "C3"] { try shop.open(card) }
    var counts: [Int] = []
    for card in ["C1", "C1", "C1", "C2", "C3"] {
      let answer = expectResult(try shop.topUp(card, 1000))
      #expect(answer.int("/bonus/amount") == 100)
      counts.append(answer["/bonus/coupons"]?.elements.count ?? -1)
    }
    // Two, one up to the card's share, none; two up to the total, none.
    #expect(counts == [2, 1, 0, 2, 0])
    #expect(try issuedCount(shop, campaign) == 5)
    try shop.close()
  }

  @Test func `two rules that give coupons of one campaign share what its cap leaves`() throws {
    let shop = try Shop()
    let campaign = try shop.campaign(["kind": "cash", "amount": 100, "caps": ["total": 5]])
    let rules = ["a", "b"].map { id -> JSONTree in
      [
        "id": .string(id), "grant": ["type": "fixed", "amount": 1],
        "coupons": [["campaign_id": .string(campaign), "count": 2]],
      ]
    }
    let topUp: JSONTree = ["bonus_combination": "all", "bonus_rules": .array(rules)]
    expectResult(try shop.set(["topup": topUp]))
    try shop.open("C1")
    for count in [4, 1, 0] {
      let loaded = expectResult(try shop.topUp("C1", 1000))
      #expect(loaded["/bonus/coupons"]?.elements.count == count)
    }
    try shop.close()
  }

  @Test func `a paused or expired campaign gives nothing`() throws {
    let (shop, campaign) = try opened(["validity": ["until": "2026-03-03T00:00:00Z"]])
    try shop.open("C1")
    let named: JSONTree = ["campaign_id": .string(campaign)]
    expectResult(try shop.change("campaign.pause", named))
    #expect(try shop.topUp("C1", 1000)["/bonus/coupons"] == [])
    expectResult(try shop.change("campaign.resume", named))
    #expect(try shop.topUp("C1", 1000)["/bonus/coupons"]?.elements.count == 2)
    try shop.setClock("2026-03-03T00:00:00Z")
    #expect(try shop.topUp("C1", 1000)["/bonus/coupons"] == [])
    try shop.close()
  }

  @Test func `a program that gives coupons of no campaign is refused by pointer`() throws {
    let (shop, campaign) = try opened()
    func rule(_ gift: JSONTree) -> JSONTree {
      [
        "topup": [
          "bonus_rules": [
            ["id": "r", "grant": ["type": "fixed", "amount": 1], "coupons": [gift]]
          ]
        ]
      ]
    }
    let place = "/program/topup/bonus_rules/0/coupons/0"
    let version = try shop.ask("system.info").int("/program_version")
    for (gift, field) in [
      (["campaign_id": "cmp_0000000000ZZ", "count": 1], "/campaign_id"),
      (["campaign_id": "x", "count": 1], "/campaign_id"), (["count": 1], "/campaign_id"),
      (["campaign_id": .string(campaign), "count": 0], "/count"),
      (["campaign_id": .string(campaign), "count": 1, "kind": "cash"], "/kind"),
    ] as [(JSONTree, String)] {
      expectRefusal(
        try shop.set(rule(gift)), "program_invalid", field: place + field, "\(gift.text)")
    }
    #expect(try shop.ask("system.info").int("/program_version") == version)
    try shop.close()
  }
}
