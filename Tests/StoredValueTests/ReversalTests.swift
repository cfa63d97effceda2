// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/stored-value.md, Reversal (INV-5).
@Suite struct ReversalTests {
  @Test func `a misload is undone with its bonus, whole`() throws {
    var till = try Till(rules: .bonus(.fixed("r", 500)))
    let card = try till.card(topUp: 1_000)
    let wrong = try till.topUp(card, 9_000, tender: "wechat").entry
    let reversal = try till.reverse(card, wrong).entry
    #expect(reversal.kind == .reverse)
    #expect(reversal.amount == Amount(9_000))
    #expect((reversal.principal, reversal.bonus) == (Amount(9_000), Amount(500)))
    #expect(reversal.linked(.reverses) == wrong.id)
    #expect(reversal.tender == "wechat")
    #expect(till.total(.cash(tender: "wechat")) == 0)
    #expect(till.total(.cash(tender: "cash")) == 1_000)
    #expect(till.total(.bonusExpense) == 500)
    #expect(try till.view(card).available == Amount(1_500))
    #expect(try till.reverse(card, wrong).code == .alreadyReversed)
    #expect(till.marks[wrong.id]?.isReversed == true)
  }

  @Test func `a top-up of which something was spent is told by kind`() throws {
    var till = try Till(rules: .bonus(.fixed("r", 500)))
    let card = try till.card(topUp: 1_000)
    let topUp = try #require(till.journal.last)
    _ = try till.debit(card, 600).entry
    let refusal = try till.reverse(card, topUp).refusal
    #expect(refusal.code == .alreadySpent)
    #expect(refusal.field == "/entry_id")
    #expect(refusal.number("principal") == 100)
    #expect(refusal.number("bonus") == 500)
  }

  @Test func `a top-up whose spending was given back is whole again`() throws {
    var till = try Till(rules: .bonus(.fixed("r", 500)))
    let card = try till.card(topUp: 1_000)
    let topUp = try #require(till.journal.last)
    let first = try till.debit(card, 600).entry
    let second = try till.debit(card, 50).entry
    _ = try till.refund(card, first).entry
    #expect(try till.reverse(card, topUp).refusal.number("bonus") == 0)
    #expect(try till.reverse(card, topUp).refusal.number("principal") == 50)
    _ = try till.reverse(card, second).entry
    _ = try till.reverse(card, topUp).entry
    #expect(till.totals.values.allSatisfy { $0 == 0 })
    // Its debits cannot be given back a second time.
    #expect(try till.refund(card, first).code == .alreadyRefunded)
    #expect(try till.refund(card, second).code == .alreadyReversed)
  }

  @Test func `spent comes before held, and a hold that is over bars nothing`() throws {
    var till = try Till(rules: .bonus(.fixed("r", 500)))
    let card = try till.card(topUp: 1_000)
    let topUp = try #require(till.journal.last)
    let debit = try till.debit(card, 100).entry
    _ = try till.hold(card, 700, seconds: 60)
    #expect(try till.reverse(card, topUp).code == .alreadySpent)
    _ = try till.refund(card, debit).entry
    let refusal = try till.reverse(card, topUp).refusal
    #expect(refusal.code == .valueHeld)
    #expect(refusal.number("held") == 700)
    till.advance(seconds: 60)
    #expect(try till.reverse(card, topUp).code == nil)
  }

  @Test func `a hold on another top-up bars nothing`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let second = try till.topUp(card, 500).entry
    _ = try till.hold(card, 1_000)
    #expect(try till.reverse(card, second).code == nil)
    #expect(try till.view(card).available == .zero)
  }

  @Test func `bonus that lapsed is not spent, and nothing of it returns`() throws {
    var till = try Till(rules: .bonus(BonusRule.fixed("r", 500).with { $0.expiresAfterDays = 0 }))
    let card = try till.card(topUp: 1_000)
    let topUp = try #require(till.journal.last)
    let debit = try till.debit(card, 200).entry
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.reverse(card, topUp).refusal.number("bonus") == 200)
    _ = try till.refund(card, debit).entry
    let reversal = try till.reverse(card, topUp).entry
    #expect((reversal.principal, reversal.bonus) == (Amount(1_000), .zero))
    #expect(till.total(.bonusExpense) == 500)
    #expect(till.total(.breakage) == -500)
  }

  @Test func `what lapses in the moment of the reversal is not taken back either`() throws {
    var till = try Till(rules: .bonus(BonusRule.fixed("r", 500).with { $0.expiresAfterDays = 0 }))
    let card = try till.card(topUp: 1_000)
    let topUp = try #require(till.journal.last)
    till.now = till.start(ofDayAfter: 1)
    let answer = try till.reverse(card, topUp)
    #expect(answer.entries.map(\.kind) == [.expire, .reverse])
    #expect(try answer.entry.bonus == .zero)
  }

  @Test func `a debit is reversed whole and once`() throws {
    var till = try Till(rules: .bonus(.fixed("r", 500)))
    let card = try till.card(topUp: 1_000)
    let before = try till.account(card).lots
    let debit = try till.debit(card, 700).entry
    let reversal = try till.reverse(card, debit).entry
    #expect(reversal.amount == Amount(700))
    #expect((reversal.principal, reversal.bonus) == (Amount(200), Amount(500)))
    #expect(reversal.returned == ["0:200", "1:500"])
    #expect(reversal.linked(.reverses) == debit.id)
    #expect(try till.account(card).lots == before)
    #expect(try till.reverse(card, debit).code == .alreadyReversed)
    #expect(till.total(.sales) == 0)
  }

  @Test func `a refunded debit, in part or whole, is not reversed`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let debit = try till.debit(card, 700).entry
    _ = try till.refund(card, debit, 1).entry
    let refusal = try till.reverse(card, debit).refusal
    #expect(refusal.code == .alreadyRefunded)
    #expect(refusal.number("refunded") == 1)
    _ = try till.refund(card, debit).entry
    #expect(try till.reverse(card, debit).code == .alreadyRefunded)
  }

  @Test func `a pending top-up reversed is a bounce`() throws {
    var till = try Till(
      rules: .with {
        $0.topUp.pendingTenders = ["cheque"]
        $0.topUp.bonusRules = [.fixed("r", 500)]
      })
    let card = try till.card()
    let cheque = try till.topUp(card, 1_000, tender: "cheque").entry
    let bounce = try till.reverse(card, cheque).entry
    #expect(bounce.kind == .topUpBounce)
    #expect(bounce.linked(.bounces) == cheque.id)
    #expect(bounce.amount == Amount(1_000))
    #expect((bounce.principal, bounce.bonus) == (.zero, .zero))
    #expect(try till.reverse(card, cheque).code == .alreadyReversed)
    #expect(try till.bounce(card, cheque).code == .notPending)
    #expect(try till.clear(card, cheque).code == .notPending)
    #expect(till.totals.values.allSatisfy { $0 == 0 })
    #expect(try till.view(card).pending == .zero)
  }

  @Test func `a cheque that cleared is reversed with the bonus of its clearing`() throws {
    var till = try Till(
      rules: .with {
        $0.topUp.pendingTenders = ["cheque"]
        $0.topUp.bonusRules = [.fixed("r", 500)]
      })
    let card = try till.card()
    let cheque = try till.topUp(card, 1_000, tender: "cheque").entry
    let clearing = try till.clear(card, cheque).entry
    #expect(try till.reverse(card, clearing).code == .notReversible)
    let reversal = try till.reverse(card, cheque).entry
    #expect(reversal.kind == .reverse)
    #expect((reversal.principal, reversal.bonus) == (Amount(1_000), Amount(500)))
    #expect(till.totals.values.allSatisfy { $0 == 0 })
  }

  @Test func `nothing else is reversible, nor an entry of another card`() throws {
    var till = try Till(rules: .with { $0.topUp.pendingTenders = ["cheque"] })
    let card = try till.card("1001", topUp: 1_000)
    let other = try till.card("1002", topUp: 1_000)
    let debit = try till.debit(card, 500).entry
    let cheque = try till.topUp(card, 5, tender: "cheque").entry
    for entry in [debit, cheque, try #require(till.journal.dropFirst().first)] {
      #expect(try till.reverse(other, entry).code == .notReversible)
    }
    _ = try till.release(card, try till.hold(card, 100)).entry
    _ = try till.refund(card, debit, 5).entry
    _ = try till.bounce(card, cheque).entry
    _ = try till.freeze(card).entry
    for entry in till.journal where entry.account == card {
      guard ![.debit, .topUp].contains(entry.kind) else { continue }
      #expect(try till.reverse(card, entry).code == .notReversible, "\(entry.kind.name)")
    }
  }

  @Test func `a debit of yesterday reversed today gives no room under today's limit`() throws {
    var till = try Till(rules: .with { $0.debit.dailyMaximum = Amount(500) })
    let card = try till.card(topUp: 1_000)
    let debit = try till.debit(card, 500).entry
    till.now = till.start(ofDayAfter: 1)
    _ = try till.debit(card, 500).entry
    _ = try till.reverse(card, debit).entry
    #expect(try till.debit(card, 1).code == .limitExceeded)
  }
}
