// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/bonus.md, Release in parts: at most max(1, floor(granted × rate ÷ 10000)) a debit.
@Suite struct ReleaseTests {
  private static func till(bonus: Int64, rate: Int32) throws -> Till {
    try Till(
      rules: .bonus(BonusRule.fixed("r", bonus).with { $0.release = BasisPoints(rate) }))
  }

  @Test func `a bonus of 5000 goes in ten parts of 500, and the eleventh debit finds none`() throws
  {
    var till = try Self.till(bonus: 5_000, rate: 1000)
    let card = try till.card(topUp: 100_000)
    for _ in 0..<10 {
      let debit = try till.debit(card, 1_000).entry
      #expect(debit.bonus == Amount(500))
      #expect(debit.principal == Amount(500))
    }
    let eleventh = try till.debit(card, 1_000).entry
    #expect(eleventh.bonus == .zero)
    #expect(eleventh.principal == Amount(1_000))
  }

  @Test func `a bonus of 5005 gives 500 a debit and 5 in the end`() throws {
    var till = try Self.till(bonus: 5_005, rate: 1000)
    let card = try till.card(topUp: 100_000)
    let parts = try (0..<12).map { _ in try till.debit(card, 1_000).entry.bonus.minorUnits }
    #expect(parts == Array(repeating: 500, count: 10) + [5, 0])
  }

  @Test(
    arguments: [
      (5_000, 1000, 500), (5_005, 1000, 500), (5_009, 1000, 500), (5_010, 1000, 501), (5, 1000, 1),
      (9, 1, 1), (1, 1, 1), (10_000, 10_000, 10_000), (10_000, 20_000, 20_000), (5, 0, 1),
    ] as [(Int64, Int32, Int64)])
  func `one debit takes at most the part, and never less than 1`(
    granted: Int64, rate: Int32, part: Int64
  ) throws {
    var till = try Self.till(bonus: granted, rate: rate)
    let card = try till.card(topUp: 100_000)
    #expect(try till.view(card).lots.last?.releasePerDebit == Amount(part))
    let taken = min(granted, part)
    #expect(try till.view(card).spendable == Amount(100_000 + taken))
    #expect(try till.debit(card, 50_000).entry.bonus == Amount(taken))
  }

  /// The worked example of spec/bonus.md.
  @Test func `what is not released yet is available and not spendable`() throws {
    var till = try Self.till(bonus: 5_000, rate: 1000)
    let card = try till.card(topUp: 1_000)
    #expect(try till.view(card).available == Amount(6_000))
    #expect(try till.view(card).spendable == Amount(1_500))
    let refusal = try till.debit(card, 1_501).refusal
    #expect(refusal.code == .insufficientFunds)
    #expect(refusal.number("available") == 1_500)
    #expect(try till.debit(card, 1_500).entry.bonus == Amount(500))
    #expect(try till.view(card).spendable == Amount(500))
  }

  @Test func `the bound is of each lot by itself`() throws {
    var till = try Self.till(bonus: 5_000, rate: 1000)
    let card = try till.card(topUp: 1_000)
    _ = try till.topUp(card, 1_000).entry
    let debit = try till.debit(card, 1_200).entry
    #expect(debit.bonus == Amount(1_000))
    #expect(debit.consumption.map(\.amount.minorUnits) == [500, 500, 200])
  }

  @Test func `a hold is bounded like the debit it stands for`() throws {
    var till = try Self.till(bonus: 1_000, rate: 4000)
    let card = try till.card(topUp: 10_000)
    let hold = try till.hold(card, 2_000)
    #expect(
      try till.account(card).liveHolds(at: till.now)[0].parts.map(\.amount.minorUnits)
        == [400, 1_600])
    // The next takes as much again, the third what is left of the lot.
    #expect(try till.debit(card, 2_000).entry.bonus == Amount(400))
    #expect(try till.debit(card, 2_000).entry.bonus == Amount(200))
    #expect(try till.debit(card, 2_000).entry.bonus == .zero)
    #expect(try till.capture(card, hold).entry.bonus == Amount(400))
  }

  @Test func `what a refund gives back is released anew`() throws {
    var till = try Self.till(bonus: 500, rate: 10_000)
    let card = try till.card(topUp: 1_000)
    let debit = try till.debit(card, 800).entry
    #expect(debit.bonus == Amount(500))
    _ = try till.refund(card, debit).entry
    #expect(try till.debit(card, 800).entry.bonus == Amount(500))
  }
}
