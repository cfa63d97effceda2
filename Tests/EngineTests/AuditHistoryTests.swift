// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoredValue
import Testing

@testable import Engine

extension AuditTill {
  /// A till after a history that holds an entry of every kind.
  static func busy() throws -> AuditTill {
    let till = try AuditTill()
    try till.setProgram(Self.program)
    let first = try till.openRegistered()
    try till.spend(first)
    try till.playWithPIN(first)
    try till.cheques(try till.open("card-2"))
    let third = try till.open("card-3", topUp: 80_000)
    try till.pass(seconds: 30 * 3600)
    try till.hold(third, 3000, seconds: 86_400)
    try till.must(ReverseEntry(original: .key(try #require(IdempotencyKey("lost"))), name: nil))
    // What nobody holds of the bonus that ends with the second day lapses by a sweep, the rest
    // with the end of the hold.
    try till.pass(seconds: 20 * 3600)
    try till.engine.begin(writing: true)
    _ = try till.engine.sweep(limit: 100)
    try till.store.end()
    let held = try #require(try till.store.working.account(third)?.holds.first)
    try till.must(CaptureHold(hold: held.id, name: nil, amount: Amount(1000)))
    try till.must(CloseAccount(name: .id(third)))
    try till.setProgram("{\"close\":{\"refund_method\":\"none\"}}")
    let last = try till.open("card-4", topUp: 5000)
    try till.must(CloseAccount(name: .id(last)))
    try till.playWithCoupons()
    return till
  }

  private func openRegistered() throws -> AccountID {
    let entry = try must(
      OpenAccount(
        cardNumber: try #require(CardNumber("card-1")), registered: true,
        holder: [.name: "Li Lei", .phone: "13800000000"], level: "gold", pin: PIN("1234"),
        topUp: Payment(amount: Amount(100_000), tender: "cash"), sameDaySpend: nil))
    return try #require(entry.account)
  }

  private func spend(_ id: AccountID) throws {
    let pin = try #require(PIN("1234"))
    func debit(_ amount: Int64) throws -> Entry {
      try must(
        CreateDebit(name: .id(id), amount: Amount(amount), pin: pin, allowPartial: false))
    }
    let refunded = try debit(20_000)
    try must(RefundDebit(entry: refunded.id, name: nil, amount: Amount(13_000)))
    try must(RefundDebit(entry: refunded.id, name: nil, amount: nil))
    let reversed = try debit(10_000)
    try must(ReverseEntry(original: .entry(reversed.id), name: nil))
    try must(CreateDebit(name: .id(id), amount: Amount(100), pin: nil, allowPartial: false))
    func hold(_ amount: Int64) throws -> HoldID {
      let entry = try must(
        AuthorizeDebit(name: .id(id), amount: Amount(amount), pin: pin, seconds: 600))
      return try #require(entry.hold)
    }
    let first = try must(CaptureHold(hold: try hold(9000), name: nil, amount: Amount(7000)))
    try must(RefundDebit(entry: first.id, name: nil, amount: Amount(500)))
    let second = try must(CaptureHold(hold: try hold(2000), name: nil, amount: nil))
    try must(ReverseEntry(original: .entry(second.id), name: nil))
    try must(ReleaseHold(hold: try hold(3000), name: nil))
    _ = try hold(4000)
    try pass(seconds: 601)
    try refuse(
      CreateDebit(name: .id(id), amount: Amount(70_000), pin: pin, allowPartial: false),
      .firstDayLimit)
  }

  private func playWithPIN(_ id: AccountID) throws {
    let right = try #require(PIN("1234"))
    let wrong = try #require(PIN("9999"))
    let name = AccountName.id(id)
    try refuse(VerifyPIN(name: name, pin: wrong), .pinIncorrect)
    try refuse(
      CreateDebit(name: name, amount: Amount(75_000), pin: right, allowPartial: false),
      .firstDayLimit)
    try refuse(VerifyPIN(name: name, pin: wrong), .pinIncorrect)
    try must(VerifyPIN(name: name, pin: right), key: "verified", pin: right)
    try refuse(
      VerifyPIN(name: name, pin: wrong), .idempotencyConflict, key: "verified", pin: wrong)
    for _ in 0..<2 { try refuse(VerifyPIN(name: name, pin: wrong), .pinIncorrect) }
    try refuse(
      VerifyPIN(name: name, pin: wrong), .pinLocked, key: "verified", pin: wrong)
    try must(ResetPIN(name: name, newPIN: right))
    for _ in 0..<3 { try refuse(VerifyPIN(name: name, pin: wrong), .pinIncorrect) }
    try refuse(
      VerifyPIN(name: name, pin: wrong), .idempotencyConflict, key: "verified", pin: wrong)
    try pass(seconds: 61)
    try refuse(VerifyPIN(name: name, pin: wrong), .pinIncorrect)
    try must(ChangePIN(name: name, currentPIN: right, newPIN: right))
    try must(SetPIN(name: name, pin: right, isOverride: true))
    try must(FreezeAccount(name: name))
    try must(UnfreezeAccount(name: name))
    try must(ReportLost(name: name))
    try must(
      ReplaceCard(name: name, newCardNumber: try #require(CardNumber("card-1b")), newPIN: right))
  }

  private func cheques(_ id: AccountID) throws {
    let cleared = try topUp(id, 50_000, by: "cheque")
    try must(ClearTopUp(entry: cleared.id, name: nil))
    let bounced = try topUp(id, 20_000, by: "cheque")
    try must(BounceTopUp(entry: bounced.id, name: nil))
    let recalled = try topUp(id, 10_000, by: "cheque")
    try must(ReverseEntry(original: .entry(recalled.id), name: nil))
    let undone = try topUp(id, 30_000)
    try must(ReverseEntry(original: .entry(undone.id), name: nil))
    try debit(id, 1000)
    try must(
      ReplaceCard(name: .id(id), newCardNumber: try #require(CardNumber("card-2b")), newPIN: nil))
  }
}

@Suite struct AuditHistoryTests {
  @Test func `a good history of every kind is silent`() throws {
    let till = try AuditTill.busy()
    let ledger = try till.ledger()
    #expect(
      Set(try till.entries().map(\.kind))
        == Set(EntryKind.allCases.filter { $0.rawValue < 70 }))
    let report = try ledger.report()
    #expect(report.entries == Int64(ledger.rows.count))
    #expect(report.problems.map(\.description) == [])
  }

  @Test func `a good history is silent wherever the stored fold stands`() throws {
    let till = try AuditTill.busy()
    for folded in -1...(try till.entries().count) {
      let problems = try till.ledger(foldedTo: folded).audit()
      #expect(problems.map(\.description) == [], "folded to \(folded)")
    }
  }

  @Test func `a verifier brought up to date by a request is fine`() throws {
    let till = try AuditTill()
    let id = try till.open("card", pin: "1234", topUp: 1000)
    let pin = try #require(PIN("1234"))
    try till.setProgram("{\"pin\":{\"hardening\":\"scrypt\"}}")
    let debit = try till.must(
      CreateDebit(name: .id(id), amount: Amount(5), pin: pin, allowPartial: false))
    #expect(debit.changes.contains { Audit.ChangeSet($0) == .pinSet })
    try till.setProgram("{}")
    try till.must(ChangePIN(name: .id(id), currentPIN: pin, newPIN: pin))
    #expect(try till.ledger().audit().map(\.description) == [])
  }

  @Test func `an empty ledger is silent`() throws {
    let till = try AuditTill()
    for folded in [-1, 0] {
      #expect(try till.ledger(foldedTo: folded).audit().isEmpty)
    }
  }

  @Test func `links under rotated and revoked keys are still checked`() throws {
    let till = try AuditTill.busy()
    var keys = till.keys
    try keys.rotate(.journal, at: 1)
    try keys.revoke(.journal, id: 1, at: 2)
    let entries = try till.entries()
    var ledger = try AuditedLedger(entries, keys: keys, identity: till.identity, foldedTo: -1)
    ledger.people = till.people
    #expect(try ledger.audit().isEmpty)
    // The same entries, the first half linked under the old key.
    let old = try till.ledger()
    ledger.genesis = old.genesis
    for index in 0..<20 { ledger.rows[index] = old.rows[index] }
    ledger.relink(from: 20)
    #expect(try ledger.audit().isEmpty)
    ledger.rows[5] = ledger.rows[5].with(body: ledger.rows[5].body + [0])
    #expect(try ledger.audit().contains { $0.entry == EntryID(6) && $0.invariant == 10 })
  }

  @Test func `progress counts every row`() throws {
    let till = try AuditTill()
    try till.setProgram("{}")
    let id = try till.open("card", topUp: 1_000_000)
    for _ in 0..<1200 { try till.debit(id, 1) }
    let ledger = try till.ledger()
    var counts: [Int64] = []
    let report = try Audit(
      FakeInspection(ledger), chain: HashChain(ledger.keys),
      digester: RequestDigester(ledger.keys)
    ).run { counts.append($0) }
    #expect(counts == [1000, 1203])
    #expect(report.entries == 1203)
    #expect(report.problems.isEmpty)
  }

  @Test func `a program that is missing is not held against the entries after it`() throws {
    let till = try AuditTill.busy()
    for isRemoved in [true, false] {
      var ledger = try till.ledger(foldedTo: -1)
      let index = try ledger.index(of: .programSet, 1)
      let sequence = ledger.rows[index].sequence
      if isRemoved {
        ledger.rows.remove(at: index)
      } else {
        ledger.rows[index] = ledger.rows[index].with(body: [])
        ledger.relink(from: index)
      }
      #expect(try ledger.audit().map(\.entry) == [EntryID(sequence)])
    }
  }

  @Test func `a problem reads as a line`() {
    let all = Audit.Problem(entry: EntryID(17), invariant: 10, text: "the chain is broken here")
    #expect(all.description == "entry 17: INV-10: the chain is broken here")
    #expect(Audit.Problem(entry: nil, invariant: 1, text: "a").description == "INV-1: a")
    #expect(Audit.Problem(entry: nil, invariant: nil, text: "a").description == "a")
  }
}
