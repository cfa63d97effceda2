// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

/// A counter with its own journal: asks for decisions, folds what they record, and checks after
/// every entry what must always hold.
///
/// A check that fails is thrown as `Broken`, so that every test and every random sequence makes
/// all of them.
struct Till {
  private(set) var accounts: [AccountID: Account] = [:]
  private(set) var marks: [EntryID: EntryMarks] = [:]
  private(set) var journal: [Entry] = []
  /// The balance of every ledger account: debits positive.
  private(set) var totals: [LedgerAccount: Int64] = [:]
  private var cardNumbers: Set<CardNumber> = []
  private let calendar: BusinessCalendar
  var rules = StoredValueRules()
  var now: Instant
  var store: String?

  /// A till in Shanghai that opens on Monday, 2 March 2026, at 09:00.
  init(
    at text: String = "2026-03-02T01:00:00Z", dayStartMinutes: Int64 = 0,
    rules: StoredValueRules = StoredValueRules()
  ) throws {
    guard let now = Instant(text: text) else { throw Broken("no instant: \(text)") }
    self.now = now
    self.rules = rules
    calendar = .fixed(offsetMinutes: 480, dayStartMinutes: dayStartMinutes)
  }

  var date: BusinessDate { calendar.date(at: now) }

  /// The first instant of the business date that many days from now.
  func start(ofDayAfter days: Int64) -> Instant { calendar.start(of: date.advanced(byDays: days)) }

  mutating func advance(seconds: Int64) { now = now.advanced(bySeconds: seconds) }

  mutating func set(_ text: String) throws {
    guard let instant = Instant(text: text) else { throw Broken("no instant: \(text)") }
    now = instant
  }

  var context: DecisionContext {
    let sequence = Int64(journal.count) + 1
    let request = IdempotencyKey("key \(sequence)").map {
      RequestRecord(key: $0, method: .debitCreate, digestKey: 1, digests: [])
    }
    return DecisionContext(
      now: now, calendar: calendar, rules: rules, programVersion: 3,
      nextEntry: EntryID(sequence), origin: Origin(store: store, terminal: "t", operator: "o"),
      reason: "a reason", request: request)
  }

  func account(_ id: AccountID) throws -> Account {
    guard let account = accounts[id] else { throw Broken("no account \(id.text)") }
    return account
  }

  /// The account as a reader sees it now.
  func view(_ id: AccountID) throws -> AccountSnapshot {
    try account(id).lapsed(at: now).snapshot(at: now, date: date, under: rules.spending)
  }

  func total(_ account: LedgerAccount) -> Int64 { totals[account, default: 0] }

  func isTaken(_ number: CardNumber) -> Bool { cardNumbers.contains(number) }

  /// Has a request decided on an account, and records the outcome.
  mutating func ask(
    _ id: AccountID, _ decide: (Account, DecisionContext) -> Decision
  ) throws -> Answer {
    try record(decide(account(id), context), on: id)
  }

  /// Records a decision: what is accepted, and what a refusal leaves behind.
  mutating func record(_ decision: Decision, on id: AccountID) throws -> Answer {
    let before = accounts[id]
    for entry in decision.entries { try append(entry, to: id) }
    switch decision {
    case .accepted(let entries):
      guard let last = entries.last, last.request == requestRecord(before: entries) else {
        throw Broken("the last entry does not answer the request")
      }
      guard entries.dropLast().allSatisfy({ $0.request == nil }) else {
        throw Broken("two entries answer one request")
      }
      return .accepted(entries)
    case .refused(let refusal, let recorded):
      try checkRefusal(recorded, of: id, before: before)
      return .refused(refusal, recorded: recorded)
    }
  }

  private func requestRecord(before entries: [Entry]) -> RequestRecord? {
    IdempotencyKey("key \(journal.count - entries.count + 1)").map {
      RequestRecord(key: $0, method: .debitCreate, digestKey: 1, digests: [])
    }
  }

  /// INV-15: but for the counting of the PIN and what time took anyway, all is as it was.
  private func checkRefusal(_ recorded: [Entry], of id: AccountID, before: Account?) throws {
    for entry in recorded {
      guard [.expire, .pinFailed, .pinAccepted].contains(entry.kind), entry.request == nil else {
        throw Broken("a refusal recorded \(entry.kind.name)")
      }
    }
    guard let before, let after = accounts[id] else {
      guard recorded.isEmpty else { throw Broken("a refusal without an account recorded") }
      return
    }
    let old = before.lapsed(at: now)
    let new = after.lapsed(at: now)
    guard old.lots == new.lots, old.liveHolds(at: now) == new.liveHolds(at: now),
      old.status == new.status, old.cardNumber == new.cardNumber, old.used == new.used,
      old.day == new.day, old.pin.verifier == new.pin.verifier
    else { throw Broken("a refusal changed the account") }
  }

  private mutating func append(_ entry: Entry, to id: AccountID) throws {
    guard entry.id.sequence == Int64(journal.count) + 1 else { throw Broken("a gap in the ids") }
    guard entry.at == now, entry.date == date else { throw Broken("another time than the till's") }
    guard entry.account == id else { throw Broken("an entry of another account") }
    guard entry.programVersion == 3 else { throw Broken("another version of the program") }
    var account = accounts[id]
    try Account.apply(entry, to: &account)
    guard let account else { throw Broken("no account after an entry") }
    accounts[id] = account
    journal.append(entry)
    cardNumbers.insert(account.cardNumber)
    for case .marked(let marked, let mark) in entry.changes {
      marks[marked, default: EntryMarks()].apply(mark, of: entry.id)
    }
    for posting in entry.postings { totals[posting.account, default: 0] += posting.amount }
    try Invariants.check(entry, account: account, rules: rules)
    try Invariants.check(accounts.values, totals: totals)
  }
}
