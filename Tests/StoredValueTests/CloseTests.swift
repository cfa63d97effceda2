// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/stored-value.md, Closing (INV-18).
@Suite struct CloseTests {
  private static func till(
    _ method: CloseRules.RefundMethod, bonus: Int64 = 0, days: Int64? = nil
  ) throws -> Till {
    try Till(
      rules: .with {
        $0.close.method = method
        if bonus > 0 {
          $0.topUp.bonusRules = [
            BonusRule.fixed("r", bonus).with { $0.expiresAfterDays = days }
          ]
        }
      })
  }

  /// The worked example: paid 300,000, bonus 100,000, used 359,400.
  @Test(
    arguments: [
      (.principal, 40_600, 0), (.paidRatio, 30_450, -10_150), (.none, 0, -40_600),
    ] as [(CloseRules.RefundMethod, Int64, Int64)])
  func `paid 300000, bonus 100000, used 359400 settles by each method`(
    method: CloseRules.RefundMethod, payout: Int64, breakage: Int64
  ) throws {
    var till = try Self.till(method, bonus: 100_000)
    let card = try till.card(topUp: 300_000)
    _ = try till.debit(card, 359_400).entry
    let close = try till.close(card).entry
    #expect(close.kind == .close)
    #expect(close.payout == payout)
    #expect((close.principal, close.bonus) == (Amount(40_600), .zero))
    #expect(close.amount == Amount(40_600))
    #expect(till.total(.payouts) == -payout)
    #expect(till.total(.breakage) == breakage)
    #expect(till.total(.cardPrincipal) == 0)
    #expect(till.total(.cardBonus) == 0)
    #expect(close.after?.status == .closed)
    #expect(close.after?.lots.isEmpty == true)
    #expect(close.after?.spendable == .zero)
  }

  @Test func `the bonus left is forfeited and never paid out under principal`() throws {
    var till = try Self.till(.principal, bonus: 5_000)
    let card = try till.card(topUp: 10_000)
    _ = try till.debit(card, 1_000).entry
    let close = try till.close(card).entry
    #expect(close.payout == 10_000)
    #expect(close.bonus == Amount(4_000))
    #expect(close.amount == Amount(14_000))
    #expect(till.total(.breakage) == -4_000)
  }

  @Test(
    arguments: [
      (100, 50, 50, 66), (100, 50, 0, 100), (100, 50, 150, 0), (100, 0, 40, 60), (3, 1, 1, 2),
      (3, 1, 2, 1), (1_000_000_000_000, 1_000_000_000_000, 1, 999_999_999_999),
      (7, 3, 10, 0), (7, 3, 9, 0), (7, 3, 8, 1),
    ] as [(Int64, Int64, Int64, Int64)])
  func `paid ratio charges what was used at its share, rounded up`(
    paid: Int64, bonus: Int64, used: Int64, payout: Int64
  ) throws {
    var till = try Self.till(.paidRatio, bonus: bonus)
    let card = try till.card(topUp: paid)
    if used > 0 { _ = try till.debit(card, used).entry }
    #expect(try till.close(card).entry.payout == payout)
  }

  @Test func `paid ratio counts what stands, lapsed bonus too, and use less what came back`()
    throws
  {
    var till = try Self.till(.paidRatio, bonus: 50, days: 0)
    let card = try till.card(topUp: 100)
    let misload = try till.topUp(card, 1_000).entry
    _ = try till.reverse(card, misload).entry
    let debit = try till.debit(card, 90).entry
    let capture = try till.capture(card, try till.hold(card, 30), 20).entry
    _ = try till.refund(card, debit, 40).entry
    till.now = till.start(ofDayAfter: 1)
    // paid 100, granted 50, used 90 − 40 + 20: 100 − ceil(70 × 100 ÷ 150).
    #expect(try till.account(card).used == Amount(70))
    #expect(capture.amount == Amount(20))
    #expect(try till.close(card).entry.payout == 53)
  }

  @Test func `paid ratio may pay more than the principal left`() throws {
    var till = try Self.till(.paidRatio, bonus: 100)
    till.rules.debit.order = .principalFirst
    let card = try till.card(topUp: 100)
    _ = try till.debit(card, 100).entry
    let close = try till.close(card).entry
    #expect(close.payout == 50)
    #expect(close.principal == .zero)
    #expect(close.bonus == Amount(100))
    #expect(till.total(.breakage) == -50)
  }

  @Test func `a card that never held anything pays nothing by any method`() throws {
    for method in CloseRules.RefundMethod.allCases {
      var till = try Self.till(method)
      let card = try till.card()
      let close = try till.close(card).entry
      #expect(close.payout == 0)
      #expect(close.amount == .zero)
      #expect(close.postings.isEmpty)
    }
  }

  @Test func `live holds bar closing, then pending top-ups do`() throws {
    var till = try Self.till(.principal)
    till.rules.topUp.pendingTenders = ["cheque"]
    let card = try till.card(topUp: 1_000)
    let cheque = try till.topUp(card, 500, tender: "cheque").entry
    _ = try till.hold(card, 300, seconds: 60)
    let refusal = try till.close(card).refusal
    #expect(refusal.code == .holdsOpen)
    #expect(refusal.number("held") == 300)
    till.advance(seconds: 60)
    #expect(try till.close(card).code == .topUpPending)
    _ = try till.bounce(card, cheque).entry
    #expect(try till.close(card).entry.payout == 1_000)
  }

  @Test func `what has lapsed is breakage before the card closes`() throws {
    var till = try Self.till(.principal, bonus: 500, days: 0)
    let card = try till.card(topUp: 1_000)
    till.now = till.start(ofDayAfter: 1)
    let answer = try till.close(card)
    #expect(answer.entries.map(\.kind) == [.expire, .close])
    #expect(try answer.entry.bonus == .zero)
    #expect(try answer.entry.payout == 1_000)
  }
}
