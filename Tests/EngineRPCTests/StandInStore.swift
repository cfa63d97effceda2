// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store

/// A store in front of one in memory, to be overridden where it is to behave otherwise.
class StandInStore: LedgerStore {
  private let inner: MemoryStore

  init(_ inner: MemoryStore) { self.inner = inner }

  var identity: LedgerIdentity { inner.identity }
  var working: WorkingSet { inner.working }
  var headLink: [UInt8]? { inner.headLink }

  func begin(writing: Bool) throws(StoreError) { try inner.begin(writing: writing) }

  func append(_ entry: Entry, person: Person?) throws(StoreError) {
    try inner.append(entry, person: person)
  }

  func end(meanwhile work: () -> Void) throws(StoreError) { try inner.end(meanwhile: work) }

  func abandon() throws(StoreError) { try inner.abandon() }

  func entries(from first: EntryID, limit: Int) throws(StoreError) -> [Entry] {
    try inner.entries(from: first, limit: limit)
  }

  func person(of account: AccountID) throws(StoreError) -> Person? {
    try inner.person(of: account)
  }

  func accounts(
    holding particulars: [Person.Particular: String], after cursor: AccountID?, limit: Int
  ) throws(StoreError) -> [AccountID] {
    try inner.accounts(holding: particulars, after: cursor, limit: limit)
  }

  func maintain() {}
  func close() throws(StoreError) {}
}
