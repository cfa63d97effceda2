// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue
import Testing

@testable import Engine

/// Names that may be used once: idempotency keys and card numbers.
@Suite struct AuditNameTests {
  private let till: AuditTill
  private let id: AccountID

  init() throws {
    till = try AuditTill()
    id = try till.open("card", topUp: 100_000)
  }

  @Test func `a key that made a second entry is found`() throws {
    try till.must(
      CreateDebit(name: .id(id), amount: Amount(5), pin: nil, allowPartial: false), key: "k")
    let forged = try till.forge(on: id, key: "k") { account, context in
      account.debit(Amount(5), allowPartial: false, pin: .absent, in: context)
    }
    let earlier = forged.id.sequence - 1
    expect(
      try till.ledger().audit(), name: forged.id.sequence, 9,
      "it used a key that entry \(earlier) had used")
  }

  @Test func `a key used after it was blocked, or blocked after it was used, is found`() throws {
    let key = try #require(IdempotencyKey("k"))
    try till.must(ReverseEntry(original: .key(key), name: nil))
    let used = try till.forge(on: id, key: "k") { account, context in
      account.debit(Amount(5), allowPartial: false, pin: .absent, in: context)
    }
    expect(
      try till.ledger().audit(), name: used.id.sequence, 9,
      "it used a key that entry \(used.id.sequence - 1) had blocked")
    try till.must(
      ReverseEntry(original: .key(try #require(IdempotencyKey("other"))), name: nil))
    var ledger = try till.ledger()
    let index = ledger.rows.count - 1
    var forged = ForgedEntry(try ledger.entry(index))
    forged.changes = [.keyBlocked(key)]
    ledger.replace(index, by: forged.entry)
    ledger.relink(from: index)
    ledger.dropFold()
    expect(
      try ledger.audit(), name: forged.id.sequence, 9,
      "it blocked a key that entry \(used.id.sequence - 1) had blocked")
    forged.changes = [.keyBlocked(try #require(forged.request?.key))]
    ledger.replace(index, by: forged.entry)
    ledger.relink(from: index)
    expect(
      try ledger.audit(), name: forged.id.sequence, 9,
      "it blocked a key that entry \(forged.id.sequence) had used")
  }

  @Test func `an opening whose top-up was cut off answers nothing`() throws {
    var ledger = try till.ledger(foldedTo: -1)
    ledger.rows.removeLast()
    expect(try ledger.audit(), name: 1, 9, "it answers no request")
  }

  @Test func `a card number given out again is found`() throws {
    let number = try #require(CardNumber("card"))
    try till.must(
      ReplaceCard(name: .id(id), newCardNumber: try #require(CardNumber("new")), newPIN: nil))
    let forged = try till.forge(on: id, method: .accountReplaceCard) { account, context in
      account.replaceCard(number, taken: false, newVerifier: nil, in: context)
    }
    let problems = try till.ledger().audit()
    expect(problems, name: forged.id.sequence, 11, "a card number that was used before")
    #expect(problems.count == 1)
  }
}
