// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Program
import Store
import StoredValue
import Testing

@testable import Engine

/// Somebody with the key and an engine of their own writes entries that agree with themselves in
/// everything, and fold, but that no engine would have decided: the stored fold agrees with them.
@Suite struct AuditDecisionTests {
  private let till: AuditTill
  private let id: AccountID

  init() throws {
    till = try AuditTill()
    try till.setProgram(AuditTill.program)
    id = try till.open("card", topUp: 100_000)
  }

  /// Expects that the forged entry, and no other, is named.
  private func check(
    _ entry: Entry, at other: AuditTill? = nil, _ invariant: Int?, _ phrase: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let problems = try (other ?? till).ledger().audit()
    expect(problems, name: entry.id.sequence, invariant, phrase, at: location)
    #expect(
      problems.allSatisfy { $0.entry == entry.id }, "\(problems.map(\.description))",
      sourceLocation: location)
  }

  /// A till without bonus, and a card there: all value comes from one lot.
  private func plain() throws -> (till: AuditTill, id: AccountID) {
    let till = try AuditTill()
    return (till, try till.open("card", topUp: 100_000))
  }

  @Test func `refunds above the debit are found`() throws {
    let (till, id) = try plain()
    let debit = try till.debit(id, 10_000)
    try till.debit(id, 10_000)
    try till.must(RefundDebit(entry: debit.id, name: nil, amount: Amount(9000)))
    let forged = try till.forge(on: id, method: .debitRefund) { account, context in
      account.refund(debit, marks: EntryMarks(), amount: Amount(1001), in: context)
    }
    try check(forged, at: till, 4, "the refunds of entry \(debit.id.sequence) exceed its amount")
  }

  @Test func `a refund of a reversed debit and a reversal of a refunded one are found`() throws {
    let (till, id) = try plain()
    let reversed = try till.debit(id, 10_000)
    let refunded = try till.debit(id, 10_000)
    try till.debit(id, 20_000)
    try till.must(ReverseEntry(original: .entry(reversed.id), name: nil))
    try till.must(RefundDebit(entry: refunded.id, name: nil, amount: Amount(1)))
    let refund = try till.forge(on: id, method: .debitRefund) { account, context in
      account.refund(reversed, marks: EntryMarks(), amount: Amount(5), in: context)
    }
    expect(
      try till.ledger().audit(), name: refund.id.sequence, 5, "refunds a debit that was reversed")
    let reversal = try till.forge(on: id, method: .entryReverse) { account, context in
      account.reverse(refunded, marks: EntryMarks(), in: context)
    }
    expect(
      try till.ledger().audit(), name: reversal.id.sequence, 5, "reverses a debit that was refunded"
    )
  }

  @Test func `a second reversal is found`() throws {
    let (till, id) = try plain()
    let debit = try till.debit(id, 10_000)
    try till.debit(id, 20_000)
    try till.must(ReverseEntry(original: .entry(debit.id), name: nil))
    let forged = try till.forge(on: id, method: .entryReverse) { account, context in
      account.reverse(debit, marks: EntryMarks(), in: context)
    }
    try check(forged, at: till, 5, "entry \(debit.id.sequence) was reversed before")
  }

  @Test func `the reversal of another account's debit is found`() throws {
    let other = try till.open("other", topUp: 100_000)
    try till.debit(other, 10_000)
    let debit = try till.debit(id, 10_000)
    var forged: ForgedEntry?
    try till.forge(on: id, method: .debitRefund) { account, context in
      let decision = account.refund(debit, marks: EntryMarks(), amount: nil, in: context)
      var own = ForgedEntry(try #require(decision.entries.last))
      let target = EntryID(debit.id.sequence - 1)
      own.links = [Entry.Link(.refunds, target)]
      own.edit { if case .marked(_, let mark) = $0 { .marked(target, mark) } else { $0 } }
      forged = own
      return .accepted([own.entry])
    }
    try check(try #require(forged?.entry), nil, "is of another account")
  }

  @Test func `an amount above the first-day cap is found`() throws {
    var rules = till.engine.program.storedValue
    rules.firstDay.cap = nil
    rules.debit.maximum = nil
    let debit = try till.forge(on: id, rules: rules) { account, context in
      account.debit(Amount(60_001), allowPartial: false, pin: .absent, in: context)
    }
    try check(debit, 7, "60001 are spent on the first day, where 60000 may be")
  }

  @Test func `a hold above the first-day cap is found`() throws {
    try till.debit(id, 50_000)
    var rules = till.engine.program.storedValue
    rules.firstDay.cap = nil
    let hold = try till.forge(on: id, method: .debitAuthorize, rules: rules) { account, context in
      account.authorize(Amount(10_001), forSeconds: 60, pin: .absent, in: context)
    }
    try check(hold, 7, "60001 are spent on the first day, where 60000 may be")
  }

  @Test func `an amount above a limit of debits is found`() throws {
    try till.pass(seconds: 86_400)
    var rules = till.engine.program.storedValue
    rules.debit.maximum = nil
    rules.debit.dailyMaximum = nil
    let big = try till.forge(on: id, rules: rules) { account, context in
      account.debit(Amount(80_001), allowPartial: false, pin: .absent, in: context)
    }
    expect(try till.ledger().audit(), name: big.id.sequence, nil, "above debit.max")
    try till.topUp(id, 50_000)
    let more = try till.forge(on: id, rules: rules) { account, context in
      account.debit(Amount(10_000), allowPartial: false, pin: .absent, in: context)
    }
    expect(try till.ledger().audit(), name: more.id.sequence, nil, "above debit.daily_max")
    try till.pass(seconds: 86_400)
    try till.topUp(id, 100_000)
    try till.debit(id, 50_000)
    let hold = try till.forge(on: id, method: .debitAuthorize, rules: rules) { account, context in
      account.authorize(Amount(40_001), forSeconds: 60, pin: .absent, in: context)
    }
    expect(try till.ledger().audit(), name: hold.id.sequence, nil, "above debit.daily_max")
  }

  @Test func `a debit of other lots than the program's order names is found`() throws {
    var rules = till.engine.program.storedValue
    rules.debit.order = .principalFirst
    let forged = try till.forge(on: id, rules: rules) { account, context in
      account.debit(Amount(1000), allowPartial: false, pin: .absent, in: context)
    }
    try check(forged, nil, "other lots than the program's order names")
  }

  @Test func `a debit above the release of a bonus is found`() throws {
    let forged = try till.forge(on: id) { account, context in
      let decision = account.debit(
        Amount(1000), allowPartial: false, pin: .absent, in: context)
      var own = ForgedEntry(try #require(decision.entries.last))
      let bonus = LotID(topUp: EntryID(3), index: 2)
      own.edit { if case .lotTaken(_, let amount) = $0 { .lotTaken(bonus, amount) } else { $0 } }
      return .accepted([own.entry])
    }
    expect(
      try till.ledger().audit(), name: forged.id.sequence, nil,
      "other lots than the program's order names")
  }

  @Test func `bonus beyond the program and principal beyond its limits are found`() throws {
    var rules = till.engine.program.storedValue
    rules.topUp.bonusRules[0].grant = .fixed(Amount(5001))
    let payment = Payment(amount: Amount(50_000), tender: "cash")
    let bonus = try till.forge(on: id, method: .topUpCreate, rules: rules) { account, context in
      account.topUp(payment, in: context)
    }
    try check(bonus, nil, "its bonus is not what the program gives")
    rules = till.engine.program.storedValue
    rules.topUp.maximum = nil
    rules.card.maximumBalance = nil
    let big = Payment(amount: Amount(3_000_000), tender: "cash")
    let above = try till.forge(on: id, method: .topUpCreate, rules: rules) { account, context in
      account.topUp(big, in: context)
    }
    let problems = try till.ledger().audit()
    expect(problems, name: above.id.sequence, nil, "passes a limit: topup.max")
    expect(problems, name: above.id.sequence, nil, "passes a limit: card.max_balance")
  }

  @Test func `a cheque that is good at once and bonus at its clearing are found`() throws {
    var rules = till.engine.program.storedValue
    rules.topUp.pendingTenders = []
    let payment = Payment(amount: Amount(40_000), tender: "cheque")
    let early = try till.forge(on: id, method: .topUpCreate, rules: rules) { account, context in
      account.topUp(payment, in: context)
    }
    expect(
      try till.ledger().audit(), name: early.id.sequence, nil, "does not grant its own principal")
    let pending = try till.topUp(id, 40_000, by: "cheque")
    rules.topUp.bonusRules = []
    let cleared = try till.forge(on: id, method: .topUpClear, rules: rules) { account, context in
      account.clear(pending, in: context)
    }
    expect(try till.ledger().audit(), name: cleared.id.sequence, nil, "what the program gives")
  }

  @Test func `a payout by another method is found`() throws {
    for (method, payout) in [(CloseRules.RefundMethod.principal, 100_000), (.none, 0)] {
      let till = try AuditTill()
      try till.setProgram(
        AuditTill.program.replacing(
          "paid_ratio", with: method == .principal ? "none" : "principal"))
      let id = try till.open("card", topUp: 100_000)
      var rules = till.engine.program.storedValue
      rules.close.method = method
      let forged = try till.forge(on: id, method: .accountClose, rules: rules) { account, context in
        account.close(in: context)
      }
      expect(
        try till.ledger().audit(), name: forged.id.sequence, 18,
        "it pays out \(payout), and \(100_000 - payout) by")
    }
  }

  @Test func `closing over a hold is found`() throws {
    try till.hold(id, 1000, seconds: 600)
    let forged = try till.forge(on: id, method: .accountClose) { account, context in
      // Decided as if the hold had ended, then dated back.
      let later = DecisionContext(
        now: context.now.advanced(bySeconds: 601), calendar: context.calendar,
        rules: context.rules, programVersion: 1, nextEntry: context.nextEntry,
        request: context.request)
      var own = ForgedEntry(try #require(account.close(in: later).entries.last))
      own.changes.insert(.holdEnded(account.holds[0].id), at: 0)
      own.at = context.now
      return .accepted([own.entry])
    }
    expect(try till.ledger().audit(), name: forged.id.sequence, 6, "closes a card with live holds")
  }

  @Test func `a capture after the end of its hold is found`() throws {
    let hold = try till.hold(id, 1000, seconds: 60)
    try till.pass(seconds: 61)
    let forged = try till.forge(on: id, method: .debitCapture) { account, context in
      let earlier = DecisionContext(
        now: Instant(milliseconds: context.now.milliseconds - 2000), calendar: context.calendar,
        rules: context.rules, programVersion: 1, nextEntry: context.nextEntry,
        request: context.request)
      let decision = account.capture(hold, amount: nil, in: earlier)
      var own = ForgedEntry(try #require(decision.entries.last))
      own.at = context.now
      return .accepted([own.entry])
    }
    try check(forged, 6, "its hold had ended by then")
  }

  @Test func `a capture above its hold is found`() throws {
    let hold = try till.hold(id, 1000, seconds: 60)
    let forged = try till.forge(on: id, method: .debitCapture) { account, context in
      var own = ForgedEntry(
        try #require(account.capture(hold, amount: nil, in: context).entries.last))
      let principal = LotID(topUp: EntryID(3), index: 0)
      own.changes.append(.lotTaken(principal, Amount(1)))
      own.edit { if case .daySpent(let date, _) = $0 { .daySpent(date, 1001) } else { $0 } }
      own.amount += 1
      own.principal += 1
      own.postings += [.debit(.cardPrincipal, Amount(1)), .credit(.sales, Amount(1))]
      return .accepted([own.entry])
    }
    expect(try till.ledger().audit(), name: forged.id.sequence, 6, "it captures more than its hold")
  }

  @Test func `a PIN tried beyond its attempts is found`() throws {
    let id = try till.open("with-pin", pin: "1234")
    var rules = till.engine.program.storedValue
    rules.pin.maximumAttempts = 100
    for _ in 0..<2 {
      try till.refuse(VerifyPIN(name: .id(id), pin: try #require(PIN("9999"))), .pinIncorrect)
    }
    let third = try till.forge(on: id, method: .pinVerify, rules: rules) { account, context in
      account.verifyPIN(.differs, in: context)
    }
    expect(
      try till.ledger().audit(), name: third.id.sequence, 8,
      "failure 3 of 3 does not lock the PIN as it must")
  }

  @Test func `a PIN tried while it is locked is found`() throws {
    let id = try till.open("with-pin", pin: "1234")
    for _ in 0..<3 {
      try till.refuse(VerifyPIN(name: .id(id), pin: try #require(PIN("9999"))), .pinIncorrect)
    }
    let forged = try till.forge(on: id, method: .pinVerify) { account, context in
      let later = DecisionContext(
        now: context.now.advanced(bySeconds: 61), calendar: context.calendar,
        rules: context.rules, programVersion: 1, nextEntry: context.nextEntry,
        request: context.request)
      let decision = account.verifyPIN(.matches(upgrade: nil), in: later)
      var own = ForgedEntry(try #require(decision.entries.last))
      own.at = context.now
      return .accepted([own.entry])
    }
    expect(try till.ledger().audit(), name: forged.id.sequence, 8, "it tries a PIN that is locked")
  }

  @Test func `a debit of a frozen card is found`() throws {
    let active = try #require(try till.store.working.account(id))
    try till.must(FreezeAccount(name: .id(id)))
    let forged = try till.forge(on: id) { account, context in
      let decision = active.debit(Amount(5), allowPartial: false, pin: .absent, in: context)
      var own = ForgedEntry(try #require(decision.entries.last))
      own.previous = account.lastEntry
      own.snapshot {
        $0.status = .frozen
        $0.spendable = .zero
      }
      return .accepted([own.entry])
    }
    try check(forged, nil, "an entry debit on a card that is frozen")
  }

  @Test func `a top-up reversed after some of it was spent is found`() throws {
    let (till, id) = try plain()
    try till.debit(id, 40_000)
    let second = try till.topUp(id, 30_000)
    let spent = LotID(topUp: EntryID(2), index: 0)
    let forged = try till.forge(on: id, method: .entryReverse) { account, context in
      let decision = account.reverse(second, marks: EntryMarks(), in: context)
      var own = ForgedEntry(try #require(decision.entries.last))
      own.links = [Entry.Link(.reverses, spent.topUp)]
      own.changes = [.lotWithdrawn(spent, Amount(60_000)), .marked(spent.topUp, .reversed)]
      return .accepted([own.entry])
    }
    expect(
      try till.ledger().audit(), name: forged.id.sequence, 5,
      "reverses a top-up of which something was spent")
  }

  @Test func `a top-up taken back in part is found`() throws {
    let topUp = try #require(try till.entries().first { $0.kind == .topUp })
    let forged = try till.forge(on: id, method: .entryReverse) { account, context in
      let decision = account.reverse(topUp, marks: EntryMarks(), in: context)
      var own = ForgedEntry(try #require(decision.entries.last))
      own.changes.removeAll { $0 == .lotWithdrawn(LotID(topUp: topUp.id, index: 1), Amount(5000)) }
      return .accepted([own.entry])
    }
    expect(
      try till.ledger().audit(), name: forged.id.sequence, 5, "does not take its top-up back whole")
  }

  @Test func `a bad account is judged no further, all others are`() throws {
    let other = try till.open("other", topUp: 5000)
    let first = try till.debit(id, 500)
    for _ in 0..<5 { try till.debit(id, 100) }
    let wrong = try till.debit(other, 10)
    var ledger = try till.ledger()
    ledger.dropFold()
    for (entry, amount) in [(first, 7_000_000), (wrong, 8)] as [(Entry, Int64)] {
      var forged = ForgedEntry(entry)
      forged.edit {
        if case .lotTaken(let lot, _) = $0 { .lotTaken(lot, Amount(amount)) } else { $0 }
      }
      ledger.replace(Int(entry.id.sequence) - 1, by: forged.entry)
    }
    ledger.relink(from: 0)
    let problems = try ledger.audit()
    expect(problems, name: first.id.sequence, 3, "it does not fit its account")
    expect(problems, name: wrong.id.sequence, 13, "how the account stood")
    #expect(Set(problems.map(\.entry)) == [first.id, wrong.id])
  }
}
