// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Secrets
import Store
import StoredValue
import Testing

@testable import Engine

/// A ledger as an auditor finds it, every part of which can be tampered with.
struct AuditedLedger {
  let keys: KeyRing
  var identity: LedgerIdentity
  var genesis: [UInt8]
  var rows: [JournalRow] = []
  /// Where the newest entry is said to be; nil for where it is.
  var head: Int64?
  var fold: (point: FoldPoint, link: [UInt8])?
  var accounts: [(account: Account, due: Instant?)] = []
  var cards: [CardNumber: CardStanding] = [:]
  var foldedKeys: [(hash: Int64, entry: EntryID)] = []
  var marks: [EntryID: EntryMarks] = [:]
  var campaigns: [CampaignNumber: Campaign] = [:]
  var coupons: [CouponRow] = []
  var shares: [CampaignShare.Key: CampaignShare] = [:]
  var people: [AccountID: Person] = [:]
  var integrity: [String] = []
  /// The sequence number behind which the journal cannot be read, and whether the device failed.
  var tear: (after: Int64, isFailure: Bool)?

  /// The ledger of these entries, folded up to entry `folded`; -1 stands for no fold at all.
  init(_ entries: [Entry], keys: KeyRing, identity: LedgerIdentity, foldedTo folded: Int) throws {
    self.keys = keys
    self.identity = identity
    genesis = HashChain(keys).genesis(over: identity.sealedBytes).bytes
    rows = entries.map { JournalRow($0, link: genesis) }
    relink(from: 0)
    guard folded >= 0 else { return }
    let store = try MemoryStore(identity: identity)
    for entry in entries.prefix(folded) { try store.append(entry, person: nil) }
    let link = folded == 0 ? genesis : rows[folded - 1].link
    guard let slice = store.working.cutSlice() else {
      fold = (FoldPoint(), link)
      return
    }
    fold = (slice.point, link)
    let changed = slice.records.accounts
    accounts = changed.ids.compactMap { changed.account($0) }.map { ($0, $0.nextDue) }
    cards = slice.records.cards
    foldedKeys = slice.records.keys.items.map { ($0.hash, $0.entry) }
    marks = slice.records.marks
    campaigns = slice.records.campaigns
    shares = slice.records.shares
    coupons = slice.records.coupons.values.sorted { $0.serial < $1.serial }.map { coupon in
      CouponRow(
        coupon: coupon, campaign: coupon.campaign.createdBy.sequence, owner: coupon.owner?.value,
        isOpen: coupon.isOpen)
    }
  }

  var newest: Int64 { head ?? rows.last?.sequence ?? 0 }

  /// Makes the links anew, as who has the key can.
  mutating func relink(from first: Int) {
    let chain = HashChain(keys)
    for index in rows.indices.dropFirst(first) {
      let row = rows[index]
      guard let previous = ChainLink(bytes: index == 0 ? genesis : rows[index - 1].link) else {
        return
      }
      let key = row.key ?? ""
      let link = chain.next(
        after: previous, seq: row.sequence, at: row.at, kind: UInt8(truncatingIfNeeded: row.kind),
        account: row.account ?? 0, key: key.utf8.span.bytes, body: row.body.span.bytes)
      rows[index] = row.with(link: link.bytes)
    }
  }

  /// Puts another entry in the place of one, without touching any link.
  mutating func replace(_ index: Int, by entry: Entry) {
    rows[index] = JournalRow(entry, link: rows[index].link)
  }

  mutating func dropFold() {
    fold = nil
    (accounts, cards, foldedKeys, marks) = ([], [:], [], [:])
    (campaigns, coupons, shares) = ([:], [], [:])
  }

  func entry(_ index: Int) throws -> Entry { try rows[index].entry() }

  /// The index of the n-th entry of a kind.
  func index(of kind: EntryKind, _ n: Int = 0) throws -> Int {
    let found = rows.indices.filter { rows[$0].kind == Int64(kind.rawValue) }
    return try #require(found.dropFirst(n).first, "there are \(found.count) of \(kind)")
  }

  func audit() throws -> [Audit.Problem] { try report().problems }

  func report() throws -> Audit.Report {
    try Audit(
      FakeInspection(self), chain: HashChain(keys), digester: RequestDigester(keys)
    ).run()
  }
}

/// Shows a ledger of the tests to the audit.
final class FakeInspection: LedgerInspection {
  private let ledger: AuditedLedger

  init(_ ledger: AuditedLedger) { self.ledger = ledger }

  var identity: LedgerIdentity { ledger.identity }
  var genesisLink: [UInt8] { ledger.genesis }
  var head: EntryID { EntryID(ledger.newest) }

  func rows(after sequence: Int64, limit: Int) throws(StoreError) -> [JournalRow] {
    // Rows lie in order in all tests but those of an order that is none.
    var low = 0
    var high = ledger.rows.count
    while low < high {
      let middle = (low + high) / 2
      if ledger.rows[middle].sequence > sequence { high = middle } else { low = middle + 1 }
    }
    let rows = Array(ledger.rows[low...].prefix(limit))
    if let tear = ledger.tear, rows.contains(where: { $0.sequence > tear.after }) {
      throw tear.isFailure ? .failed("no such device") : .damaged(entry: nil, reason: "a torn page")
    }
    return rows
  }

  func foldPoint() throws(StoreError) -> (point: FoldPoint, link: [UInt8])? { ledger.fold }

  func accounts(
    after cursor: AccountID?, limit: Int
  ) throws(StoreError) -> [(account: Account, due: Instant?)] {
    // Pages of two, so that there are several.
    let later = ledger.accounts.filter { record in cursor.map { $0 < record.account.id } ?? true }
    return Array(later.prefix(2))
  }

  func cards() throws(StoreError) -> [CardNumber: CardStanding] { ledger.cards }
  func keys() throws(StoreError) -> [(hash: Int64, entry: EntryID)] { ledger.foldedKeys }
  func marks() throws(StoreError) -> [EntryID: EntryMarks] { ledger.marks }
  func campaigns() throws(StoreError) -> [CampaignNumber: Campaign] { ledger.campaigns }

  func coupons(
    after cursor: CouponSerial?, limit: Int
  ) throws(StoreError) -> [CouponRow] {
    Array(ledger.coupons.filter { row in cursor.map { $0 < row.coupon.serial } ?? true }.prefix(2))
  }

  func shares() throws(StoreError) -> [CampaignShare.Key: CampaignShare] { ledger.shares }
  func person(of account: AccountID) throws(StoreError) -> Person? { ledger.people[account] }
  func peopleAccounts() throws(StoreError) -> [Int64] { ledger.people.keys.map(\.value).sorted() }
  func integrityProblems() throws(StoreError) -> [String] { ledger.integrity }
}

extension JournalRow {
  /// The row of an entry as the engine writes it.
  init(_ entry: Entry, link: [UInt8]) {
    self.init(
      sequence: entry.id.sequence, at: entry.at.milliseconds, kind: Int64(entry.kind.rawValue),
      account: entry.account?.value, key: entry.request?.key.text, body: entry.encodedBody(),
      link: link)
  }

  func with(
    sequence: Int64? = nil, at: Int64? = nil, kind: Int64? = nil, account: Int64?? = nil,
    key: String?? = nil, body: [UInt8]? = nil, link: [UInt8]? = nil
  ) -> JournalRow {
    JournalRow(
      sequence: sequence ?? self.sequence, at: at ?? self.at, kind: kind ?? self.kind,
      account: account ?? self.account, key: key ?? self.key, body: body ?? self.body,
      link: link ?? self.link)
  }
}

/// An entry whose every member can be changed.
struct ForgedEntry {
  var id: EntryID
  var at: Instant
  var date: BusinessDate
  var kind: EntryKind
  var account: AccountID?
  var previous: EntryID
  var programVersion: Int64
  var origin: Origin
  var reason: String?
  var tender: String?
  var amount: Int64
  var principal: Int64
  var bonus: Int64
  var links: [Entry.Link]
  var hold: HoldID?
  var changes: [Change]
  var postings: [Posting]
  var after: AccountSnapshot?
  var request: RequestRecord?

  init(_ entry: Entry) {
    id = entry.id
    at = entry.at
    date = entry.date
    kind = entry.kind
    account = entry.account
    previous = entry.previous
    programVersion = entry.programVersion
    origin = entry.origin
    reason = entry.reason
    tender = entry.tender
    amount = entry.amount.minorUnits
    principal = entry.principal.minorUnits
    bonus = entry.bonus.minorUnits
    links = entry.links
    hold = entry.hold
    changes = entry.changes
    postings = entry.postings
    after = entry.after
    request = entry.request
  }

  var entry: Entry {
    Entry(
      id: id, at: at, date: date, kind: kind, account: account, previous: previous,
      programVersion: programVersion, origin: origin, reason: reason, tender: tender,
      amount: Amount(amount), principal: Amount(principal), bonus: Amount(bonus), links: links,
      hold: hold, changes: changes, postings: postings, after: after, request: request)
  }
}
