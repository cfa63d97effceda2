// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue
import Testing

@testable import Engine

/// One thing about an entry told otherwise than it was.
struct AuditForgery: Sendable {
  let kind: EntryKind
  let ordinal: Int
  let invariant: Int?
  let phrase: String
  let forge: @Sendable (inout ForgedEntry) -> Void

  init(
    _ kind: EntryKind, _ ordinal: Int = 0, _ invariant: Int? = nil, _ phrase: String,
    _ forge: @escaping @Sendable (inout ForgedEntry) -> Void
  ) {
    self.kind = kind
    self.ordinal = ordinal
    self.invariant = invariant
    self.phrase = phrase
    self.forge = forge
  }

  /// A lot that no account of the tests has.
  static let strange = LotID(topUp: EntryID(999), index: 0)
}

extension ForgedEntry {
  mutating func edit(_ edit: (Change) -> Change) { changes = changes.map(edit) }

  /// Moves every amount that leaves or reaches the card, in changes, figures and postings alike.
  mutating func snapshot(_ edit: (inout AccountSnapshot.Fields) -> Void) {
    if var fields = after?.fields {
      edit(&fields)
      after = AccountSnapshot(fields)
    }
  }
}

extension AuditForgery {
  /// What an entry says of itself.
  static let ofMembers: [AuditForgery] = [
    AuditForgery(.debit, 0, 14, "business date is before") {
      $0.date = $0.date.advanced(byDays: -1)
    },
    AuditForgery(.debit, 0, 14, "days from its time") { $0.date = $0.date.advanced(byDays: 9) },
    AuditForgery(.debit, 0, nil, "cannot be read") { $0.date = BusinessDate(daysSince1970: .max) },
    AuditForgery(.debit, 0, nil, "cannot be read") { $0.date = BusinessDate(daysSince1970: .min) },
    AuditForgery(.debit, 0, 14, "dated before") { $0.at = Instant(milliseconds: 5) },
    AuditForgery(.debit, 0, 3, "entry of the account is missing") { $0.previous = EntryID(1) },
    AuditForgery(.debit, 0, 3, "entry of the account is missing") { $0.previous = .none },
    AuditForgery(.debit, 0, nil, "program version 2 where 1") { $0.programVersion += 1 },
    AuditForgery(.debit, 0, nil, "program version 9223372036854775807 where 1") {
      $0.programVersion = .max
    },
    AuditForgery(.debit, 0, nil, "its amount is") { $0.amount += 1 },
    AuditForgery(.debit, 0, nil, "its principal is") { $0.principal -= 1 },
    AuditForgery(.debit, 0, nil, "its bonus is") { $0.bonus += 1 },
    AuditForgery(.expire, 0, nil, "its amount is") { $0.amount += 1 },
    AuditForgery(.close, 0, nil, "its principal is") { $0.principal += 1 },
    AuditForgery(.authorize, 0, nil, "its amount is") { $0.amount -= 1 },
    AuditForgery(.release, 0, nil, "its amount is not that of its hold") { $0.amount -= 1 },
    AuditForgery(.reverse, 0, 5, "its amount is not that of what") { $0.amount -= 1 },
    AuditForgery(.freeze, 0, nil, "its amount is 5, its changes come to 0") { $0.amount = 5 },
    AuditForgery(.topUp, 0, nil, "its bonus is") { $0.bonus -= 1 },
    AuditForgery(.topUpClear, 0, nil, "its principal is") { $0.principal -= 1 },
    AuditForgery(.topUp, 0, nil, "names no tender") { $0.tender = nil },
    AuditForgery(.topUp, 0, nil, "to cash:cash") { $0.tender = "wechat" },
    AuditForgery(.debit, 0, nil, "names a tender") { $0.tender = "cash" },
    AuditForgery(.topUpBounce, 0, nil, "tender is not that") { $0.tender = "wechat" },
    AuditForgery(.reverse, 0, nil, "names a tender") { $0.tender = "cash" },
    AuditForgery(.reverse, 2, nil, "tender is not that") { $0.tender = nil },
    AuditForgery(.refund, 0, nil, "does not refer") { $0.links = [] },
    AuditForgery(.refund, 0, nil, "does not refer") { $0.links += $0.links },
    AuditForgery(.debit, 0, nil, "does not refer") {
      $0.links = [Entry.Link(.captures, EntryID(1))]
    },
    AuditForgery(.refund, 0, nil, "not before it") {
      $0.links = [Entry.Link(.refunds, EntryID(900))]
    },
    AuditForgery(.refund, 0, nil, "of kind topup") {
      $0.links = [Entry.Link(.refunds, EntryID(3))]
    },
    AuditForgery(.topUp, 0, nil, "the opening that it names") {
      $0.links = [Entry.Link(.opens, EntryID(1))]
    },
    AuditForgery(.debit, 0, nil, "it names a hold") { $0.hold = HoldID(EntryID(3)) },
    AuditForgery(.authorize, 0, nil, "it names no hold") { $0.hold = nil },
    AuditForgery(.capture, 0, 6, "does not end the hold") { $0.hold = HoldID(EntryID(3)) },
    AuditForgery(.debit, 0, 9, "answers no request") { $0.request = nil },
    AuditForgery(.open, 1, 9, "answers no request") { $0.request = nil },
    AuditForgery(.debit, 0, 9, "a request of its kind") {
      $0.request = $0.request.map {
        RequestRecord(key: $0.key, method: .debitRefund, digestKey: 1, digests: $0.digests)
      }
    },
    AuditForgery(.topUp, 0, 9, "came with an opening") {
      $0.request = $0.request.map {
        RequestRecord(key: $0.key, method: .topUpCreate, digestKey: 1, digests: $0.digests)
      }
    },
    AuditForgery(.debit, 0, 13, "does not tell how its account stood") { $0.after = nil },
  ]

  /// How an entry says its account stood.
  static let ofSnapshots: [AuditForgery] = [
    AuditForgery(.debit, 0, 13, "stood: card_no") { entry in
      entry.snapshot { $0.cardNumber = CardNumber("other") ?? $0.cardNumber }
    },
    AuditForgery(.debit, 0, 13, "stood: status") { $0.snapshot { $0.status = .lost } },
    AuditForgery(.debit, 0, 13, "stood: lots") { $0.snapshot { $0.lots.removeLast() } },
    AuditForgery(.debit, 0, 13, "stood: held") { $0.snapshot { $0.held += Amount(1) } },
    AuditForgery(.debit, 0, 13, "stood: spendable") { $0.snapshot { $0.spendable = .zero } },
    AuditForgery(.debit, 0, 13, "stood: first_day") { $0.snapshot { $0.firstDay = nil } },
    AuditForgery(.debit, 0, 13, "stood: pin") { $0.snapshot { $0.pinAttemptsLeft += 1 } },
    AuditForgery(.debit, 0, 13, "stood: pin") { $0.snapshot { $0.pinSet = false } },
    AuditForgery(.pinFailed, 0, 13, "stood: pin") { $0.snapshot { $0.pinLock = .untilReset } },
    AuditForgery(.debit, 0, 13, "stood: lots") { entry in
      entry.snapshot { snapshot in
        snapshot.lots = snapshot.lots.map {
          AccountSnapshot.Lot(
            id: $0.id, kind: $0.kind, granted: Amount(.max), remaining: Amount(.max),
            releasePerDebit: nil, expiresAt: nil, pending: $0.pending)
        }
      }
    },
  ]

  /// What an entry posts.
  static let ofPostings: [AuditForgery] = [
    AuditForgery(.debit, 0, 1, "do not balance: 1") {
      $0.postings[0] = Posting($0.postings[0].account, $0.postings[0].amount + 1)
    },
    AuditForgery(.debit, 0, 1, "do not balance") { $0.postings.removeLast() },
    AuditForgery(.debit, 0, 12, "to card_principal") { $0.postings = [] },
    AuditForgery(.debit, 0, nil, "to breakage") {
      $0.postings = $0.postings.map {
        $0.account == .sales ? Posting(.breakage, $0.amount) : $0
      }
    },
    AuditForgery(.freeze, 0, 12, "to card_bonus") {
      $0.postings = [Posting(.cardBonus, -7), Posting(.bonusExpense, 7)]
    },
    AuditForgery(.topUpClear, 0, nil, "to pending_topups") {
      $0.postings = $0.postings.filter { $0.account != .pendingTopUps && $0.account != .sales }
    },
    AuditForgery(.close, 0, nil, "to payouts") {
      $0.postings += [Posting(.payouts, -5), Posting(.breakage, 5)]
    },
    AuditForgery(.debit, 0, 1, "do not balance") {
      $0.postings = Array(repeating: Posting(.sales, .max), count: 9)
    },
    AuditForgery(.debit, 0, 1, "do not balance") {
      $0.postings = Array(repeating: Posting(.sales, .min), count: 9)
    },
  ]
}

@Suite struct AuditForgeryTests {
  private let ledger: AuditedLedger

  init() throws { ledger = try AuditTill.busy().ledger() }

  private func check(_ forgery: AuditForgery) throws {
    var ledger = ledger
    let index = try ledger.index(of: forgery.kind, forgery.ordinal)
    var forged = ForgedEntry(try ledger.entry(index))
    let id = forged.id.sequence
    forgery.forge(&forged)
    ledger.replace(index, by: forged.entry)
    expect(try ledger.audit(), name: id, 10, "the chain is broken here")
    ledger.relink(from: index)
    ledger.dropFold()
    let problems = try ledger.audit()
    #expect(!problems.contains { $0.invariant == 10 })
    expect(problems, name: id, forgery.invariant, forgery.phrase)
  }

  @Test(arguments: AuditForgery.ofMembers.indices)
  func `a member told wrongly is found even by a good chain`(number: Int) throws {
    try check(AuditForgery.ofMembers[number])
  }

  @Test(arguments: AuditForgery.ofSnapshots.indices)
  func `an account told wrongly is found even by a good chain`(number: Int) throws {
    try check(AuditForgery.ofSnapshots[number])
  }

  @Test(arguments: AuditForgery.ofPostings.indices)
  func `a posting told wrongly is found even by a good chain`(number: Int) throws {
    try check(AuditForgery.ofPostings[number])
  }

  @Test(arguments: AuditForgery.ofChanges.indices)
  func `a change told wrongly is found even by a good chain`(number: Int) throws {
    try check(AuditForgery.ofChanges[number])
  }

  @Test func `the trial balance tells of postings that do not balance or are not of the cards`()
    throws
  {
    var ledger = ledger
    let index = try ledger.index(of: .freeze)
    var forged = ForgedEntry(try ledger.entry(index))
    forged.postings = [Posting(.cardBonus, -7), Posting(.pendingTopUps, 6)]
    ledger.replace(index, by: forged.entry)
    ledger.relink(from: index)
    ledger.dropFold()
    let problems = try ledger.audit()
    expect(problems, name: nil, 1, "the trial balance is out by 1")
    expect(problems, name: nil, 12, "the balance of card_bonus is")
    expect(problems, name: nil, 12, "the balance of pending_topups is -6, the cards hold 0")
    #expect(!problems.contains { $0.text.contains("balance of card_principal") })
  }

  @Test func `a name of any length and content stays within its line`() throws {
    var ledger = ledger
    let index = try ledger.index(of: .freeze)
    var forged = ForgedEntry(try ledger.entry(index))
    let tender = "a\nentry 1: fine" + String(repeating: "x", count: 5000)
    forged.postings = [Posting(.cash(tender: tender), -7), Posting(.sales, 7)]
    ledger.replace(index, by: forged.entry)
    let problems = try ledger.audit()
    expect(problems, name: forged.id.sequence, nil, "to cash:a entry 1: fine")
    #expect(problems.allSatisfy { !$0.text.contains("\n") && $0.text.count <= 400 })
  }

  @Test func `who asked, why, and a digest are told from nothing but the chain`() throws {
    var ledger = ledger
    let index = try ledger.index(of: .debit)
    var forged = ForgedEntry(try ledger.entry(index))
    forged.origin = Origin(store: "elsewhere")
    forged.reason = "another"
    forged.request = forged.request.map {
      RequestRecord(key: $0.key, method: $0.method, digestKey: 1, digests: [])
    }
    ledger.replace(index, by: forged.entry)
    expect(try ledger.audit(), name: forged.id.sequence, 10, "the chain is broken here")
    ledger.relink(from: 0)
    ledger.dropFold()
    #expect(try ledger.audit().isEmpty)
  }

  @Test func `a row that says the same in other bytes is found`() throws {
    var ledger = ledger
    let index = try ledger.index(of: .debit)
    // The date behind the version, with a byte that adds nothing to it.
    var body = ledger.rows[index].body
    let end = try #require(body[1...].firstIndex { $0 < 0x80 })
    body.replaceSubrange(end...end, with: [body[end] | 0x80, 0])
    ledger.rows[index] = ledger.rows[index].with(body: body)
    ledger.relink(from: 0)
    let entry = ledger.rows[index].sequence
    #expect(
      try ledger.audit().contains { problem in
        problem.entry?.sequence == entry
          && (problem.text.contains("cannot be read") || problem.text.contains("not written as"))
      })
  }
}
