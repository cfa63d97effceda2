// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// What a top-up earns (contract §3, §4, §9; spec/bonus.md).
@Suite struct BonusTests {
  /// Load 500 get 50, load 1,000 get 150.
  static func tiers(_ combination: String) -> JSONTree {
    [
      "topup": [
        "bonus_combination": .string(combination),
        "bonus_rules": [
          ["id": "r500", "min_amount": 50_000, "grant": ["type": "fixed", "amount": 5000]],
          ["id": "r1000", "min_amount": 100_000, "grant": ["type": "fixed", "amount": 15_000]],
        ],
      ]
    ]
  }

  /// The tiers under `first`, the larger one listed first.
  static let reversed = tiers("first").setting(
    "/topup/bonus_rules",
    to: .array((tiers("first").at("/topup/bonus_rules")?.elements ?? []).reversed()))

  static func one(_ grant: JSONTree, _ more: JSONTree = [:]) -> JSONTree {
    let rule: JSONTree = ["id": "r", "grant": grant]
    return ["topup": ["bonus_rules": [rule.merging(more)]]]
  }

  static let fixed: JSONTree = ["type": "fixed", "amount": 5000]

  /// Expects top-ups of these amounts, each on a card of its own, to earn these bonuses.
  private func expect(_ program: JSONTree, _ pairs: [(amount: Int, bonus: Int64)]) throws {
    let shop = try Shop(program)
    for (amount, bonus) in pairs {
      let card = "C\(amount)"
      try shop.open(card)
      let quote = try shop.ask(
        "topup.quote", ["card_no": .string(card), "amount": .number(amount)])
      #expect(quote.int("/bonus") == bonus, "quote of \(amount)")
      let answer = try shop.topUp(card, amount)
      #expect(answer.int("/bonus/amount") == bonus, "\(amount)")
      #expect(answer.int("/account/balance/bonus") == bonus, "\(amount)")
      #expect(answer.int("/account/balance/principal") == Int64(amount))
      let opened = try shop.open("D\(amount)", topUp: amount)
      #expect(opened.int("/bonus/amount") == bonus, "opened with \(amount)")
    }
    try shop.close()
  }

  @Test func `tiers under best`() throws {
    try expect(
      Self.tiers("best"),
      [(1, 0), (49_999, 0), (50_000, 5000), (99_999, 5000), (100_000, 15_000), (500_000, 15_000)])
  }

  @Test func `tiers under all`() throws {
    try expect(
      Self.tiers("all"), [(49_999, 0), (50_000, 5000), (99_999, 5000), (100_000, 20_000)])
  }

  @Test func `tiers under first`() throws {
    // The one of 1,000 listed first; listed last it would be a dead rule.
    try expect(Self.reversed, [(49_999, 0), (50_000, 5000), (99_999, 5000), (100_000, 15_000)])
    let shop = try Shop()
    expectRefusal(
      try shop.set(Self.tiers("first")), "program_invalid", field: "/program/topup/bonus_rules/1")
  }

  @Test func `every full 500 gets 50`() throws {
    try expect(
      Self.one(["type": "per", "every": 50_000, "amount": 5000]),
      [
        (49_999, 0), (50_000, 5000), (99_999, 5000), (100_000, 10_000), (149_999, 10_000),
        (150_000, 15_000),
      ])
  }

  @Test func `a tenth, capped at 200`() throws {
    try expect(
      Self.one(["type": "rate", "basis_points": 1000, "max": 20_000]),
      [
        (9, 0), (10, 1), (19, 1), (12_345, 1234), (150_000, 15_000), (199_999, 19_999),
        (200_000, 20_000), (300_000, 20_000),
      ])
  }

  @Test func `each rule that gives makes a lot of its own`() throws {
    let shop = try Shop(Self.tiers("all"))
    let answer = try shop.open("C1", topUp: 100_000)
    #expect(answer["/bonus/rule_ids"] == ["r500", "r1000"])
    let lots = answer["/account/lots"]?.elements ?? []
    #expect(lots.map { $0["kind"]?.string } == ["principal", "bonus", "bonus"])
    #expect(lots.map { $0["granted"]?.integer } == [100_000, 5000, 15_000])
    #expect(lots.map { $0["remaining"]?.integer } == [100_000, 5000, 15_000])
  }

  @Test func `best takes the first listed of equals`() throws {
    let shop = try Shop([
      "topup": [
        "bonus_rules": [
          ["id": "a", "grant": ["type": "fixed", "amount": 5]],
          ["id": "b", "grant": ["type": "rate", "basis_points": 500]],
        ]
      ]
    ])
    #expect(try shop.open("C1", topUp: 100)["/bonus/rule_ids"] == ["a"])
    #expect(try shop.open("C2", topUp: 120)["/bonus/rule_ids"] == ["b"])
  }

  /// Expects a quote to say which rules apply, and a reason for each that does not.
  private func expectQuote(
    _ shop: Shop, _ card: String, _ amount: Int, why: [String?], _ more: JSONTree = [:],
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let params: JSONTree = ["card_no": .string(card), "amount": .number(amount)]
    let quote = try shop.ask("topup.quote", params.merging(more))
    let rules = quote["/rules"]?.elements ?? []
    #expect(rules.map { $0["why_not"]?.string } == why, "\(quote)", sourceLocation: location)
    #expect(
      rules.map { $0["applied"] } == why.map { .bool($0 == nil) }, "\(quote)",
      sourceLocation: location)
  }

  @Test func `the quote says why a rule does not apply`() throws {
    let shop = try Shop(Self.tiers("best"))
    try shop.open("C1")
    try expectQuote(shop, "C1", 49_999, why: ["below_minimum", "below_minimum"])
    try expectQuote(shop, "C1", 50_000, why: [nil, "below_minimum"])
    try expectQuote(shop, "C1", 100_000, why: ["another_is_better", nil])
    expectResult(try shop.set(Self.reversed))
    try expectQuote(shop, "C1", 100_000, why: [nil, "another_came_first"])
    try expectQuote(shop, "C1", 50_000, why: ["below_minimum", nil])
  }

  @Test func `weekdays count by the business date`() throws {
    // 2026-03-02 is a Monday.
    let shop = try Shop(Self.one(Self.fixed, ["weekdays": [2, 3]]))
    try shop.open("C1")
    try expectQuote(shop, "C1", 100, why: ["wrong_weekday"])
    #expect(try shop.topUp("C1", 100).int("/bonus/amount") == 0)
    try shop.setClock("2026-03-02T15:59:59.999Z")
    try expectQuote(shop, "C1", 100, why: ["wrong_weekday"])
    try shop.setClock("2026-03-02T16:00:00Z")
    try expectQuote(shop, "C1", 100, why: [nil])
    #expect(try shop.topUp("C1", 100).int("/bonus/amount") == 5000)
    try shop.setClock("2026-03-04T16:00:00Z")
    try expectQuote(shop, "C1", 100, why: ["wrong_weekday"])
  }

  @Test func `dates belong on both ends`() throws {
    let shop = try Shop(
      Self.one(Self.fixed, ["valid_from": "2026-03-03", "valid_until": "2026-03-04"]))
    try shop.open("C1")
    let steps: [(String, String?)] = [
      ("2026-03-02T15:59:59Z", "not_yet_valid"), ("2026-03-02T16:00:00Z", nil),
      ("2026-03-04T15:59:59Z", nil), ("2026-03-04T16:00:00Z", "no_longer_valid"),
    ]
    for (time, why) in steps {
      try shop.setClock(time)
      try expectQuote(shop, "C1", 100, why: [why])
      #expect(try shop.topUp("C1", 100).int("/bonus/amount") == (why == nil ? 5000 : 0), "\(time)")
    }
  }

  @Test func `stores and levels`() throws {
    let shop = try Shop(Self.one(Self.fixed, ["store_ids": ["S1", "S2"], "levels": ["gold"]]))
    try shop.open("C1", ["level": "gold"])
    try shop.open("C2", ["level": "silver"])
    try shop.open("C3")
    try expectQuote(shop, "C1", 100, why: [nil], ["store_id": "S2"])
    try expectQuote(shop, "C1", 100, why: ["wrong_store"], ["store_id": "S3"])
    try expectQuote(shop, "C1", 100, why: ["wrong_store"])
    try expectQuote(shop, "C2", 100, why: ["wrong_level"], ["store_id": "S1"])
    try expectQuote(shop, "C3", 100, why: ["wrong_level"], ["store_id": "S1"])
    #expect(try shop.topUp("C1", 100, "cash", ["store_id": "S1"]).int("/bonus/amount") == 5000)
    #expect(try shop.topUp("C1", 100, "cash", ["store_id": "S9"]).int("/bonus/amount") == 0)
    #expect(try shop.topUp("C2", 100, "cash", ["store_id": "S1"]).int("/bonus/amount") == 0)
  }

  @Test func `the first top-up only`() throws {
    let shop = try Shop(Self.one(Self.fixed, ["first_topup_only": true]))
    let first = try shop.open("C1", topUp: 100)
    #expect(first.int("/bonus/amount") == 5000)
    #expect(try shop.topUp("C1", 100).int("/bonus/amount") == 0)
    try expectQuote(shop, "C1", 100, why: ["not_first_topup"])
    // A first top-up that was undone is none.
    try shop.open("C2")
    let misrung = try shop.topUp("C2", 100)
    #expect(misrung.int("/bonus/amount") == 5000)
    expectResult(try shop.reverse(misrung.string("/entry/entry_id")))
    #expect(try shop.topUp("C2", 100).int("/bonus/amount") == 5000)
  }

  @Test func `once per account`() throws {
    let shop = try Shop(Self.one(Self.fixed, ["once_per_account": true, "min_amount": 1000]))
    try shop.open("C1", topUp: 10)
    let big = try shop.topUp("C1", 1000)
    #expect(big.int("/bonus/amount") == 5000)
    #expect(try shop.topUp("C1", 1000).int("/bonus/amount") == 0)
    try expectQuote(shop, "C1", 1000, why: ["already_granted"])
    expectResult(try shop.reverse(big.string("/entry/entry_id")))
    #expect(try shop.topUp("C1", 1000).int("/bonus/amount") == 5000)
  }

  @Test func `a quote serves any card that is not closed, and names what would refuse`() throws {
    var program = Self.one(Self.fixed)
    program = program.setting("/topup/max", to: 1000)
    let shop = try Shop(program)
    try shop.open("C1")
    let fine = try shop.ask("topup.quote", ["card_no": "C1", "amount": 1000])
    #expect(fine["/would_refuse"]?.elements.isEmpty ?? false, "\(fine)")
    expectResult(try shop.card("account.freeze", "C1"))
    let quote = expectResult(try shop.ask("topup.quote", ["card_no": "C1", "amount": 1001]))
    #expect(quote["/would_refuse"]?.elements.first?["code"] == "limit_exceeded", "\(quote)")
    try shop.open("C2")
    expectResult(try shop.card("account.close", "C2"))
    expectRefusal(
      try shop.ask("topup.quote", ["card_no": "C2", "amount": 100]), "account_closed")
    expectRefusal(try shop.ask("topup.quote", ["card_no": "C3", "amount": 100]), "not_found")
  }
}
