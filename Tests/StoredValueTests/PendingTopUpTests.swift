// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/stored-value.md, Top-up: tenders that have to clear.
@Suite struct PendingTopUpTests {
  private static let rules = StoredValueRules.with {
    $0.topUp.pendingTenders = ["cheque", "支票"]
    $0.topUp.bonusRules = [.fixed("r", from: 50_000, 5_000)]
  }

  @Test func `a cheque is neither spendable nor rewarded before it clears`() throws {
    var till = try Till(rules: Self.rules)
    let card = try till.card()
    let cheque = try till.topUp(card, 50_000, tender: "cheque").entry
    #expect(cheque.kind == .topUp)
    #expect(cheque.amount == Amount(50_000))
    #expect((cheque.principal, cheque.bonus) == (.zero, .zero))
    let view = try till.view(card)
    #expect((view.principal, view.bonus, view.pending) == (.zero, .zero, Amount(50_000)))
    #expect((view.available, view.spendable) == (.zero, .zero))
    #expect(view.lots.map(\.pending) == [true])
    #expect(try till.debit(card, 1).code == .insufficientFunds)
    #expect(till.total(.uncleared(tender: "cheque")) == 50_000)
    #expect(till.total(.pendingTopUps) == -50_000)
    #expect(till.total(.cash(tender: "cheque")) == 0)

    let clearing = try till.clear(card, cheque).entry
    #expect(clearing.kind == .topUpClear)
    #expect((clearing.amount, clearing.principal) == (Amount(50_000), Amount(50_000)))
    #expect(clearing.bonus == Amount(5_000))
    #expect(clearing.linked(.clears) == cheque.id)
    #expect(clearing.tender == "cheque")
    #expect(clearing.bonusGrants.map(\.lot) == [LotID(topUp: cheque.id, index: 1)])
    #expect(try till.debit(card, 55_000).code == nil)
    #expect(till.total(.uncleared(tender: "cheque")) == 0)
    #expect(till.total(.pendingTopUps) == 0)
    #expect(till.total(.cash(tender: "cheque")) == 50_000)
    #expect(till.marks[cheque.id]?.isCleared == true)
    #expect(try till.clear(card, cheque).code == .notPending)
    #expect(try till.bounce(card, cheque).code == .notPending)
  }

  @Test func `after a bounce nothing of it remains`() throws {
    var till = try Till(rules: Self.rules)
    let card = try till.card()
    let cheque = try till.topUp(card, 50_000, tender: "支票").entry
    let bounce = try till.bounce(card, cheque).entry
    #expect(bounce.kind == .topUpBounce)
    #expect(bounce.amount == Amount(50_000))
    #expect((bounce.principal, bounce.bonus) == (.zero, .zero))
    #expect(bounce.linked(.bounces) == cheque.id)
    #expect(bounce.tender == "支票")
    #expect(try till.view(card).lots.isEmpty)
    #expect(till.totals.values.allSatisfy { $0 == 0 })
    #expect(till.marks[cheque.id]?.isBounced == true)
    #expect(try till.account(card).paid == .zero)
    #expect(try till.bounce(card, cheque).code == .notPending)
    #expect(try till.clear(card, cheque).code == .notPending)
  }

  @Test
  func `the bonus is judged by the program and date of the clearing, the store of the top-up`()
    throws
  {
    var till = try Till(rules: Self.rules)
    till.store = "s1"
    let card = try till.card()
    let cheque = try till.topUp(card, 1_000, tender: "cheque").entry
    till.store = "s2"
    till.now = till.start(ofDayAfter: 1)
    let day = till.date
    till.rules.topUp.bonusRules = [
      BonusRule.fixed("today in s1", 70).with {
        $0.stores = ["s1"]
        $0.validFrom = day
        $0.expiresAfterDays = 0
      },
      BonusRule.fixed("s2", 900).with { $0.stores = ["s2"] },
    ]
    let clearing = try till.clear(card, cheque).entry
    #expect(clearing.bonusGrants.map(\.rule) == ["today in s1"])
    #expect(clearing.bonusGrants.first?.expiresAt == till.start(ofDayAfter: 1))
  }

  @Test func `a clearing counts as the first top-up if no other one stands`() throws {
    var till = try Till(rules: Self.rules)
    till.rules.topUp.bonusRules = [
      BonusRule.fixed("first", 70).with { $0.firstTopUpOnly = true }
    ]
    let card = try till.card()
    let cheque = try till.topUp(card, 1_000, tender: "cheque").entry
    let other = try till.topUp(card, 1_000, tender: "cheque").entry
    #expect(try till.clear(card, other).entry.bonus == Amount(70))
    #expect(try till.clear(card, cheque).entry.bonus == .zero)
  }

  @Test func `only a pending top-up of the same card clears or bounces`() throws {
    var till = try Till(rules: Self.rules)
    let card = try till.card("1001", topUp: 1_000)
    let other = try till.card("1002")
    let cheque = try till.topUp(card, 1_000, tender: "cheque").entry
    #expect(try till.clear(other, cheque).code == .notPending)
    #expect(try till.bounce(other, cheque).code == .notPending)
    let debit = try till.debit(card, 5).entry
    for entry in till.journal where entry.id != cheque.id {
      #expect(try till.clear(card, entry).code == .notPending)
      #expect(try till.bounce(card, entry).code == .notPending)
    }
    #expect(try till.clear(card, debit).refusal.field == "/entry_id")
    #expect(try till.clear(card, cheque).code == nil)
  }

  @Test func `a card may be opened with a cheque`() throws {
    var till = try Till(rules: Self.rules)
    let opening = try till.open("1001", topUp: 50_000, tender: "cheque")
    #expect(try opening.entry.linked(.opens) == EntryID(1))
    #expect(try opening.entry.after?.pending == Amount(50_000))
    #expect(opening.entries.map(\.kind) == [.open, .topUp])
  }
}
