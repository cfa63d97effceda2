// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
package import Coupons
package import LedgerCore
package import StoredValue

/// What a card number names.
package enum CardStanding: Hashable, Sendable {
  case unknown
  case names(AccountID)
  /// It was replaced: it names nothing and is never given out again.
  case retired
}

/// What an idempotency key has been used for.
package enum KeyStanding: Sendable {
  case unused
  case used(Entry)
  /// Its request was reversed before it arrived, by this entry.
  case blocked(EntryID)
}

/// Which coupons a listing wants.
package enum CouponSelection: Hashable, Sendable {
  /// An account's own; `open` leaves out those used or void.
  case owned(by: AccountID, open: Bool)
  case of(CampaignNumber)
}

/// Folded records as a store keeps them: complete up to its watermark, perhaps newer.
///
/// A record may be newer than the watermark says because every record names the last entry folded
/// into it, and applying an older entry again does nothing.
package protocol RecordSource: AnyObject {
  func account(_ id: AccountID) throws(StoreError) -> Account?
  func card(_ number: CardNumber) throws(StoreError) -> CardStanding
  /// The entries whose keys, used or blocked, have this hash; the caller compares the keys.
  func entries(keyHash: Int64) throws(StoreError) -> [EntryID]
  func marks(of entry: EntryID) throws(StoreError) -> EntryMarks?
  func campaign(_ number: CampaignNumber) throws(StoreError) -> Campaign?
  /// Campaigns before `cursor`, the newest first, at most `limit`.
  func campaigns(before cursor: CampaignNumber?, limit: Int) throws(StoreError) -> [Campaign]
  func coupon(_ serial: CouponSerial) throws(StoreError) -> Coupon?
  /// Coupons of the selection after `cursor`, in order of serial, at most `limit`.
  func coupons(
    _ selection: CouponSelection, after cursor: CouponSerial?, limit: Int
  ) throws(StoreError) -> [Coupon]
  func share(_ key: CampaignShare.Key) throws(StoreError) -> CampaignShare?
  /// Accounts of which something is due to lapse by `instant`, at most `limit`.
  func accounts(dueBy instant: Instant, limit: Int) throws(StoreError) -> [AccountID]
  /// The first instant after `instant` at which something is due to lapse.
  func firstDue(after instant: Instant) throws(StoreError) -> Instant?
  func subject(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord?
  /// As `subject`, and as new as the chunks that are read, where accounts need not be.
  func newestSubject(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord?
  func chunk(_ key: ChunkKey) throws(StoreError) -> [EventLog.Item]?
  /// The event of the outbox with this number.
  func alert(_ sequence: Int64) throws(StoreError) -> AlertRow?
  /// Subjects with an alert that ends untold by `instant`, at most `limit`, the first to end first.
  func subjects(dueBy instant: Instant, limit: Int) throws(StoreError) -> [WatchedSubject]
  /// The first instant after `instant` at which an alert ends untold.
  func firstAlertEnd(after instant: Instant) throws(StoreError) -> Instant?
  /// What to throw when the folded records turn out not to be what the journal makes of them.
  func damage(_ reason: String) -> StoreError
  /// An entry of the journal, those of the group under way included.
  func entry(_ id: EntryID) throws(StoreError) -> Entry?
}

extension RecordSource {
  package func newestSubject(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
    try self.subject(subject)
  }
}

/// The hash of an idempotency key in the index: FNV-1a, 64 bits, finished by a mixing step.
///
/// Not secret and not collision-free: a hit is compared with the key in the journal.
package func keyHash(_ key: IdempotencyKey) -> Int64 {
  Int64(bitPattern: key.hash)
}

/// That of the key of the request that an entry answers; nil where it answers none.
func keyHash(of entry: Entry) -> Int64? { entry.keyHash.map { Int64(bitPattern: $0) } }
