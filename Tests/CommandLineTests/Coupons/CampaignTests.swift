// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Campaigns as such: their terms, their lists, pausing (contract §5).
@Suite struct CampaignTests {
  @Test func `a campaign is shown as it was written`() throws {
    let shop = try Shop()
    let terms: JSONTree = [
      "name": "88\u{6298}", "kind": "percent", "off_basis_points": 1200, "max_discount": 5000,
      "min_spend": 100,
      "validity": [
        "from": "2026-03-01T00:00:00.000Z", "until": "2026-04-01T00:00:00.000Z",
        "days_after_issue": 7,
        "windows": [["weekdays": [1, 2], "from": "14:00", "to": "24:00"]],
        "blackout_dates": ["2026-03-05"],
      ],
      "scope": [
        "include_skus": ["a"], "include_categories": ["drinks"], "exclude_skus": ["b"],
        "exclude_categories": ["sale"], "full_price_only": true, "store_ids": ["S1"],
        "levels": ["gold"],
      ],
      "stacking": ["class": "x", "with": ["y"], "max_per_class": 2],
      "caps": [
        "total": 1000, "per_account": 10, "per_account_per_day": 2, "redemptions_per_day": 100,
        "budget": 1_000_000,
      ],
    ]
    let made = try shop.change("campaign.create", terms)
    let id = try made.string("/campaign_id")
    let shown = try shop.ask("campaign.get", ["campaign_id": .string(id)])
    #expect(shown.result == made["/campaign"])
    for member in terms.members {
      let found = try #require(shown["/" + member.name], "\(member.name)")
      #expect(found.canonicalText == member.value.canonicalText)
    }
    #expect(shown["/status"] == "active" && shown.int("/issued") == 0)
    // As one object it says the same.
    let nested = expectResult(try shop.change("campaign.create", ["campaign": terms]))
    #expect(
      nested["/campaign"]?.without("campaign_id")
        == made["/campaign"]?.without("campaign_id"))
    try shop.close()
  }

  @Test func `terms that make no sense are refused by pointer and nothing is made`() throws {
    let shop = try Shop()
    let cash: JSONTree = ["name": "n", "kind": "cash", "amount": 100]
    let cases: [(JSONTree, String)] = [
      (["kind": "cash", "amount": 1], "/name"), (["name": "n"], "/kind"),
      (["name": "n", "kind": "gift"], "/kind"), (["name": "n", "kind": "cash"], "/amount"),
      (cash.merging(["amount": 0]), "/amount"),
      (cash.merging(["amount": 1_000_000_000_001]), "/amount"),
      (cash.merging(["amount": .number("1.5")]), "/amount"),
      (cash.merging(["off_basis_points": 5]), "/off_basis_points"),
      (["name": "n", "kind": "percent", "off_basis_points": 0], "/off_basis_points"),
      (["name": "n", "kind": "percent", "off_basis_points": 10_001], "/off_basis_points"),
      (["name": "n", "kind": "threshold", "steps": []], "/steps"),
      (["name": "n", "kind": "threshold", "steps": [["min": 5, "off": 6]]], "/steps/0/off"),
      (
        [
          "name": "n", "kind": "threshold", "repeat": true,
          "steps": [["min": 5, "off": 1], ["min": 6, "off": 2]],
        ], "/repeat"
      ),
      (["name": "n", "kind": "item", "sku": "a"], "/quantity"),
      (
        cash.merging([
          "validity": ["from": "2026-04-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"]
        ]),
        "/validity/from"
      ),
      (
        cash.merging(["validity": ["windows": [["weekdays": [8], "from": "10:00", "to": "11:00"]]]]
        ),
        "/validity/windows/0/weekdays/0"
      ),
      (
        cash.merging(["validity": ["windows": [["weekdays": [1], "from": "24:00", "to": "11:00"]]]]
        ),
        "/validity/windows/0/from"
      ),
      (
        cash.merging(["validity": ["blackout_dates": ["2026-02-29"]]]), "/validity/blackout_dates/0"
      ),
      (
        cash.merging(["scope": ["include_skus": ["a"], "exclude_skus": ["a"]]]),
        "/scope/exclude_skus/0"
      ),
      (cash.merging(["stacking": ["class": "*"]]), "/stacking/class"),
      (cash.merging(["caps": ["total": 1, "per_account": 2]]), "/caps/per_account"),
      (cash.merging(["caps": ["total": 0]]), "/caps/total"),
      (cash.merging(["min_spend": -1]), "/min_spend"),
      (cash.merging(["caps": ["limit": 5]]), "/caps/limit"),
      (cash.merging(["amonut": 5]), "/amonut"),
    ]
    let entries = try shop.entries()
    for (terms, field) in cases {
      expectInvalid(try shop.change("campaign.create", terms), field, "\(terms.text)")
    }
    #expect(try shop.entries() == entries)
    try shop.close()
  }

  @Test func `while a campaign is paused its coupons are neither used nor issued`() throws {
    let shop = try Shop()
    let campaign = try shop.campaign(["kind": "cash", "amount": 100])
    let named: JSONTree = ["campaign_id": .string(campaign)]
    let coupon = try shop.issue(campaign)
    let basket = cart(line("1", "a", 1000))
    expectRefusal(try shop.change("campaign.resume", named), "not_paused")
    #expect(expectResult(try shop.change("campaign.pause", named))["/status"] == "paused")
    expectRefusal(try shop.change("campaign.pause", named), "already_paused")
    #expect(try shop.ask("campaign.get", named)["/status"] == "paused")
    #expect(try shop.reason(coupon) == "paused")
    expectRefusal(try shop.redeem(coupon), "paused")
    expectRefusal(try shop.reserve(coupon, seconds: 60), "paused")
    expectRefusal(try shop.tryToIssue(campaign), "paused")
    #expect(try shop.quote(basket, [coupon]).reason(against: coupon) == "paused")
    try shop.restart()
    #expect(try shop.reason(coupon) == "paused")
    expectResult(try shop.change("campaign.resume", named))
    #expect(try shop.reason(coupon) == nil)
    let used = try shop.redeem(coupon).string("/redemption_id")
    // What was used before can be undone, and stays paused.
    expectResult(try shop.change("campaign.pause", named))
    expectResult(try shop.unredeem(used))
    #expect(try shop.reason(coupon) == "paused")
    try shop.close()
  }

  @Test func `what is no campaign is not found`() throws {
    let shop = try Shop()
    for id in ["cmp_000000000009", "cmp_", "x", "cmp_00000000000U"] {
      let named: JSONTree = ["campaign_id": .string(id)]
      expectRefusal(try shop.ask("campaign.get", named), "not_found", field: "/campaign_id")
      for method in ["campaign.pause", "campaign.resume", "coupon.issue"] {
        expectRefusal(try shop.change(method, named), "not_found", field: "/campaign_id")
      }
      expectRefusal(try shop.ask("coupon.list", named), "not_found", field: "/campaign_id")
    }
    try shop.close()
  }

  @Test(arguments: [1, 2, 3, 7, 100])
  func `pages of campaigns and coupons join to the whole list`(limit: Int) throws {
    let shop = try Shop()
    try shop.open("C1")
    var campaigns: [String] = []
    for number in 0..<7 {
      campaigns.append(
        try shop.campaign(["name": "\(number)", "kind": "cash", "amount": .number(number + 1)]))
    }
    let coupons = try shop.issue(campaigns[0], to: "C1", 7)
    let own = try shop.issue(campaigns[1], to: "C1", 3) + coupons
    expectResult(try shop.redeem(coupons[0]))
    expectResult(try shop.change("coupon.void", coupons[1].name))
    /// All pages of a list.
    func pages(_ method: String, _ list: String, _ id: String, _ params: JSONTree) throws
      -> [String]
    {
      var found: [String] = []
      var cursor: JSONTree = nil
      repeat {
        let page = expectResult(
          try shop.ask(method, params.merging(["limit": .number(limit), "cursor": cursor])))
        let ids = (page["/" + list]?.elements ?? []).compactMap { $0[id]?.string }
        #expect(ids.count <= limit && (found.isEmpty || !ids.isEmpty))
        found += ids
        cursor = page["/next_cursor"] ?? "missing"
      } while cursor != nil && found.count < 100
      return found
    }
    #expect(
      try pages("campaign.list", "campaigns", "campaign_id", [:]) == campaigns.reversed())
    let first: JSONTree = ["campaign_id": .string(campaigns[0])]
    #expect(
      try pages("coupon.list", "coupons", "coupon_id", first) == coupons.map(\.id).sorted())
    let card: JSONTree = ["card_no": "C1"]
    #expect(try pages("coupon.list", "coupons", "coupon_id", card) == own.map(\.id).sorted())
    let open = try pages("coupon.list", "coupons", "coupon_id", card.merging(["open": true]))
    #expect(open == own.map(\.id).filter { $0 != coupons[0].id && $0 != coupons[1].id }.sorted())
    try shop.close()
  }

  @Test func `a list wants one thing to list, and a cursor it gave`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let campaign = try shop.campaign(["kind": "cash", "amount": 1])
    expectInvalid(try shop.ask("coupon.list"), "/campaign_id")
    expectInvalid(
      try shop.ask("coupon.list", ["campaign_id": .string(campaign), "card_no": "C1"]),
      "/campaign_id")
    for method in ["coupon.list", "campaign.list"] {
      let params: JSONTree = method == "coupon.list" ? ["card_no": "C1"] : [:]
      expectInvalid(try shop.ask(method, params.merging(["cursor": "nonsense"])), "/cursor")
      expectInvalid(try shop.ask(method, params.merging(["limit": 501])), "/limit")
      expectInvalid(try shop.ask(method, params.merging(["limit": 0])), "/limit")
    }
    try shop.close()
  }
}
