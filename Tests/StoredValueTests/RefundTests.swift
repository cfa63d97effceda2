// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import StoredValue
import Testing

/// spec/stored-value.md, Refund, and T73.
@Suite struct RefundTests {
  /// The worked example: 500 bonus, then 9,500 principal were taken.
  @Test func `value returns in the reverse order of its taking, to the same lots`() throws {
    var till = try Till(
      rules: .bonus(BonusRule.fixed("r", 5_000).with { $0.release = BasisPoints(1000) }))
    let card = try till.card(topUp: 100_000)
    let before = try till.account(card).lots
    let debit = try till.debit(card, 10_000).entry
    #expect(debit.taken == ["1:500", "0:9500"])
    let first = try till.refund(card, debit, 9_600).entry
    #expect(first.returned == ["0:9500", "1:100"])
    #expect((first.principal, first.bonus) == (Amount(9_500), Amount(100)))
    #expect(first.amount == Amount(9_600))
    #expect(first.linked(.refunds) == debit.id)
    let refusal = try till.refund(card, debit, 401).refusal
    #expect(refusal.code == .refundExceedsDebit)
    #expect(refusal.field == "/amount")
    #expect(refusal.number("refundable") == 400)
    #expect(try till.refund(card, debit, 400).entry.returned == ["1:400"])
    #expect(try till.refund(card, debit, 1).code == .alreadyRefunded)
    #expect(try till.refund(card, debit).code == .alreadyRefunded)
    #expect(try till.account(card).lots == before)
    #expect(try till.account(card).used == .zero)
    #expect(till.total(.sales) == 0)
  }

  @Test func `a refund without an amount gives back all that is left`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let debit = try till.debit(card, 700).entry
    _ = try till.refund(card, debit, 1).entry
    #expect(try till.refund(card, debit).entry.amount == Amount(699))
    #expect(till.marks[debit.id]?.refunded == Amount(700))
  }

  @Test func `debits are refunded in any order, each to what it took`() throws {
    var till = try Till()
    let card = try till.card(topUp: 100)
    _ = try till.topUp(card, 100).entry
    let first = try till.debit(card, 60).entry
    let second = try till.debit(card, 60).entry
    #expect(second.consumption.map(\.amount.minorUnits) == [40, 20])
    _ = try till.refund(card, first, 60).entry
    #expect(try till.account(card).lots.map(\.remaining.minorUnits) == [60, 80])
    _ = try till.refund(card, second, 30).entry
    #expect(try till.account(card).lots.map(\.remaining.minorUnits) == [70, 100])
    _ = try till.refund(card, second).entry
    #expect(try till.account(card).lots.map(\.remaining.minorUnits) == [100, 100])
  }

  @Test func `random refunds of a debit over many lots restore them and never pass it`() throws {
    var random = SplitMix64(seed: 31)
    for round in 0..<60 {
      var rules = StoredValueRules.bonus(.fixed("a", 70), .fixed("b", 50), combination: .all)
      rules.debit.order = DebitOrder.allCases[round % 3]
      var till = try Till(rules: rules)
      let card = try till.card(topUp: 200)
      _ = try till.topUp(card, Int64(random.below(300)) + 1).entry
      let before = try till.account(card).lots
      let most = Int(try till.view(card).spendable.minorUnits)
      let debit = try till.debit(card, Int64(random.below(most)) + 1).entry
      var left = debit.amount.minorUnits
      while left > 0 {
        let given = Int64(random.below(Int(left))) + 1
        let refund = try till.refund(card, debit, given).entry
        if refund.principal + refund.bonus != Amount(given) { Issue.record("\(refund)") }
        left -= given
        if try till.refund(card, debit, left + 1).code == nil { Issue.record("seed 31: \(round)") }
      }
      #expect(try till.account(card).lots == before)
    }
  }

  /// Pay 100, get 120, spend 20, refund 100: the refund gives 20 and the bonus stays bonus.
  @Test(arguments: DebitOrder.allCases)
  func `a refund gives back the split of its debit, whatever the order of the program`(
    order: DebitOrder
  ) throws {
    var rules = StoredValueRules.bonus(.fixed("r", 2_000))
    rules.debit.order = order
    var till = try Till(rules: rules)
    let card = try till.card(topUp: 10_000)
    let debit = try till.debit(card, 2_000).entry
    for other in DebitOrder.allCases {
      till.rules.debit.order = other
      _ = try till.refund(card, debit, 600).entry
    }
    let refund = try till.refund(card, debit).entry
    #expect(refund.amount == Amount(200))
    #expect(try till.view(card).principal == Amount(10_000))
    #expect(try till.view(card).bonus == Amount(2_000))
    #expect(try till.refund(card, debit, 10_000).code == .alreadyRefunded)
  }

  @Test func `only a debit or a capture of the same account is refundable`() throws {
    var till = try Till(rules: .with { $0.topUp.pendingTenders = ["cheque"] })
    let card = try till.card("1001", topUp: 1_000)
    let other = try till.card("1002", topUp: 1_000)
    let debit = try till.debit(card, 500).entry
    #expect(try till.refund(other, debit).code == .notRefundable)
    _ = try till.hold(card, 100)
    _ = try till.topUp(card, 5, tender: "cheque").entry
    _ = try till.refund(card, debit, 5).entry
    _ = try till.freeze(card).entry
    _ = try till.unfreeze(card).entry
    for entry in till.journal where entry.account == card && entry.kind != .debit {
      #expect(try till.refund(card, entry).code == .notRefundable, "\(entry.kind.name)")
    }
  }

  @Test func `a reversed debit is not refunded`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let debit = try till.debit(card, 500).entry
    _ = try till.reverse(card, debit).entry
    #expect(try till.refund(card, debit).code == .alreadyReversed)
    #expect(try till.refund(card, debit, 501).code == .alreadyReversed)
  }
}
