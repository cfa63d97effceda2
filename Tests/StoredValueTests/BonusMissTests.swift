// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/bonus.md, Quoting: why a rule gives nothing, each reason at its edge.
@Suite struct BonusMissTests {
  /// The answer of each rule to a top-up, as a quote shows it.
  private static func quote(
    _ till: Till, _ card: AccountID, _ amount: Int64
  ) throws -> [String] {
    let judgement = BonusJudgement(
      amount: Amount(amount), store: till.store, account: try till.account(card), in: till.context)
    return judgement.lines.map { line in
      "\(line.rule.id) \(line.amount.minorUnits) \(line.miss?.rawValue ?? "applied")"
    }
  }

  @Test(
    arguments: [
      (499, "r 7 below_minimum"), (500, "r 7 applied"), (1_000, "r 7 applied"),
      (1_001, "r 7 above_maximum"),
    ] as [(Int64, String)])
  func `the amount has to be in the rule's range`(amount: Int64, line: String) throws {
    let rule = BonusRule.fixed("r", from: 500, 7).with { $0.maximum = Amount(1_000) }
    var till = try Till(rules: .bonus(rule))
    let card = try till.card()
    #expect(try Self.quote(till, card, amount) == [line])
  }

  @Test(arguments: [
    ("2026-03-09T15:59:59.999Z", "r 7 not_yet_valid"), ("2026-03-09T16:00:00Z", "r 7 applied"),
    ("2026-03-12T15:59:59.999Z", "r 7 applied"), ("2026-03-12T16:00:00Z", "r 7 no_longer_valid"),
  ])
  func `both days of a date range belong to it`(instant: String, line: String) throws {
    let rule = BonusRule.fixed("r", 7).with {
      $0.validFrom = BusinessDate(text: "2026-03-10")
      $0.validUntil = BusinessDate(text: "2026-03-12")
    }
    var till = try Till(rules: .bonus(rule))
    let card = try till.card()
    try till.set(instant)
    #expect(try Self.quote(till, card, 1) == [line])
  }

  @Test func `a weekday is the business date's, 1 on Monday`() throws {
    let rule = BonusRule.fixed("r", 7).with { $0.weekdays = [1, 7] }
    var till = try Till(at: "2026-03-01T16:00:00Z", dayStartMinutes: 240, rules: .bonus(rule))
    let card = try till.card()
    // By the clock it is Monday, but the business date is still Sunday's; then Monday, Tuesday …
    var found: [String] = []
    for _ in 0..<9 {
      found += try Self.quote(till, card, 1)
      till.advance(seconds: 86_400)
    }
    let yes = "r 7 applied"
    let no = "r 7 wrong_weekday"
    #expect(found == [yes, yes, no, no, no, no, no, yes, yes])
  }

  @Test(arguments: [("s1", "r 7 applied"), ("s3", "r 7 wrong_store"), (nil, "r 7 wrong_store")])
  func `the store has to be listed, and a top-up without a store is in none`(
    store: String?, line: String
  ) throws {
    let rule = BonusRule.fixed("r", 7).with { $0.stores = ["s1", "s2"] }
    var till = try Till(rules: .bonus(rule))
    let card = try till.card()
    till.store = store
    #expect(try Self.quote(till, card, 1) == [line])
  }

  @Test(arguments: [
    ("gold", "r 7 applied"), ("silver", "r 7 wrong_level"), (nil, "r 7 wrong_level"),
  ])
  func `the level has to be listed, and a card without a level has none`(
    level: String?, line: String
  ) throws {
    let rule = BonusRule.fixed("r", 7).with { $0.levels = ["gold"] }
    var till = try Till(rules: .bonus(rule))
    let card = try till.card(level: level)
    #expect(try Self.quote(till, card, 1) == [line])
  }

  @Test func `a rule without conditions applies whatever store and level there is`() throws {
    var till = try Till(rules: .bonus(.fixed("r", 7)))
    till.store = "anywhere"
    let card = try till.card(level: "any")
    #expect(try Self.quote(till, card, 1) == ["r 7 applied"])
  }

  @Test func `another top-up and an earlier grant are named`() throws {
    let first = BonusRule.fixed("f", 7).with { $0.firstTopUpOnly = true }
    let once = BonusRule.fixed("o", 5).with { $0.oncePerAccount = true }
    var till = try Till(rules: .bonus(first, once, combination: .all))
    let card = try till.card()
    #expect(try Self.quote(till, card, 1) == ["f 7 applied", "o 5 applied"])
    _ = try till.topUp(card, 1)
    #expect(try Self.quote(till, card, 1) == ["f 7 not_first_topup", "o 5 already_granted"])
  }

  @Test func `what comes to nothing and what another keeps out are named`() throws {
    let nothing = BonusRule(id: "n", grant: .rate(BasisPoints(1), maximum: nil))
    let lines = ["n 0 comes_to_nothing", "a 5 applied", "b 9 applied", "c 9 applied"]
    for (combination, reasons) in [
      (BonusCombination.all, lines),
      (.first, [lines[0], lines[1], "b 9 another_came_first", "c 9 another_came_first"]),
      (.best, [lines[0], "a 5 another_is_better", lines[2], "c 9 another_is_better"]),
    ] {
      var till = try Till(
        rules: .bonus(
          nothing, .fixed("a", 5), .fixed("b", 9), .fixed("c", 9), combination: combination))
      let card = try till.card()
      #expect(try Self.quote(till, card, 100) == reasons)
    }
  }

  @Test func `the first condition that fails is the one named`() throws {
    let day = try #require(BusinessDate(text: "2026-03-02"))
    let rule = BonusRule.fixed("r", from: 10, 7).with {
      $0.validFrom = day
      $0.validUntil = day
      $0.weekdays = [1]
      $0.stores = ["s"]
      $0.levels = ["gold"]
      $0.firstTopUpOnly = true
      $0.oncePerAccount = true
    }
    var till = try Till(rules: .bonus(rule))
    till.store = "s"
    let card = try till.card(topUp: 10, level: "gold")
    #expect(try Self.quote(till, card, 10) == ["r 7 not_first_topup"])
    let plain = try till.card("1002", topUp: 10)
    #expect(try Self.quote(till, plain, 10) == ["r 7 wrong_level"])
    till.store = nil
    #expect(try Self.quote(till, plain, 10) == ["r 7 wrong_store"])
    till.advance(seconds: 86_400)
    #expect(try Self.quote(till, plain, 10) == ["r 7 no_longer_valid"])
    #expect(try Self.quote(till, plain, 9) == ["r 7 below_minimum"])
  }

  @Test func `every reason has its own name`() {
    #expect(Set(BonusMiss.allCases.map(\.rawValue)).count == 12)
  }
}
