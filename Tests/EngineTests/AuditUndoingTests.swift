// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue
import Testing

@testable import Engine

/// What is undone, ended or tried where that could not be: the entries fold, or nearly do.
@Suite struct AuditUndoingTests {
  private let till: AuditTill
  private let id: AccountID
  /// The principal of the first top-up.
  private let principal = LotID(topUp: EntryID(3), index: 0)

  init() throws {
    till = try AuditTill()
    try till.setProgram(AuditTill.program)
    id = try till.open("card", topUp: 100_000)
  }

  /// Writes what a decision comes to, changed by hand.
  private func forge(
    _ method: RequestMethod, _ decide: (Account, DecisionContext) -> Decision,
    _ change: (inout ForgedEntry) -> Void
  ) throws -> Int64 {
    let forged = try till.forge(on: id, method: method) { account, context in
      var own = ForgedEntry(try #require(decide(account, context).entries.last))
      change(&own)
      return .accepted([own.entry])
    }
    return forged.id.sequence
  }

  /// Writes an entry of the account a second time, at the end and under a key of its own.
  private func repeated(_ entry: Entry) throws -> AuditedLedger {
    let last = try #require(try till.entries().last)
    var again = ForgedEntry(entry)
    again.id = last.id.next
    again.previous = last.id
    again.request = try again.request.map {
      RequestRecord(
        key: try #require(IdempotencyKey("again")), method: $0.method, digestKey: 1, digests: [])
    }
    let entries = try till.entries() + [again.entry]
    return try AuditedLedger(entries, keys: till.keys, identity: till.identity, foldedTo: -1)
  }

  @Test func `a hold that ends twice is found`() throws {
    let hold = try till.hold(id, 1000, seconds: 600)
    let capture = try till.must(CaptureHold(hold: hold, name: nil, amount: Amount(5)))
    let problems = try repeated(capture).audit()
    expect(problems, name: capture.id.sequence + 1, 6, "its hold ended before")
  }

  @Test func `a cheque that clears twice is found`() throws {
    let cheque = try till.topUp(id, 20_000, by: "cheque")
    let clear = try till.must(ClearTopUp(entry: cheque.id, name: nil))
    let problems = try repeated(clear).audit()
    expect(problems, name: clear.id.sequence + 1, 5, "cleared, bounced or reversed before")
  }

  @Test func `a bounce of what was paid is found`() throws {
    let paid = try till.topUp(id, 20_000)
    let cheque = try till.topUp(id, 20_000, by: "cheque")
    let bounce = { (account: Account, context: DecisionContext) in
      account.bounce(cheque, in: context)
    }
    let forged = try forge(.topUpBounce, bounce) {
      $0.links = [Entry.Link(.bounces, paid.id)]
      $0.changes = [
        .lotWithdrawn(LotID(topUp: paid.id, index: 0), Amount(20_000)),
        .marked(paid.id, .bounced),
      ]
    }
    expect(try till.ledger().audit(), name: forged, nil, "its top-up is not pending")
  }

  @Test func `a bounce that takes another lot along is found`() throws {
    let cheque = try till.topUp(id, 20_000, by: "cheque")
    let bounce = { (account: Account, context: DecisionContext) in
      account.bounce(cheque, in: context)
    }
    let forged = try forge(.topUpBounce, bounce) {
      $0.changes.append(.lotWithdrawn(principal, Amount(100_000)))
    }
    expect(try till.ledger().audit(), name: forged, nil, "its whole to the lot of its top-up")
  }

  @Test func `the reversal of a debit that takes a top-up along is found`() throws {
    let debit = try till.debit(id, 500)
    let reverse = { (account: Account, context: DecisionContext) in
      account.reverse(debit, marks: EntryMarks(), in: context)
    }
    let forged = try forge(.entryReverse, reverse) {
      $0.changes.append(.lotWithdrawn(principal, Amount(100_000)))
    }
    expect(try till.ledger().audit(), name: forged, 5, "reversal of a debit takes a top-up back")
  }

  @Test func `a debit of more than the releases of a moment is found`() throws {
    let debit = { (account: Account, context: DecisionContext) in
      account.debit(Amount(500), allowPartial: false, pin: .absent, in: context)
    }
    let forged = try forge(.debitCreate, debit) {
      $0.amount = 106_001
      $0.changes = [
        .lotTaken(LotID(topUp: EntryID(3), index: 1), Amount(5000)),
        .lotTaken(LotID(topUp: EntryID(3), index: 2), Amount(1001)),
        .lotTaken(principal, Amount(100_000)), .daySpent($0.date, 106_001),
      ]
    }
    expect(try till.ledger().audit(), name: forged, 6, "more than a debit could take then")
  }

  @Test func `a PIN reset or tried on a card that has none is found`() throws {
    let set = { (account: Account, context: DecisionContext) in
      account.setPIN([1], isOverride: false, in: context)
    }
    let reset = try forge(.pinReset, set) { $0.kind = .pinReset }
    expect(try till.ledger().audit(), name: reset, nil, "it resets a PIN that is not set")
    let other = try till.open("other", topUp: 5000)
    let tried = try till.forge(on: other, method: .pinVerify) { account, context in
      var own = ForgedEntry(try #require(account.freeze(in: context).entries.last))
      own.kind = .pinVerify
      own.changes = [.pinFailed(lock: nil)]
      return .accepted([own.entry])
    }
    expect(
      try till.ledger().audit(), name: tried.id.sequence, 8, "it tries a PIN that is not set")
  }
}
