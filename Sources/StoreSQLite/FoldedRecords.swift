// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import Coupons
import LedgerCore
import Store
import StoredValue

/// What a working set stands on: the folded tables, and the journal for entries.
final class FoldedRecords: RecordSource {
  let journal: Journal
  let state: StateReader

  init(journal: Journal, state: StateReader) {
    self.journal = journal
    self.state = state
  }

  func account(_ id: AccountID) throws(StoreError) -> Account? { try state.account(id) }

  func card(_ number: CardNumber) throws(StoreError) -> CardStanding { try state.card(number) }

  func entries(keyHash: Int64) throws(StoreError) -> [EntryID] {
    let found = try state.entries(keyHash: keyHash)
    // What the state knows was in the journal before, so it names nothing beyond the newest entry.
    if let last = found.last, try journal.newest().map({ $0.entry < last }) ?? true {
      throw state.damage("a key names no entry")
    }
    return found
  }

  func marks(of entry: EntryID) throws(StoreError) -> EntryMarks? { try state.marks(of: entry) }

  func damage(_ reason: String) -> StoreError { state.damage(reason) }

  func campaign(_ number: CampaignNumber) throws(StoreError) -> Campaign? {
    try state.campaign(number)
  }

  func campaigns(
    before cursor: CampaignNumber?, limit: Int
  ) throws(StoreError) -> [Campaign] {
    try state.campaigns(before: cursor, limit: limit)
  }

  func coupon(_ serial: CouponSerial) throws(StoreError) -> Coupon? { try state.coupon(serial) }

  func coupons(
    _ selection: CouponSelection, after cursor: CouponSerial?, limit: Int
  ) throws(StoreError) -> [Coupon] {
    try state.coupons(selection, after: cursor, limit: limit)
  }

  func share(_ key: CampaignShare.Key) throws(StoreError) -> CampaignShare? {
    try state.share(key)
  }

  func accounts(dueBy instant: Instant, limit: Int) throws(StoreError) -> [AccountID] {
    try state.accounts(dueBy: instant, limit: limit)
  }

  func firstDue(after instant: Instant) throws(StoreError) -> Instant? {
    try state.firstDue(after: instant)
  }

  func subject(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
    try state.subject(subject)
  }

  func newestSubject(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
    state.forgetAccount()
    return try state.subject(subject)
  }

  func chunk(_ key: ChunkKey) throws(StoreError) -> [EventLog.Item]? { try state.chunk(key) }

  func alert(_ sequence: Int64) throws(StoreError) -> AlertRow? { try state.alert(sequence) }

  func subjects(dueBy instant: Instant, limit: Int) throws(StoreError) -> [WatchedSubject] {
    try state.subjects(dueBy: instant, limit: limit)
  }

  func firstAlertEnd(after instant: Instant) throws(StoreError) -> Instant? {
    try state.firstAlertEnd(after: instant)
  }

  func entry(_ id: EntryID) throws(StoreError) -> Entry? { try journal.entry(id) }
}
