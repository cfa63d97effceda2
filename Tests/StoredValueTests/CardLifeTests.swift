// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/stored-value.md, The card: opening, states, replacing.
@Suite struct CardLifeTests {
  @Test func `a card opens with what it is given`() throws {
    var till = try Till()
    let plain = try till.card("1001", pin: [1, 2], level: "gold")
    let account = try till.account(plain)
    #expect(account.cardNumber == CardNumber("1001"))
    #expect(account.status == .active)
    #expect(account.level == "gold")
    #expect(!account.registered)
    #expect(account.holderDigest == nil)
    #expect(account.openedAt == till.now)
    #expect(account.openedOn == till.date)
    #expect(account.pin.verifier == [1, 2])
    #expect(account.lastEntry == EntryID(1))
    let entry = try #require(till.journal.first)
    #expect(entry.kind == .open)
    #expect(entry.origin.terminal == "t")
    #expect(entry.reason == "a reason")
    #expect(entry.request != nil)
    let registered = try till.card("1002", registered: true)
    #expect(try till.account(registered).holderDigest == [7, 7])
  }

  @Test func `with a top-up the opening is two entries, and the top-up answers`() throws {
    var till = try Till()
    let answer = try till.open("1001", topUp: 1_000)
    #expect(answer.entries.map(\.kind) == [.open, .topUp])
    #expect(answer.entries.map { $0.request == nil } == [true, false])
    #expect(answer.entries.map(\.previous) == [.none, EntryID(1)])
    #expect(answer.entries.map(\.id) == [EntryID(1), EntryID(2)])
  }

  @Test func `refusals of an opening come in order, and leave no card`() throws {
    var till = try Till(
      rules: .with {
        $0.firstDay.gate = BasisPoints(5000)
        $0.card.registeredNeedsHolder = true
        $0.topUp.maximum = Amount(100)
      })
    _ = try till.card("1001")
    #expect(
      try till.open("1001", topUp: 500, registered: true, sameDaySpend: 500).refusal
        == Refusal(.cardInUse, field: "/card_no"))
    #expect(
      try till.open("1002", topUp: 500, registered: true, sameDaySpend: 500).code == .purchaseGate)
    let holder = try till.open("1002", topUp: 500, registered: true, sameDaySpend: 1).refusal
    #expect(holder == Refusal(.holderRequired, field: "/holder"))
    #expect(
      try till.open("1002", topUp: 500, registered: true, holderIsComplete: true).code
        == .limitExceeded)
    #expect(till.accounts.count == 1)
    #expect(till.journal.count == 1)
    #expect(try till.open("1002", topUp: 100, registered: true, holderIsComplete: true).code == nil)
    #expect(try till.open("1003").code == nil)
  }

  @Test func `an unregistered card needs no holder`() throws {
    var till = try Till(rules: .with { $0.card.registeredNeedsHolder = true })
    #expect(try till.open("1001").code == nil)
    till.rules.card.registeredNeedsHolder = false
    #expect(try till.open("1002", registered: true).code == nil)
  }

  private static func status(_ till: Till, _ card: AccountID) throws -> AccountStatus {
    try till.account(card).status
  }

  @Test func `freezing stops a card, and nothing but unfreezing serves it again`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    #expect(try till.unfreeze(card).code == .notFrozen)
    #expect(try till.freeze(card).entry.after?.status == .frozen)
    #expect(try till.view(card).spendable == .zero)
    #expect(try till.freeze(card).code == .accountFrozen)
    #expect(try till.reportLost(card).code == .accountFrozen)
    #expect(try till.replace(card, "1002").code == .accountFrozen)
    #expect(try till.close(card).code == .accountFrozen)
    #expect(try Self.status(till, card) == .frozen)
    _ = try till.unfreeze(card).entry
    #expect(try till.view(card).spendable == Amount(1_000))
  }

  @Test func `a lost card is replaced, with everything it holds`() throws {
    var till = try Till()
    let card = try till.card("1001", topUp: 1_000, pin: [1])
    _ = try till.reportLost(card).entry
    #expect(try till.view(card).spendable == .zero)
    #expect(try till.freeze(card).code == .accountLost)
    #expect(try till.unfreeze(card).code == .accountLost)
    #expect(try till.reportLost(card).code == .accountLost)
    let replaced = try till.replace(card, "1002").entry
    #expect(replaced.after?.status == .active)
    #expect(replaced.after?.cardNumber == CardNumber("1002"))
    #expect(replaced.after?.principal == Amount(1_000))
    #expect(replaced.after?.pinSet == true)
    #expect(try till.account(card).pin.verifier == [1])
    // An active card is replaced too, and no number ever comes back.
    #expect(try till.replace(card, "1001").refusal == Refusal(.cardInUse, field: "/new_card_no"))
    #expect(try till.replace(card, "1002").code == .cardInUse)
    #expect(try till.replace(card, "1003").code == nil)
    #expect(try till.open("1001").code == .cardInUse)
  }

  @Test func `a replacement may bring a new PIN, which ends count and lock`() throws {
    var till = try Till()
    let card = try till.card("1001", topUp: 1_000, pin: [1])
    for _ in 0..<5 { _ = try till.verifyPIN(card, .wrong).refusal }
    #expect(try till.view(card).pinLock != nil)
    _ = try till.replace(card, "1002").entry
    #expect(try till.view(card).pinLock != nil)
    let entry = try till.replace(card, "1003", newPIN: [9]).entry
    #expect(entry.after?.pinLock == nil)
    #expect(entry.after?.pinAttemptsLeft == 5)
    #expect(try till.account(card).pin.verifier == [9])
  }

  @Test func `a program may let a lost card be forfeit, an active one never`() throws {
    var till = try Till(rules: .with { $0.card.lostCard = .forfeit })
    let card = try till.card("1001", topUp: 1_000)
    #expect(try till.replace(card, "1002").code == nil)
    _ = try till.reportLost(card).entry
    #expect(try till.replace(card, "1003").refusal == Refusal(.lostCardForfeit))
    #expect(try till.replace(card, "1001").code == .lostCardForfeit)
    #expect(try Self.status(till, card) == .lost)
  }

  @Test func `a closed card refuses everything`() throws {
    var till = try Till()
    let card = try till.card("1001", topUp: 1_000, pin: [1])
    let debit = try till.debit(card, 100, pin: .right).entry
    let hold = HoldID(debit.id)
    _ = try till.close(card).entry
    let answers = [
      try till.topUp(card, 1), try till.debit(card, 1), try till.authorize(card, 1),
      try till.capture(card, hold), try till.release(card, hold), try till.refund(card, debit),
      try till.reverse(card, debit), try till.clear(card, debit), try till.bounce(card, debit),
      try till.freeze(card), try till.unfreeze(card), try till.reportLost(card),
      try till.replace(card, "1002"), try till.close(card), try till.setPIN(card),
      try till.changePIN(card, current: .right), try till.resetPIN(card),
      try till.verifyPIN(card, .wrong),
    ]
    for answer in answers {
      #expect(answer.code == .accountClosed)
      #expect(answer.entries.isEmpty)
    }
  }

  @Test(arguments: [AccountStatus.frozen, .lost])
  func `a stopped card takes back what belongs to it and gives nothing out`(
    status: AccountStatus
  ) throws {
    var till = try Till(rules: .with { $0.topUp.pendingTenders = ["cheque"] })
    let card = try till.card("1001", topUp: 1_000)
    let topUp = try till.topUp(card, 50).entry
    let debit = try till.debit(card, 100).entry
    let other = try till.debit(card, 100).entry
    let hold = try till.hold(card, 100)
    let kept = try till.hold(card, 100)
    let good = try till.topUp(card, 10, tender: "cheque").entry
    let bad = try till.topUp(card, 10, tender: "cheque").entry
    _ = status == .frozen ? try till.freeze(card).entry : try till.reportLost(card).entry
    let code: RefusalCode = status == .frozen ? .accountFrozen : .accountLost
    let refused = [
      try till.topUp(card, 1), try till.debit(card, 1), try till.authorize(card, 1),
      try till.capture(card, hold), try till.close(card), try till.setPIN(card),
      try till.changePIN(card, current: .right), try till.resetPIN(card),
      try till.verifyPIN(card, .right), try till.freeze(card), try till.reportLost(card),
    ]
    #expect(refused.allSatisfy { $0.code == code })
    let served = [
      try till.release(card, hold), try till.refund(card, debit), try till.reverse(card, other),
      try till.reverse(card, topUp), try till.clear(card, good), try till.bounce(card, bad),
    ]
    #expect(served.allSatisfy { $0.code == nil })
    #expect(try till.view(card).held == Amount(100))
    #expect(try till.account(card).liveHold(kept, at: till.now) != nil)
    #expect(try till.account(card).status == status)
  }
}
