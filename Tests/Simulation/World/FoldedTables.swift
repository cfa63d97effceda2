// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import Coupons
import LedgerCore
import Store
import StoredValue

/// A journal with folded records beside it, in memory: what a disk would hold.
///
/// Accounts and coupons are kept encoded, so that reading them back is part of the play. They may
/// be newer than the fold point says, as a store's may.
final class FoldedTables: RecordSource {
  var journal: [Entry] = []
  private(set) var point = FoldPoint()
  private var records = Unfolded()
  private var accounts: [AccountID: [UInt8]] = [:]
  private var coupons: [CouponSerial: [UInt8]] = [:]

  /// Lays a slice over the records; the point only where it is finished.
  func fold(_ slice: Unfolded, to point: FoldPoint?) {
    records.merge(slice)
    for id in slice.accounts.ids {
      accounts[id] = slice.accounts.find(id).map { Array($0.account) }
    }
    for (serial, coupon) in slice.coupons { coupons[serial] = coupon.encoded() }
    if let point { self.point = point }
  }

  /// Throws the records away, as when the state is lost.
  func forget() {
    point = FoldPoint()
    records = Unfolded()
    accounts = [:]
    coupons = [:]
  }

  func entry(_ id: EntryID) throws(StoreError) -> Entry? {
    guard id.sequence >= 1, id.sequence <= journal.count else { return nil }
    return journal[Int(id.sequence) - 1]
  }

  func damage(_ reason: String) -> StoreError { .damaged(entry: nil, reason: reason) }

  func account(_ id: AccountID) throws(StoreError) -> Account? {
    guard let bytes = accounts[id] else { return nil }
    do {
      return try Account(id: id, encoded: bytes[...])
    } catch {
      throw damage("an account cannot be read back")
    }
  }

  func coupon(_ serial: CouponSerial) throws(StoreError) -> Coupon? {
    guard let bytes = coupons[serial] else { return nil }
    do {
      return try Coupon(serial: serial, encoded: bytes[...])
    } catch {
      throw damage("a coupon cannot be read back")
    }
  }

  func card(_ number: CardNumber) throws(StoreError) -> CardStanding {
    records.cards[number] ?? .unknown
  }

  /// With entries of other keys among them, as where hashes collide.
  func entries(keyHash hash: Int64) throws(StoreError) -> [EntryID] {
    records.keys.items.filter { $0.hash & 0xFF == hash & 0xFF }.map(\.entry).sorted()
  }

  func marks(of entry: EntryID) throws(StoreError) -> EntryMarks? { records.marks[entry] }

  func campaign(_ number: CampaignNumber) throws(StoreError) -> Campaign? {
    records.campaigns[number]
  }

  func campaigns(
    before cursor: CampaignNumber?, limit: Int
  ) throws(StoreError) -> [Campaign] {
    let found = records.campaigns.values.filter { campaign in
      cursor.map { campaign.number < $0 } ?? true
    }
    return Array(found.sorted { $0.number > $1.number }.prefix(limit))
  }

  func coupons(
    _ selection: CouponSelection, after cursor: CouponSerial?, limit: Int
  ) throws(StoreError) -> [Coupon] {
    let found = records.coupons.values.filter { coupon in
      selection.admits(coupon) && cursor.map { $0 < coupon.serial } ?? true
    }
    return Array(found.sorted { $0.serial < $1.serial }.prefix(limit))
  }

  func share(_ key: CampaignShare.Key) throws(StoreError) -> CampaignShare? { records.shares[key] }

  func accounts(dueBy instant: Instant, limit: Int) throws(StoreError) -> [AccountID] {
    Array(records.accounts.due(by: instant).sorted().prefix(limit))
  }

  func firstDue(after instant: Instant) throws(StoreError) -> Instant? {
    records.accounts.firstDue(after: instant)
  }

  func subject(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
    records.record(of: subject)
  }

  func chunk(_ key: ChunkKey) throws(StoreError) -> [EventLog.Item]? {
    records.chunks[key].flatMap { $0 }
  }

  func alert(_ sequence: Int64) throws(StoreError) -> AlertRow? { records.alerts[sequence] }

  func subjects(dueBy instant: Instant, limit: Int) throws(StoreError) -> [WatchedSubject] {
    let due = records.subjectsDue(by: instant).map { subject in
      (subject: subject, due: records.record(of: subject)?.due ?? instant)
    }
    return Array(due.sorted { $0.due < $1.due }.map(\.subject).prefix(limit))
  }

  func firstAlertEnd(after instant: Instant) throws(StoreError) -> Instant? {
    records.firstAlertEnd(after: instant)
  }
}
