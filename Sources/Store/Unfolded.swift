// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
package import Coupons
package import LedgerCore
package import StoredValue

/// The records that entries have changed since they were last folded into the store.
///
/// A value: the folder gets its own copy while the loop goes on with a fresh one.
package struct Unfolded: Sendable {
  package internal(set) var accounts = ChangedAccounts()
  package var cards: [CardNumber: CardStanding] = [:]
  package internal(set) var keys = ChangedKeys()
  package var marks: [EntryID: EntryMarks] = [:]
  package var campaigns: [CampaignNumber: Campaign] = [:]
  package var coupons: [CouponSerial: Coupon] = [:]
  /// The coupons among these that are an account's own.
  package var owned: [AccountID: Set<CouponSerial>] = [:]
  package var shares: [CampaignShare.Key: CampaignShare] = [:]
  /// What is remembered of subjects, but that of the accounts among these is in their rows.
  package internal(set) var subjects: [WatchedSubject: SubjectRecord] = [:]
  /// Whether an account may be among these subjects.
  private(set) var hasStrays = false
  /// Chunks of logs; nil for those that are used up.
  package var chunks: [ChunkKey: [EventLog.Item]?] = [:]
  /// Events of the outbox by number.
  package var alerts: [Int64: AlertRow] = [:]
  /// Series that no rule needs any more, by number.
  package var droppedSeries: [Int64] = []
  /// How many entries these are; an issue of many coupons counts for more.
  package var entryCount = 0

  package init() {}

  /// Nothing yet, with room for about what `earlier` held: growing by steps costs more than the
  /// records themselves.
  init(like earlier: Unfolded) {
    accounts = ChangedAccounts(like: earlier.accounts)
    keys = ChangedKeys(like: earlier.keys)
    subjects.reserveCapacity(earlier.subjects.count)
  }

  package var isEmpty: Bool { entryCount == 0 }

  /// Lays `newer` over these records.
  package mutating func merge(_ newer: Unfolded) {
    for id in newer.accounts.ids {
      guard let record = newer.accounts.find(id) else { continue }
      accounts.lay(record, of: id, over: subjects.removeValue(forKey: .account(id)))
    }
    cards.merge(newer.cards) { $1 }
    keys.append(newer.keys)
    marks.merge(newer.marks) { $1 }
    campaigns.merge(newer.campaigns) { $1 }
    coupons.merge(newer.coupons) { $1 }
    owned.merge(newer.owned) { $0.union($1) }
    shares.merge(newer.shares) { $1 }
    for (subject, record) in newer.subjects { keep(record, of: subject) }
    chunks.merge(newer.chunks) { $1 }
    alerts.merge(newer.alerts) { $1 }
    droppedSeries += newer.droppedSeries
    entryCount += newer.entryCount
  }
}

extension Unfolded {
  /// What is remembered of a subject, where that has changed.
  package func record(of subject: WatchedSubject) -> SubjectRecord? {
    if case .account(let id) = subject, let record = accounts.watch(of: id) { return record }
    return subjects[subject]
  }

  /// Keeps what is remembered of a subject: of an account that is here, in its row.
  mutating func keep(_ record: SubjectRecord, of subject: WatchedSubject) {
    if case .account(let id) = subject, accounts.holds(id) {
      accounts.keep(record, of: id)
    } else {
      if case .account = subject { hasStrays = true }
      subjects[subject] = record
    }
  }

  /// Keeps an account, and what is remembered of it where that has changed.
  mutating func keep(_ account: Account, watch: SubjectRecord?, using writer: inout ByteWriter) {
    let beside = hasStrays ? subjects.removeValue(forKey: .account(account.id)) : nil
    accounts.keep(account, watch: watch ?? beside, using: &writer)
  }

  /// Subjects with an alert that ends untold by `instant`, in no order.
  package func subjectsDue(by instant: Instant) -> [WatchedSubject] {
    let others = subjects.filter { $0.value.due.map { $0 <= instant } ?? false }
    return others.keys + accounts.watchDue(by: instant).map { .account($0) }
  }

  /// The first instant after `instant` at which an alert ends untold.
  package func firstAlertEnd(after instant: Instant) -> Instant? {
    let first = subjects.values.lazy.compactMap(\.due).filter { $0 > instant }.min()
    let other = accounts.firstWatchDue(after: instant)
    return first.map { min($0, other ?? $0) } ?? other
  }
}

/// Where the fold of a journal stands, and the small records that go with it.
package struct FoldPoint: Sendable {
  /// The last entry folded in.
  package var head: EntryID
  /// Its time; ledger time never falls behind it (INV-14).
  package var headTime: Instant
  package var totals: Totals
  package var programVersion: Int64
  /// The program in force in canonical JSON.
  package var programDocument: [UInt8]
  /// The number of the newest event of the outbox.
  package var alertSequence: Int64
  /// What is remembered for the rules in force.
  package var series: [SeriesStanding]

  package init() {
    head = .none
    headTime = Instant(milliseconds: 0)
    totals = Totals()
    programVersion = 0
    programDocument = Array("{}".utf8)
    alertSequence = 0
    series = []
  }
}
