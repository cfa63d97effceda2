// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoreSQLite

/// A ledger that does all that one in a directory does but SQLite and the disk.
///
/// Entries are encoded and chained, and then forgotten; slices are cut as often, and what is made
/// of them on the way into state.db is made here, on the thread that decides. It knows what its
/// working set has in memory and nothing else, so that it is good for as many cards as that holds.
final class DisklessStore: LedgerStore {
  let identity: LedgerIdentity
  @exclusivity(unchecked) private(set) var working: WorkingSet
  private let nothing = MemoryJournal()
  private let chain: HashChain
  private var link: ChainLink
  @exclusivity(unchecked) private var body = ByteWriter(reserving: 1024)
  private let foldThreshold = SQLiteStore.Options().foldThreshold
  private var cards: [(number: CardNumber, account: AccountID)] = []

  var headLink: [UInt8]? { link.bytes }

  init(identity: LedgerIdentity, chain: HashChain) throws(StoreError) {
    self.identity = identity
    self.chain = chain
    link = chain.genesis(over: identity.sealedBytes)
    working = try WorkingSet(source: nothing, at: FoldPoint())
  }

  func begin(writing: Bool) throws(StoreError) { working.keepsReads = !writing }

  func append(_ entry: Entry, person: Person?) throws(StoreError) {
    body.removeAll()
    entry.writeBody(to: &body)
    let key = entry.key?.text ?? ""
    link = body.withBytes { body in
      chain.next(
        after: link, seq: entry.id.sequence, at: entry.at.milliseconds, kind: entry.kind.rawValue,
        account: entry.account?.value ?? 0, key: key.utf8.span.bytes, body: body.bytes)
    }
    try working.apply(entry)
    for case .accountOpened(let opening) in entry.changes {
      if let account = entry.account { cards.append((opening.cardNumber, account)) }
    }
  }

  func end(meanwhile work: () -> Void) throws(StoreError) { work() }

  func abandon() throws(StoreError) { throw .failed("this store takes nothing back") }

  func entries(from first: EntryID, limit: Int) throws(StoreError) -> [Entry] { [] }

  func person(of account: AccountID) throws(StoreError) -> Person? { nil }

  func accounts(
    holding particulars: [Person.Particular: String], after cursor: AccountID?, limit: Int
  ) throws(StoreError) -> [AccountID] { [] }

  func maintain() {
    guard working.unfoldedCount >= foldThreshold else { return }
    fold()
  }

  /// Folds what there is, and makes the aids for lookups that a ledger has when it has been open
  /// for a while.
  func settle() {
    fold()
    var directory = CardDirectory(for: cards.count)
    for card in cards { directory.note(card.account, for: CardDirectory.hash(of: card.number)) }
    working.beginAids()
    working.endAids(LookupAids(keys: KeyFilter(for: cards.count), cards: directory))
  }

  private func fold() {
    guard working.cutSlice() != nil else { return }
    working.confirmSlice()
  }

  func close() throws(StoreError) {}
}
