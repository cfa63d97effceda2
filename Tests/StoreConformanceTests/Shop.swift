// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoreSQLite
import StoredValue

/// A shop at work on a ledger: asks the domain what entries there are to be, and appends them.
struct Shop {
  let store: any LedgerStore
  var now = Instant(milliseconds: 1_790_000_000_000)
  var rules = StoredValueRules()
  private let calendar = BusinessCalendar.fixed(offsetMinutes: 480)

  init(_ store: any LedgerStore) { self.store = store }

  var working: WorkingSet { store.working }

  /// Runs `body` as one group.
  @discardableResult
  func group<Result>(_ body: (Shop) throws -> Result) throws -> Result {
    try store.begin(writing: true)
    let result = try body(self)
    try store.end()
    return result
  }

  private func context(_ key: String?, _ method: RequestMethod) throws -> DecisionContext {
    let request = try key.map {
      RequestRecord(
        key: try Self.key($0), method: method, digestKey: 1,
        digests: [MemberDigest(.amount, 0x0123_4567_89AB_CDEF)])
    }
    return DecisionContext(
      now: max(now, working.point.headTime), calendar: calendar, rules: rules,
      programVersion: working.point.programVersion, nextEntry: working.head.next,
      origin: Origin(store: "s1", terminal: "t1", operator: "anna"), request: request)
  }

  @discardableResult
  private func record(_ decision: Decision, person: Person? = nil) throws -> [Entry] {
    for entry in decision.entries {
      try store.append(entry, person: entry.kind == .open ? person : nil)
    }
    if case .refused(let refusal, _) = decision { throw Refused(code: refusal.code) }
    return decision.entries
  }

  struct Refused: Error { let code: RefusalCode }
}

extension Shop {
  static func key(_ text: String) throws -> IdempotencyKey {
    guard let key = IdempotencyKey(text) else { throw BadName(text: text) }
    return key
  }

  static func card(_ text: String) throws -> CardNumber {
    guard let number = CardNumber(text) else { throw BadName(text: text) }
    return number
  }

  static func account(_ value: UInt64) throws -> AccountID {
    guard let id = AccountID(random: value) else { throw BadName(text: "\(value)") }
    return id
  }

  struct BadName: Error { let text: String }

  func find(_ id: AccountID) throws -> Account {
    guard let account = try working.account(id) else { throw BadName(text: id.text) }
    return account
  }

  /// Opens a card with 500.00 on it and bonus by the rules.
  @discardableResult
  func open(
    _ id: AccountID, card: String, key: String? = nil, amount: Int64 = 50_000,
    person: Person? = nil, verifier: [UInt8]? = nil
  ) throws -> [Entry] {
    let opening = Opening(
      cardNumber: try Self.card(card), registered: person != nil, level: "gold",
      holderDigest: person.map { Array($0.salt.prefix(16)) }, holderIsComplete: person != nil,
      pinVerifier: verifier, topUp: Payment(amount: Amount(amount), tender: "cash"))
    let decision = Account.open(
      opening, id: id, cardTaken: try working.card(opening.cardNumber) != .unknown,
      in: try context(key, .accountOpen))
    return try record(decision, person: person)
  }

  @discardableResult
  func topUp(
    _ id: AccountID, _ amount: Int64, tender: String = "cash", key: String? = nil
  ) throws -> [Entry] {
    let payment = Payment(amount: Amount(amount), tender: tender)
    return try record(try find(id).topUp(payment, in: try context(key, .topUpCreate)))
  }

  @discardableResult
  func debit(_ id: AccountID, _ amount: Int64, key: String? = nil) throws -> [Entry] {
    try record(
      try find(id).debit(
        Amount(amount), allowPartial: false, pin: .absent, in: try context(key, .debitCreate)))
  }

  @discardableResult
  func refund(_ original: Entry, _ amount: Int64? = nil, key: String? = nil) throws -> [Entry] {
    guard let id = original.account else { throw BadName(text: original.id.text) }
    return try record(
      try find(id).refund(
        original, marks: try working.marks(of: original.id), amount: amount.map { Amount($0) },
        in: try context(key, .debitRefund)))
  }

  @discardableResult
  func reverse(_ original: Entry, key: String? = nil) throws -> [Entry] {
    guard let id = original.account else { throw BadName(text: original.id.text) }
    return try record(
      try find(id).reverse(
        original, marks: try working.marks(of: original.id), in: try context(key, .entryReverse)))
  }

  @discardableResult
  func authorize(
    _ id: AccountID, _ amount: Int64, seconds: Int64 = 600, key: String? = nil
  ) throws -> [Entry] {
    try record(
      try find(id).authorize(
        Amount(amount), forSeconds: seconds, pin: .absent, in: try context(key, .debitAuthorize)))
  }

  @discardableResult
  func replaceCard(_ id: AccountID, _ number: String, key: String? = nil) throws -> [Entry] {
    let card = try Self.card(number)
    return try record(
      try find(id).replaceCard(
        card, taken: try working.card(card) != .unknown, newVerifier: nil,
        in: try context(key, .accountReplaceCard)))
  }

  @discardableResult
  func freeze(_ id: AccountID, key: String? = nil) throws -> [Entry] {
    try record(try find(id).freeze(in: try context(key, .accountFreeze)))
  }

  /// Lapses what is due on an account.
  @discardableResult
  func lapse(_ id: AccountID) throws -> [Entry] {
    let context = try context(nil, .debitCreate)
    guard let entry = try find(id).lapse(in: context, id: context.nextEntry) else { return [] }
    return try record(.accepted([entry]))
  }

  /// An entry that concerns no account.
  @discardableResult
  private func append(
    _ kind: EntryKind, _ change: Change, key: String, _ method: RequestMethod
  ) throws -> [Entry] {
    let context = try context(key, method)
    return try record(
      .accepted([
        Entry(
          id: context.nextEntry, at: context.now, date: context.date, kind: kind, account: nil,
          programVersion: context.programVersion, changes: [change], after: nil,
          request: context.request)
      ]))
  }

  @discardableResult
  func setProgram(_ document: String, key: String) throws -> [Entry] {
    try append(.programSet, .programSet(Array(document.utf8)), key: key, .programSet)
  }

  @discardableResult
  func block(_ blocked: String, key: String) throws -> [Entry] {
    try append(.keyBlocked, .keyBlocked(try Self.key(blocked)), key: key, .entryReverse)
  }
}
