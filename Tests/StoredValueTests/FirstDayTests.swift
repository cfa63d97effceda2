// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/stored-value.md, First day, and T74.
@Suite struct FirstDayTests {
  private static let rules = StoredValueRules.with { $0.firstDay.cap = BasisPoints(6000) }

  @Test func `60000 of 100000 may be spent in any number of debits, and not one more`() throws {
    var till = try Till(rules: Self.rules)
    let whole = try till.card("1001", topUp: 100_000)
    #expect(try till.debit(whole, 60_001).code == .firstDayLimit)
    #expect(try till.debit(whole, 60_000).entry.amount == Amount(60_000))
    #expect(try till.debit(whole, 1).code == .firstDayLimit)
    let parts = try till.card("1002", topUp: 100_000)
    for _ in 0..<60 { _ = try till.debit(parts, 1_000).entry }
    let refusal = try till.debit(parts, 1).refusal
    #expect(refusal.code == .firstDayLimit)
    #expect(refusal.field == "/amount")
    #expect(refusal.number("cap") == 60_000)
    #expect(refusal.number("spent") == 60_000)
    #expect(refusal.number("remaining") == 0)
    #expect(try till.view(parts).spendable == .zero)
  }

  /// The worked example of the specification, step by step.
  @Test func `holds count, and what is released or refunded gives room back`() throws {
    var till = try Till(rules: Self.rules)
    let card = try till.card(topUp: 100_000)
    let first = try till.debit(card, 20_000).entry
    _ = try till.debit(card, 30_000).entry
    let hold = try till.hold(card, 10_000)
    #expect(try till.debit(card, 1).code == .firstDayLimit)
    #expect(try till.authorize(card, 1).code == .firstDayLimit)
    #expect(try till.view(card).firstDay == .init(cap: Amount(60_000), spent: Amount(60_000)))
    _ = try till.release(card, hold).entry
    _ = try till.refund(card, first, 5_000).entry
    #expect(try till.view(card).firstDay?.remaining == Amount(15_000))
    #expect(try till.debit(card, 15_001).code == .firstDayLimit)
    let last = try till.debit(card, 15_000).entry
    #expect(try till.debit(card, 1).code == .firstDayLimit)
    _ = try till.reverse(card, last).entry
    #expect(try till.view(card).firstDay?.remaining == Amount(15_000))
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.view(card).firstDay == nil)
    #expect(try till.debit(card, 55_000).entry.amount == Amount(55_000))
  }

  @Test func `a captured hold counts what was captured, an expired one nothing`() throws {
    var till = try Till(rules: Self.rules)
    let card = try till.card(topUp: 100_000)
    let hold = try till.hold(card, 40_000)
    _ = try till.capture(card, hold, 10_000).entry
    #expect(try till.view(card).firstDay?.spent == Amount(10_000))
    _ = try till.hold(card, 50_000, seconds: 60)
    #expect(try till.view(card).firstDay?.remaining == .zero)
    till.advance(seconds: 60)
    #expect(try till.view(card).firstDay?.remaining == Amount(50_000))
  }

  @Test(
    arguments: [
      (0, "2026-03-02T15:59:59.999Z", "2026-03-02T16:00:00.000Z"),
      (240, "2026-03-02T19:59:59.999Z", "2026-03-02T20:00:00.000Z"),
    ] as [(Int64, String, String)])
  func `the cap is in force to the last millisecond of the business date`(
    dayStart: Int64, last: String, next: String
  ) throws {
    var till = try Till(dayStartMinutes: dayStart, rules: Self.rules)
    let card = try till.card(topUp: 100_000)
    try till.set(last)
    #expect(try till.debit(card, 60_001).code == .firstDayLimit)
    #expect(try till.view(card).spendable == Amount(60_000))
    try till.set(next)
    #expect(try till.view(card).spendable == Amount(100_000))
    #expect(try till.debit(card, 60_001).code == nil)
  }

  @Test func `a card opened just before the day begins has its first day behind it soon`() throws {
    var till = try Till(at: "2026-03-02T19:59:59Z", dayStartMinutes: 240, rules: Self.rules)
    let card = try till.card(topUp: 100_000)
    #expect(try till.account(card).openedOn.text == "2026-03-02")
    #expect(try till.debit(card, 60_001).code == .firstDayLimit)
    till.advance(seconds: 1)
    #expect(try till.debit(card, 60_001).code == nil)
  }

  @Test(arguments: [(99_999, 59_999), (1, 0), (2, 1), (10_001, 6_000)] as [(Int64, Int64)])
  func `the cap rounds down`(paid: Int64, cap: Int64) throws {
    var till = try Till(rules: Self.rules)
    let card = try till.card(topUp: paid)
    #expect(try till.view(card).firstDay?.cap == Amount(cap))
    #expect(try till.view(card).spendable == Amount(cap))
  }

  @Test func `the base is the first credited top-up that stands, without its bonus`() throws {
    var rules = StoredValueRules.bonus(.fixed("r", 50_000))
    rules.firstDay.cap = BasisPoints(6000)
    rules.topUp.pendingTenders = ["cheque"]
    var till = try Till(rules: rules)
    let card = try till.card()
    #expect(try till.view(card).firstDay == .init(cap: .zero, spent: .zero))
    let cheque = try till.topUp(card, 10_000, tender: "cheque").entry
    #expect(try till.view(card).firstDay?.cap == .zero)
    #expect(try till.debit(card, 1).code == .firstDayLimit)
    let cash = try till.topUp(card, 100_000).entry
    #expect(try till.view(card).firstDay?.cap == Amount(60_000))
    _ = try till.topUp(card, 900_000).entry
    _ = try till.clear(card, cheque).entry
    #expect(try till.view(card).firstDay?.cap == Amount(60_000))
    _ = try till.reverse(card, cash).entry
    #expect(try till.view(card).firstDay?.cap == Amount(540_000))
  }

  @Test func `a cheque that clears first is the base although it was not brought first`() throws {
    var rules = Self.rules
    rules.topUp.pendingTenders = ["cheque"]
    var till = try Till(rules: rules)
    let card = try till.card()
    let early = try till.topUp(card, 10_000, tender: "cheque").entry
    let late = try till.topUp(card, 20_000, tender: "cheque").entry
    _ = try till.clear(card, late).entry
    _ = try till.clear(card, early).entry
    #expect(try till.view(card).firstDay?.cap == Amount(12_000))
  }

  @Test func `a cap that falls below what was spent stops further debits and breaks nothing`()
    throws
  {
    var till = try Till(rules: Self.rules)
    let card = try till.card(topUp: 10_000)
    _ = try till.topUp(card, 10_000).entry
    _ = try till.debit(card, 6_000).entry
    till.rules.firstDay.cap = BasisPoints(1000)
    #expect(try till.view(card).firstDay == .init(cap: Amount(1_000), spent: Amount(6_000)))
    #expect(try till.view(card).spendable == .zero)
    #expect(try till.debit(card, 1).code == .firstDayLimit)
    till.rules.firstDay.cap = nil
    #expect(try till.debit(card, 14_000).code == nil)
  }

  @Test func `a cap of nothing lets nothing be spent on the first day`() throws {
    var till = try Till(rules: .with { $0.firstDay.cap = BasisPoints(0) })
    let card = try till.card(topUp: 10_000)
    #expect(try till.debit(card, 1).code == .firstDayLimit)
  }

  @Test(
    arguments: [
      (100_000, 49_999, false), (100_000, 50_000, true), (100_000, 50_001, true), (1, 0, false),
      (3, 1, false), (3, 2, true), (1_000_000_000_000, 499_999_999_999, false),
      (1_000_000_000_000, 500_000_000_000, true),
    ] as [(Int64, Int64, Bool)])
  func `the purchase gate bars a buyer whose own spend reaches half the card`(
    amount: Int64, spend: Int64, isBarred: Bool
  ) throws {
    var till = try Till(rules: .with { $0.firstDay.gate = BasisPoints(5000) })
    let answer = try till.open("1001", topUp: amount, sameDaySpend: spend)
    guard isBarred else {
      #expect(answer.code == nil)
      return
    }
    let refusal = try answer.refusal
    #expect(refusal.code == .purchaseGate)
    #expect(refusal.field == "/same_day_spend")
    #expect(refusal.number("gate_basis_points") == 5000)
    #expect(till.journal.isEmpty)
    #expect(till.accounts.isEmpty)
  }

  @Test func `the gate is judged only with both a top-up and a spend`() throws {
    var till = try Till(rules: .with { $0.firstDay.gate = BasisPoints(5000) })
    #expect(try till.open("1001", topUp: 100).code == nil)
    #expect(try till.open("1002", sameDaySpend: 1_000_000).code == nil)
    till.rules.firstDay.gate = nil
    #expect(try till.open("1003", topUp: 100, sameDaySpend: 1_000_000).code == nil)
  }
}
