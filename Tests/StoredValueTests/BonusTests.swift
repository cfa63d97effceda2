// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/bonus.md: what a rule gives and which of several do.
@Suite struct BonusTests {
  private static let steps = [
    BonusRule.fixed("r500", from: 50_000, 5_000), .fixed("r1000", from: 100_000, 15_000),
  ]

  @Test(
    arguments: [
      (49_999, 0, 0, 0), (50_000, 5_000, 5_000, 5_000), (99_999, 5_000, 5_000, 5_000),
      (100_000, 15_000, 20_000, 5_000), (1_000_000, 15_000, 20_000, 5_000),
    ] as [(Int64, Int64, Int64, Int64)])
  func `load 500 get 50, load 1000 get 150`(
    amount: Int64, best: Int64, all: Int64, first: Int64
  ) throws {
    for (combination, expected) in [
      (BonusCombination.best, best), (.all, all), (.first, first),
    ] {
      var rules = StoredValueRules()
      rules.topUp.bonusRules = Self.steps
      rules.topUp.combination = combination
      var till = try Till(rules: rules)
      let card = try till.card()
      let entry = try till.topUp(card, amount).entry
      #expect(entry.amount == Amount(amount))
      #expect(entry.principal == Amount(amount))
      #expect(entry.bonus == Amount(expected))
      #expect(try till.view(card).bonus == Amount(expected))
      #expect(try till.view(card).principal == Amount(amount))
      #expect(till.total(.bonusExpense) == expected)
      #expect(till.total(.cash(tender: "cash")) == amount)
    }
  }

  @Test(
    arguments: [
      (.per(every: Amount(50_000), amount: Amount(5_000)), 149_999, 10_000),
      (.per(every: Amount(50_000), amount: Amount(5_000)), 150_000, 15_000),
      (.per(every: Amount(50_000), amount: Amount(5_000)), 49_999, 0),
      (.rate(BasisPoints(1000), maximum: Amount(20_000)), 300_000, 20_000),
      (.rate(BasisPoints(1000), maximum: Amount(20_000)), 200_000, 20_000),
      (.rate(BasisPoints(1000), maximum: Amount(20_000)), 199_999, 19_999),
      (.rate(BasisPoints(1000), maximum: Amount(20_000)), 150_000, 15_000),
      (.rate(BasisPoints(1000), maximum: nil), 12_345, 1_234),
      (.rate(BasisPoints(1000), maximum: nil), 9, 0), (.fixed(Amount(7)), 1, 7),
      (.rate(BasisPoints(1_000_000), maximum: nil), 1_000_000_000_000, 100_000_000_000_000),
      (.per(every: Amount(1), amount: Amount(1)), 1_000_000_000_000, 1_000_000_000_000),
    ] as [(BonusGrant, Int64, Int64)])
  func `a grant gives what it says, rounded down`(
    grant: BonusGrant, amount: Int64, expected: Int64
  ) throws {
    #expect(grant.bonus(for: Amount(amount)) == Amount(expected))
    var till = try Till(rules: .bonus(BonusRule(id: "r", grant: grant)))
    let card = try till.card()
    #expect(try till.topUp(card, amount).entry.bonus == Amount(expected))
  }

  @Test func `each rule that gives makes a lot of its own, after the principal's`() throws {
    let short = BonusRule.fixed("b", 300).with {
      $0.expiresAfterDays = 30
      $0.release = BasisPoints(1000)
    }
    var till = try Till(rules: .bonus(.fixed("a", 200), short, combination: .all))
    let entry = try till.open("1001", topUp: 1_000).entry
    let lots = try #require(entry.after).lots
    #expect(lots.map(\.id.index) == [0, 1, 2])
    #expect(lots.map(\.kind) == [.principal, .bonus, .bonus])
    #expect(lots.map(\.granted.minorUnits) == [1_000, 200, 300])
    #expect(lots.map(\.releasePerDebit) == [nil, nil, Amount(30)])
    #expect(lots.map { $0.expiresAt?.text } == [nil, nil, "2026-04-01T16:00:00.000Z"])
    #expect(lots.allSatisfy { $0.id.topUp == entry.id })
    #expect(entry.bonusGrants.map(\.rule) == ["a", "b"])
    #expect(entry.linked(.opens) == EntryID(1))
  }

  @Test func `on a tie the rule listed first gives`() throws {
    var till = try Till(rules: .bonus(.fixed("a", 10), .fixed("b", 20), .fixed("c", 20)))
    let card = try till.card()
    #expect(try till.topUp(card, 1).entry.bonusGrants.map(\.rule) == ["b"])
  }

  @Test func `first takes the first listed that applies and gives something`() throws {
    let nothing = BonusRule(id: "n", grant: .rate(BasisPoints(1), maximum: nil))
    var till = try Till(
      rules: .bonus(
        .fixed("a", from: 500, 99), nothing, .fixed("b", 10), .fixed("c", 20), combination: .first))
    let card = try till.card()
    #expect(try till.topUp(card, 100).entry.bonusGrants.map(\.rule) == ["b"])
  }

  /// Contract §9, Bonus: a first top-up is one beside which no other credited one stands.
  @Test func `a first top-up's bonus comes again once the first was reversed`() throws {
    let rule = BonusRule.fixed("first", 100).with { $0.firstTopUpOnly = true }
    var till = try Till(rules: .bonus(rule))
    let card = try till.card()
    let first = try till.topUp(card, 1_000).entry
    #expect(first.bonus == Amount(100))
    #expect(try till.topUp(card, 1_000).entry.bonus == .zero)
    let second = try #require(till.journal.last)
    _ = try till.reverse(card, first).entry
    #expect(try till.topUp(card, 1_000).entry.bonus == .zero)
    let third = try #require(till.journal.last)
    _ = try till.reverse(card, second).entry
    _ = try till.reverse(card, third).entry
    #expect(try till.topUp(card, 1_000).entry.bonus == Amount(100))
  }

  @Test func `a pending top-up does not stand, one that was spent does`() throws {
    let rule = BonusRule.fixed("first", 100).with { $0.firstTopUpOnly = true }
    var till = try Till(
      rules: .with {
        $0.topUp.bonusRules = [rule]
        $0.topUp.pendingTenders = ["cheque"]
      })
    let card = try till.card()
    let cheque = try till.topUp(card, 1_000, tender: "cheque").entry
    #expect(try till.topUp(card, 1_000).entry.bonus == Amount(100))
    _ = try till.debit(card, 1_100).entry
    #expect(try till.topUp(card, 500).entry.bonus == .zero)
    #expect(try till.clear(card, cheque).entry.bonus == .zero)
  }

  @Test func `a rule gives once per account while what it gave stands`() throws {
    let once = BonusRule.fixed("once", 100).with {
      $0.oncePerAccount = true
      $0.expiresAfterDays = 0
    }
    var till = try Till(rules: .bonus(once, .fixed("other", 10)))
    let card = try till.card()
    let first = try till.topUp(card, 1_000).entry
    #expect(first.bonusGrants.map(\.rule) == ["once"])
    #expect(try till.topUp(card, 1_000).entry.bonusGrants.map(\.rule) == ["other"])
    till.advance(seconds: 86_400)
    // Lapsed is not gone: the rule did give, and the top-up stands.
    #expect(try till.topUp(card, 1_000).entry.bonusGrants.map(\.rule) == ["other"])
    _ = try till.reverse(card, first).entry
    #expect(try till.topUp(card, 1_000).entry.bonusGrants.map(\.rule) == ["once"])
  }

  @Test func `another card of the ledger has its own first and its own once`() throws {
    let rule = BonusRule.fixed("r", 100).with {
      $0.firstTopUpOnly = true
      $0.oncePerAccount = true
    }
    var till = try Till(rules: .bonus(rule))
    #expect(try till.open("1001", topUp: 1).entry.bonus == Amount(100))
    #expect(try till.open("1002", topUp: 1).entry.bonus == Amount(100))
  }

  @Test func `an expiry beyond the year 9999 is the end of that year`() throws {
    let rule = BonusRule.fixed("r", 100).with { $0.expiresAfterDays = 4_000_000 }
    var till = try Till(rules: .bonus(rule))
    let card = try till.card(topUp: 10)
    #expect(try till.view(card).lots.last?.expiresAt == .latest)
  }

  /// spec/money.md: what would leave the range of an account is refused; the engine goes on (T76).
  @Test(arguments: [
    [BonusRule(id: "a", grant: .per(every: Amount(1), amount: .requestLimit))],
    Array(
      repeating: BonusRule(id: "a", grant: .per(every: Amount(1), amount: .requestLimit)),
      count: 20),
    [BonusRule(id: "a", grant: .per(every: Amount(1), amount: Amount(1_000_000)))],
  ])
  func `a bonus no account could hold refuses the top-up, at once and at the clearing`(
    bonus: [BonusRule]
  ) throws {
    var till = try Till(
      rules: .with {
        $0.topUp.bonusRules = bonus
        $0.topUp.combination = .all
        $0.topUp.pendingTenders = ["cheque"]
      })
    let card = try till.card()
    let refusal = try till.topUp(card, 1_000_000_000_000).refusal
    #expect(refusal.code == .limitExceeded)
    #expect(refusal.text("limit") == "account_ceiling")
    let cheque = try till.topUp(card, 1_000_000_000_000, tender: "cheque").entry
    #expect(try till.clear(card, cheque).code == .limitExceeded)
    #expect(try till.view(card).pending == .requestLimit)
    _ = try till.bounce(card, cheque).entry
    till.rules.topUp.bonusRules = []
    #expect(try till.topUp(card, 5).entry.amount == Amount(5))
  }
}
