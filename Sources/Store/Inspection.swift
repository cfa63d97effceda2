// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
package import Coupons
package import LedgerCore
package import StoredValue

/// A row of the journal as it is stored, before anything is believed of it.
package struct JournalRow: Sendable {
  package let sequence: Int64
  package let at: Int64
  package let kind: Int64
  package let account: Int64?
  package let key: String?
  package let body: [UInt8]
  package let link: [UInt8]

  package init(
    sequence: Int64, at: Int64, kind: Int64, account: Int64?, key: String?, body: [UInt8],
    link: [UInt8]
  ) {
    self.sequence = sequence
    self.at = at
    self.kind = kind
    self.account = account
    self.key = key
    self.body = body
    self.link = link
  }

  /// The entry the row holds.
  package func entry() throws(MalformedRecord) -> Entry {
    guard let kind = UInt8(exactly: kind) else { throw MalformedRecord("unknown kind") }
    return try Entry(
      id: EntryID(sequence), at: Instant(milliseconds: at), kind: kind, account: account, key: key,
      body: body[...])
  }
}

/// A folded coupon, and what stands beside its record to find it by.
package struct CouponRow: Sendable {
  package let coupon: Coupon
  package let campaign: Int64
  package let owner: Int64?
  package let isOpen: Bool

  package init(coupon: Coupon, campaign: Int64, owner: Int64?, isOpen: Bool) {
    self.coupon = coupon
    self.campaign = campaign
    self.owner = owner
    self.isOpen = isOpen
  }
}

/// A standing view of a ledger for those who check it: nothing that happens meanwhile shows.
///
/// Has its own connections; one thread at a time.
package protocol LedgerInspection: AnyObject {
  var identity: LedgerIdentity { get }

  /// The link before the first entry, as stored.
  var genesisLink: [UInt8] { get }

  /// The newest entry of this view.
  var head: EntryID { get }

  /// Rows after `sequence` in ascending order, at most `limit`; empty at the end.
  func rows(after sequence: Int64, limit: Int) throws(StoreError) -> [JournalRow]

  /// Where the stored fold stands, with the chain's link there; nil when there is none yet.
  func foldPoint() throws(StoreError) -> (point: FoldPoint, link: [UInt8])?

  /// Folded accounts in order of id after `cursor`, with the due instant stored beside each.
  func accounts(
    after cursor: AccountID?, limit: Int
  ) throws(StoreError) -> [(account: Account, due: Instant?)]

  /// Every folded card number, in no order.
  func cards() throws(StoreError) -> [CardNumber: CardStanding]

  /// Every folded key, as its hash and entry.
  func keys() throws(StoreError) -> [(hash: Int64, entry: EntryID)]

  /// The folded marks, by entry.
  func marks() throws(StoreError) -> [EntryID: EntryMarks]

  /// Every folded campaign, in no order.
  func campaigns() throws(StoreError) -> [CampaignNumber: Campaign]

  /// Folded coupons in order of serial after `cursor`, with the owner and whether it is open as
  /// the index has them.
  func coupons(
    after cursor: CouponSerial?, limit: Int
  ) throws(StoreError) -> [CouponRow]

  /// Every folded count of an account in a campaign, in no order.
  func shares() throws(StoreError) -> [CampaignShare.Key: CampaignShare]

  func person(of account: AccountID) throws(StoreError) -> Person?

  /// The numbers of the accounts whose holders are kept, as stored, in order.
  func peopleAccounts() throws(StoreError) -> [Int64]

  /// What is remembered of each subject for the rules; nil where no fold is kept.
  func subjects() throws(StoreError) -> [WatchedSubject: SubjectRecord]?

  /// The stretches of long windows that stand by themselves; nil where no fold is kept.
  func chunks() throws(StoreError) -> [ChunkKey: [EventLog.Item]]?

  /// The folded outbox by number; nil where no fold is kept.
  func alerts() throws(StoreError) -> [Int64: AlertRow]?

  /// Problems the database itself reports of its files (integrity check); empty when sound.
  func integrityProblems() throws(StoreError) -> [String]
}

extension LedgerInspection {
  package func subjects() throws(StoreError) -> [WatchedSubject: SubjectRecord]? { nil }

  package func chunks() throws(StoreError) -> [ChunkKey: [EventLog.Item]]? { nil }

  package func alerts() throws(StoreError) -> [Int64: AlertRow]? { nil }
}
