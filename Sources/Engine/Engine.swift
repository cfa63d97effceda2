// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
package import LedgerCore
package import Program
package import Secrets
package import Store
import StoredValue

/// The ledger in operation: decides mutations one after another and appends what they become.
///
/// Between `begin` and `end` runs one group; answers may leave only after `end` has returned,
/// because only then is the group durable. Belongs to one thread.
package final class Engine {
  /// What the engine needs from outside: time, calendar, secrets, randomness.
  package struct Surroundings {
    package let clock: LedgerClock
    package let calendar: BusinessCalendar
    package let keys: KeyRing
    package let random: @Sendable (Int) -> [UInt8]
    /// The key ring, when it has changed since it was last handed out; asked at every group.
    package let newKeys: () -> KeyRing?

    package init(
      clock: LedgerClock, calendar: BusinessCalendar, keys: KeyRing,
      random: @escaping @Sendable (Int) -> [UInt8], newKeys: @escaping () -> KeyRing? = { nil }
    ) {
      self.clock = clock
      self.calendar = calendar
      self.keys = keys
      self.random = random
      self.newKeys = newKeys
    }
  }

  /// The answer to a mutation.
  package enum Outcome: Sendable {
    /// The entry that answers it; `replayed` when an earlier request with the key made it.
    case done(Entry, replayed: Bool)
    case refused(Refusal)
  }

  package let store: any LedgerStore
  // Both are read several times a request, and nothing is called while they are changed.
  @exclusivity(unchecked) private var clock: LedgerClock
  @exclusivity(unchecked) private(set) var office: Office
  private let newKeys: () -> KeyRing?
  /// Bad payloads at scanners, and what of them waits to be written.
  var codes = CodeFailureCounter()
  var codeReports: [CodeFailureCounter.Report] = []

  package init(store: any LedgerStore, in surroundings: Surroundings) throws(StoreError) {
    self.store = store
    clock = surroundings.clock
    newKeys = surroundings.newKeys
    office = Office(
      calendar: surroundings.calendar, program: .neutral, programVersion: -1,
      keys: Office.Keys(surroundings.keys, isTest: store.identity.isTest, book: TermsBook()),
      random: surroundings.random)
    refreshProgram(of: working)
  }

  package var working: WorkingSet { store.working }
  package var calendar: BusinessCalendar { office.calendar }
  package var program: Program { office.program }
  package var programVersion: Int64 { office.programVersion }
  var tokens: CouponTokens { office.tokens }

  /// Ledger time: the clock's, but never behind the newest entry (INV-14).
  package var now: Instant { now(in: working) }

  func now(in working: WorkingSet) -> Instant { max(clock.reading, working.headTime) }

  // MARK: Groups

  /// What a group may change beside the store; a group that is abandoned changes it back.
  package struct Aside {
    fileprivate let clock: LedgerClock
    fileprivate let codes: CodeFailureCounter
    fileprivate let codeReports: [CodeFailureCounter.Report]
    /// A version that was dropped may be another program's by the next group.
    fileprivate let office: Office
  }

  package var aside: Aside {
    get { Aside(clock: clock, codes: codes, codeReports: codeReports, office: office) }
    set {
      (clock, codes, codeReports) = (newValue.clock, newValue.codes, newValue.codeReports)
      office = newValue.office
    }
  }

  /// Starts a group: what other processes have done is folded in, under the keys of today.
  ///
  /// `work` is done while the store waits for a server, if it does.
  package func begin(writing: Bool, meanwhile work: () -> Void = {}) throws(StoreError) {
    if let keys = newKeys() { adopt(keys) }
    try store.begin(writing: writing, meanwhile: work)
    refreshProgram(of: working)
  }

  /// Whether something is due to lapse, so that the next group should be a writing one.
  package func somethingIsDue() throws(StoreError) -> Bool {
    let now = now
    if !codeReports.isEmpty || codes.nextFlush.map({ $0 <= now }) ?? false { return true }
    if try !working.alertEndings(by: now, limit: 1).isEmpty { return true }
    return try !working.accountsDue(by: now, limit: 1).isEmpty
  }

  /// Tells of the alerts that have ended and lapses what is due, at most `limit` accounts; whether
  /// more may be due.
  package func sweep(limit: Int) throws(StoreError) -> Bool {
    let now = now
    try endAlerts(by: now, in: working)
    try writeCodeReports(at: now)
    let due = try working.accountsDue(by: now, limit: limit)
    for id in due {
      guard let account = try working.account(id) else { continue }
      let context = DecisionContext(
        now: now, calendar: calendar, rules: program.storedValue,
        programVersion: programVersion, nextEntry: working.head.next)
      if let entry = account.lapse(in: context, id: context.nextEntry) {
        try store.append(entry, person: nil)
      }
    }
    return due.count == limit
  }

  /// Goes on with a ring that has been rotated, or of which a key has been revoked; the store
  /// has been given its own part.
  package func adopt(_ keys: KeyRing) {
    office = office.with(
      Office.Keys(keys, isTest: store.identity.isTest, book: tokens.book))
  }

  private func refreshProgram(of working: WorkingSet) {
    guard working.programVersion != office.programVersion else { return }
    office = office.under(working.program, version: working.programVersion)
  }

  // MARK: Mutations

  /// Decides one mutation and appends what it becomes to the group under way.
  ///
  /// In the contract's order: key, footprint, decision. A refusal appends at most the counting of
  /// a PIN attempt. Throws when a PIN must be stretched first, or the store failed; then nothing
  /// was appended by this call, or the group must be abandoned.
  package func execute(_ ticket: Ticket) throws(Interruption) -> Outcome {
    // Asked for once: it is the store's, behind a table of its protocol.
    let working = working
    let now = now(in: working)
    try reading { () throws(StoreError) in try endAlerts(by: now, in: working) }
    let desk = Desk(working: working, ticket: ticket, now: now, office: office)
    let standing = try reading { () throws(StoreError) in
      try desk.working.standing(of: ticket.key)
    }
    switch standing {
    case .used(let entry): return try repeated(entry, desk)
    case .blocked: return .refused(Refusal(.originalReversed, field: "/idempotency_key"))
    case .unused: break
    }
    let decided: Decided
    do {
      decided = try ticket.command.decide(at: desk)
    } catch .refused(let refusal) {
      return .refused(refusal)
    }
    switch try append(decided, at: desk) {
    case .refused(let refusal, _): return .refused(refusal)
    case .accepted(let entries):
      guard let answer = entries.last, answer.isAnswer else {
        preconditionFailure("accepted without an entry that answers")
      }
      return .done(answer, replayed: false)
    }
  }

  /// Appends what was decided, unless a rule declines it; answers what it has become.
  private func append(_ decided: Decided, at desk: Desk) throws(Interruption) -> Decision {
    let decision = try reading { () throws(StoreError) in
      let decision = try append(watching: decided, at: desk)
      refreshProgram(of: desk.working)
      return decision
    }
    return decision
  }

  /// Answers a request whose key has been used: the first answer again, or what differs.
  private func repeated(_ entry: Entry, _ desk: Desk) throws(Interruption) -> Outcome {
    guard let earlier = entry.request else { preconditionFailure("a key was used by a request") }
    guard earlier.method == type(of: desk.ticket.command).method else {
      return .refused(Refusal(.idempotencyConflict, field: "/method"))
    }
    guard let id = entry.account,
      let account = try reading({ () throws(StoreError) in try working.account(id) })
    else { return try compare(entry, earlier, nil, desk) }
    return try compare(entry, earlier, account, desk)
  }

  private func compare(
    _ entry: Entry, _ earlier: RequestRecord, _ account: Account?, _ desk: Desk
  ) throws(Interruption) -> Outcome {
    let givesPIN = desk.ticket.members.contains { $0.member.isPIN }
    if givesPIN, let lock = account?.repetitionLock(of: entry.id, at: desk.now) {
      return .refused(lock)
    }
    guard let owner = account?.id ?? AccountID(stored: 1) else {
      preconditionFailure("1 is an id")
    }
    let record = try desk.record(
      for: owner, digestKey: earlier.digestKey, stretched: earlier.pinsStretched)
    let differing = record.differences(from: earlier)
    guard let first = differing.first else { return .done(entry, replayed: true) }
    let conflict = Refusal(
      .idempotencyConflict, field: "/" + first.name,
      details: [.init("entry_id", .text(entry.id.text))])
    guard let account, givesPIN, differing.contains(where: \.isPIN) else {
      return .refused(conflict)
    }
    let context = try desk.context(for: account.id)
    let probe = account.probePIN(of: entry.id, conflict: conflict, in: context)
    guard case .refused(let refusal, _) = try append(Decided(probe), at: desk) else {
      preconditionFailure("a probe is refused")
    }
    return .refused(refusal)
  }

  // MARK: The test clock

  /// Moves a test ledger's clock; `test_mode_only` on others, `clock_backwards` into the past.
  package func setClock(_ instant: Instant) throws(Refusal) {
    guard case .manual = clock else { throw Refusal(.testModeOnly) }
    guard instant >= now else {
      throw Refusal(
        .clockBackwards, field: "/at", details: [.init("ledger_time", .instant(now))])
    }
    clock = .manual(instant)
  }

  /// Moves a test ledger's clock on by whole seconds; `test_mode_only` on others.
  package func advanceClock(seconds: Int64) throws(Refusal) {
    guard case .manual = clock else { throw Refusal(.testModeOnly) }
    clock = .manual(now.advanced(bySeconds: seconds))
  }
}
