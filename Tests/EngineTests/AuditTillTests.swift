// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Program
import Secrets
import Store
import StoredValue
import Synchronization
import Testing

@testable import Engine

/// A till of the tests: drives an engine in memory, and can write what no engine would.
final class AuditTill {
  static let calendar = BusinessCalendar.fixed(offsetMinutes: 480)
  /// 09:00 in the zone of the calendar.
  static let morning = Instant(milliseconds: 1_772_326_800_000)

  static let program = """
    {"card":{"max_balance":2000000},"close":{"refund_method":"paid_ratio"},\
    "debit":{"daily_max":90000,"max":80000,"pin_free_limit":100},\
    "first_day":{"cap_basis_points":6000},"pin":{"lock_seconds":60,"max_attempts":3},\
    "topup":{"bonus_combination":"all","bonus_rules":[\
    {"expires_after_days":1,"grant":{"amount":5000,"type":"fixed"},"id":"soon",\
    "min_amount":50000},\
    {"grant":{"basis_points":1000,"max":20000,"type":"rate"},"id":"tenth",\
    "release_basis_points":1000}],"max":1000000,"min":100,"pending_tenders":["cheque"]}}
    """

  let identity = LedgerIdentity(
    id: "00112233445566778899aabbccddeeff", currency: "CNY", timezone: "Asia/Shanghai",
    dayStartMinutes: 0, isTest: true)
  let keys = KeyRing.fresh(at: 0)
  let store: MemoryStore
  let engine: Engine
  private(set) var people: [AccountID: Person] = [:]
  private var requests = 0

  init(seed: UInt64 = 1) throws {
    let generator = Mutex(AuditRandom(seed: seed))
    store = try MemoryStore(identity: identity)
    engine = try Engine(
      store: store,
      in: Engine.Surroundings(
        clock: .manual(Self.morning), calendar: Self.calendar, keys: keys,
        random: { count in generator.withLock { $0.bytes(count) } }))
  }

  /// Asks for a mutation, as a request of its own unless a key is given.
  @discardableResult
  func ask(
    _ command: any Command, key: String? = nil, store: String? = "s1",
    pin: PIN? = nil
  ) throws -> Engine.Outcome {
    requests += 1
    let name = try #require(IdempotencyKey(key ?? "request \(requests)"))
    var members = [SubmittedMember(.reason, .plain(UInt64(requests)))]
    if key != nil { members = [] }
    if let pin { members.append(SubmittedMember(.pin, .pin(pin))) }
    let ticket = Ticket(
      command: command, key: name, origin: Origin(store: store, operator: "o1"), reason: nil,
      members: members)
    while true {
      do {
        try engine.begin(writing: true)
        let outcome = try engine.execute(ticket)
        try self.store.end()
        return outcome
      } catch Interruption.needsStretch(let job) {
        ticket.deliver(job.run(), for: job)
      }
    }
  }

  /// Asks for what must succeed; the entry that answers it.
  @discardableResult
  func must(
    _ command: any Command, key: String? = nil, pin: PIN? = nil,
    at location: SourceLocation = #_sourceLocation
  ) throws -> Entry {
    switch try ask(command, key: key, pin: pin) {
    case .done(let entry, _):
      if let id = entry.account { people[id] = try store.person(of: id) }
      return entry
    case .refused(let refusal):
      Issue.record("refused: \(refusal)", sourceLocation: location)
      throw refusal
    }
  }

  /// Asks for what must be refused.
  func refuse(
    _ command: any Command, _ code: RefusalCode, key: String? = nil, pin: PIN? = nil,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    guard case .refused(let refusal) = try ask(command, key: key, pin: pin) else {
      Issue.record("not refused", sourceLocation: location)
      return
    }
    #expect(refusal.code == code, sourceLocation: location)
  }

  func pass(seconds: Int64) throws { try engine.advanceClock(seconds: seconds) }

  func setProgram(_ text: String) throws {
    try must(SetProgram(program: try Program.decode(canonical: Array(text.utf8))))
  }

  @discardableResult
  func open(_ number: String, pin: String? = nil, topUp: Int64? = nil) throws -> AccountID {
    let entry = try must(
      OpenAccount(
        cardNumber: try #require(CardNumber(number)), registered: true, holder: nil, level: nil,
        pin: pin.flatMap { PIN($0) },
        topUp: topUp.map { Payment(amount: Amount($0), tender: "cash") }, sameDaySpend: nil))
    return try #require(entry.account)
  }

  @discardableResult
  func topUp(_ id: AccountID, _ amount: Int64, by tender: String = "cash") throws -> Entry {
    try must(
      CreateTopUp(name: .id(id), payment: Payment(amount: Amount(amount), tender: tender)))
  }

  @discardableResult
  func debit(_ id: AccountID, _ amount: Int64) throws -> Entry {
    try must(CreateDebit(name: .id(id), amount: Amount(amount), pin: nil, allowPartial: false))
  }

  @discardableResult
  func hold(_ id: AccountID, _ amount: Int64, seconds: Int64) throws -> HoldID {
    let entry = try must(
      AuthorizeDebit(name: .id(id), amount: Amount(amount), pin: nil, seconds: seconds))
    return try #require(entry.hold)
  }

  /// Writes what a decision comes to that no engine would take, its request under a key of its own.
  @discardableResult
  func forge(
    on id: AccountID, key: String? = nil, method: RequestMethod = .debitCreate,
    rules: StoredValueRules? = nil,
    _ decide: (Account, DecisionContext) throws -> Decision
  ) throws -> Entry {
    requests += 1
    let name = try #require(IdempotencyKey(key ?? "forged \(requests)"))
    let account = try #require(try store.working.account(id))
    let context = DecisionContext(
      now: engine.now, calendar: Self.calendar, rules: rules ?? engine.program.storedValue,
      programVersion: engine.programVersion, nextEntry: store.working.head.next,
      request: RequestRecord(key: name, method: method, digestKey: 1, digests: []))
    let entries = try decide(account, context).entries
    for entry in entries { try store.append(entry, person: nil) }
    return try #require(entries.last)
  }

  func entries() throws -> [Entry] { try store.entries(from: EntryID(1), limit: .max) }

  /// The ledger as it stands, folded up to entry `folded`, or to its end.
  func ledger(foldedTo folded: Int? = nil) throws -> AuditedLedger {
    let entries = try entries()
    var ledger = try AuditedLedger(
      entries, keys: keys, identity: identity, foldedTo: folded ?? entries.count)
    ledger.people = people
    return ledger
  }
}

/// SplitMix64: small, seeded and the same everywhere.
struct AuditRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}
