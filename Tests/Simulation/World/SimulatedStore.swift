// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store

/// What is made to go wrong with a store, by the number of its call in one exchange.
struct FaultPlan: Sendable {
  enum Fault: Sendable {
    /// Nothing of the group was kept, and it may be tried again.
    case busy, full
    /// The device failed; whether the group was kept nobody is told.
    case failed(kept: Bool)
  }

  var faults: [Int: Fault] = [:]

  var isEmpty: Bool { faults.isEmpty }

  /// The plan without what would leave the model in the dark: an issue ends its group, so that
  /// more than one group would be kept or not; and a coupon whose id nobody has seen cannot be
  /// ordered.
  func fit(for requests: [PlainRequest]) -> FaultPlan {
    let isOneGroup = !requests.dropLast().contains { $0.method == "coupon.issue" }
    let isSeen = requests.count == 1 || !requests.contains { $0.method.hasPrefix("checkout.") }
    guard !isOneGroup || !isSeen else { return self }
    return FaultPlan(
      faults: faults.mapValues { fault in
        if case .failed = fault { .failed(kept: false) } else { fault }
      })
  }
}

/// A ledger in memory that folds in small slices, and fails when it is told to.
///
/// Its tables outlive it as a disk does: another store over the same tables is the next process.
final class SimulatedStore: LedgerStore {
  let identity: LedgerIdentity
  let tables: FoldedTables
  private(set) var working: WorkingSet
  private(set) var people: [AccountID: Person]
  private var groupStart = 0
  private var peopleBefore: [AccountID: Person] = [:]
  /// How many entries make a slice; 0 when nothing is ever folded.
  private let slice: Int
  private var cut: (records: Unfolded, point: FoldPoint)?
  private var calls = 0
  private var plan = FaultPlan()
  /// How many of the planned faults struck.
  private(set) var struck = 0
  /// Whether the group at whose end the device failed was kept all the same.
  private(set) var wasKept = false

  var headLink: [UInt8]? { nil }

  init(
    identity: LedgerIdentity, tables: FoldedTables, people: [AccountID: Person], slice: Int
  ) throws(StoreError) {
    self.identity = identity
    self.tables = tables
    self.people = people
    self.slice = slice
    working = try WorkingSet(source: tables, at: tables.point)
    try replay()
  }

  /// Folds in what the tables have not.
  private func replay() throws(StoreError) {
    for entry in tables.journal[Int(tables.point.head.sequence)...] { try working.apply(entry) }
  }

  /// What goes wrong from here on.
  func plan(_ plan: FaultPlan) {
    self.plan = plan
    calls = 0
    struck = 0
    wasKept = false
  }

  /// Nothing more goes wrong.
  func heal() { plan = FaultPlan() }

  /// The fault that is planned for this call, if any.
  private func nextFault() -> FaultPlan.Fault? {
    guard !plan.isEmpty else { return nil }
    calls += 1
    guard let fault = plan.faults[calls] else { return nil }
    struck += 1
    return fault
  }

  private func strike(_ fault: FaultPlan.Fault) throws(StoreError) {
    switch fault {
    case .busy: throw .busy("simulated")
    case .full: throw .full("simulated")
    case .failed: throw .failed("simulated")
    }
  }

  /// As on a server, where it is done before it shows whether the group can begin.
  func begin(writing: Bool, meanwhile work: () -> Void) throws(StoreError) {
    work()
    try begin(writing: writing)
  }

  func begin(writing: Bool) throws(StoreError) {
    if writing, let fault = nextFault() {
      // Nothing was written yet, so that nothing can have been kept.
      if case .failed = fault { throw .failed("simulated") }
      throw .busy("simulated")
    }
    groupStart = tables.journal.count
    peopleBefore = people
  }

  func append(_ entry: Entry, person: Person?) throws(StoreError) {
    if let fault = nextFault() {
      // A write may fail, but a group that was not committed is never kept.
      if case .failed = fault { drop() }
      try strike(fault)
    }
    tables.journal.append(try reread(entry))
    if let person, let account = entry.account { people[account] = person }
    try working.apply(entry)
  }

  /// The entry as the journal would give it back.
  private func reread(_ entry: Entry) throws(StoreError) -> Entry {
    do {
      return try Entry(
        id: entry.id, at: entry.at, kind: entry.kind.rawValue,
        account: entry.account.map { Int64($0.value) }, key: entry.request?.key.text,
        body: entry.encodedBody()[...])
    } catch {
      throw .damaged(entry: entry.id, reason: "an entry cannot be read back: \(error)")
    }
  }

  func end(meanwhile work: () -> Void) throws(StoreError) {
    // As on a disk, where it is done before it shows whether the group is kept.
    if tables.journal.count > groupStart { work() }
    guard tables.journal.count > groupStart, let fault = nextFault() else { return }
    if case .failed(let kept) = fault {
      wasKept = kept
      if !kept { drop() }
    }
    try strike(fault)
  }

  /// Takes the group out of the journal.
  private func drop() {
    tables.journal.removeSubrange(groupStart...)
    people = peopleBefore
  }

  func abandon() throws(StoreError) {
    drop()
    cut = nil
    working = try WorkingSet(source: tables, at: tables.point)
    try replay()
  }

  func entries(from first: EntryID, limit: Int) throws(StoreError) -> [Entry] {
    let start = max(0, Int(first.sequence) - 1)
    guard start < tables.journal.count else { return [] }
    return Array(tables.journal[start...].prefix(limit))
  }

  func person(of account: AccountID) throws(StoreError) -> Person? { people[account] }

  func accounts(
    holding particulars: [Person.Particular: String], after cursor: AccountID?, limit: Int
  ) throws(StoreError) -> [AccountID] {
    let found = people.filter { account, person in
      cursor.map { $0 < account } ?? true
        && particulars.allSatisfy { person.particulars[$0.key] == $0.value }
    }
    return Array(found.keys.sorted().prefix(limit))
  }

  /// A slice is cut in one call and folded in the next: in between it is neither here nor there.
  func maintain() {
    if let cut {
      self.cut = nil
      // Now and then the folder gives it back, or only a part of what it does is done.
      switch cut.point.head.sequence % 5 {
      case 0: working.returnSlice()
      case 1:
        tables.fold(cut.records, to: nil)
        working.returnSlice()
      default:
        tables.fold(cut.records, to: cut.point)
        working.confirmSlice()
      }
    } else if slice > 0, working.unfoldedCount >= slice {
      cut = working.cutSlice()
    }
  }

  func close() throws(StoreError) {}
}
