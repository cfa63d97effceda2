// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
package import Coupons
package import LedgerCore
package import StoredValue

/// A ledger in memory, for simulation, fuzzing and tests: nothing outlives it.
package final class MemoryStore: LedgerStore {
  package let identity: LedgerIdentity
  private let journal = MemoryJournal()
  @exclusivity(unchecked) package private(set) var working: WorkingSet
  private var people: [AccountID: Person] = [:]
  private var groupStart = 0
  private var peopleBefore: [AccountID: Person] = [:]

  package var headLink: [UInt8]? { nil }

  package init(identity: LedgerIdentity) throws(StoreError) {
    self.identity = identity
    working = try WorkingSet(source: journal, at: FoldPoint())
  }

  package func begin(writing: Bool) throws(StoreError) {
    groupStart = journal.entries.count
    peopleBefore = people
  }

  package func append(_ entry: Entry, person: Person?) throws(StoreError) {
    journal.entries.append(entry)
    if let person, let account = entry.account {
      people[account] = person
    }
    try working.apply(entry)
  }

  package func end(meanwhile work: () -> Void) throws(StoreError) {}

  package func abandon() throws(StoreError) {
    journal.entries.removeSubrange(groupStart...)
    people = peopleBefore
    working = try WorkingSet(source: journal, at: FoldPoint())
    for entry in journal.entries { try working.apply(entry) }
  }

  package func entries(from first: EntryID, limit: Int) throws(StoreError) -> [Entry] {
    let start = max(0, Int(first.sequence) - 1)
    guard start < journal.entries.count else { return [] }
    return Array(journal.entries[start...].prefix(limit))
  }

  package func person(of account: AccountID) throws(StoreError) -> Person? { people[account] }

  package func accounts(
    holding particulars: [Person.Particular: String], after cursor: AccountID?, limit: Int
  ) throws(StoreError) -> [AccountID] {
    let found = people.filter { account, person in
      cursor.map { $0 < account } ?? true
        && particulars.allSatisfy { person.particulars[$0.key] == $0.value }
    }
    return Array(found.keys.sorted().prefix(limit))
  }

  package func maintain() {}

  package func close() throws(StoreError) {}
}

/// The journal alone: no folded records, so the working set keeps everything.
package final class MemoryJournal: RecordSource {
  fileprivate(set) var entries: [Entry] = []

  package init() {}

  package func account(_ id: AccountID) throws(StoreError) -> Account? { nil }
  package func card(_ number: CardNumber) throws(StoreError) -> CardStanding { .unknown }
  package func entries(keyHash: Int64) throws(StoreError) -> [EntryID] { [] }
  package func marks(of entry: EntryID) throws(StoreError) -> EntryMarks? { nil }
  package func damage(_ reason: String) -> StoreError { .damaged(entry: nil, reason: reason) }
  package func campaign(_ number: CampaignNumber) throws(StoreError) -> Campaign? { nil }
  package func campaigns(before cursor: CampaignNumber?, limit: Int) throws(StoreError)
    -> [Campaign]
  { [] }
  package func coupon(_ serial: CouponSerial) throws(StoreError) -> Coupon? { nil }
  package func coupons(
    _ selection: CouponSelection, after cursor: CouponSerial?, limit: Int
  ) throws(StoreError) -> [Coupon] { [] }
  package func share(_ key: CampaignShare.Key) throws(StoreError) -> CampaignShare? { nil }
  package func accounts(dueBy instant: Instant, limit: Int) throws(StoreError) -> [AccountID] { [] }
  package func firstDue(after instant: Instant) throws(StoreError) -> Instant? { nil }

  package func subject(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord? { nil }
  package func chunk(_ key: ChunkKey) throws(StoreError) -> [EventLog.Item]? { nil }
  package func alert(_ sequence: Int64) throws(StoreError) -> AlertRow? { nil }
  package func subjects(dueBy instant: Instant, limit: Int) throws(StoreError) -> [WatchedSubject] {
    []
  }
  package func firstAlertEnd(after instant: Instant) throws(StoreError) -> Instant? { nil }

  package func entry(_ id: EntryID) throws(StoreError) -> Entry? {
    guard id.sequence >= 1, id.sequence <= entries.count else { return nil }
    return entries[Int(id.sequence) - 1]
  }
}
