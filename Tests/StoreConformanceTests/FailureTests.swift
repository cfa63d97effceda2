// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
import Store
import StoredValue
import Testing

@testable import StoreSQLite

/// What a store does once the database has failed it.
@Suite struct FailureTests {
  private let fixture: Fixture
  private let store: SQLiteStore
  private let id: AccountID

  init() throws {
    fixture = try Fixture()
    store = try fixture.open()
    id = try Shop.account(1)
    try Shop(store).group { shop in try shop.open(id, card: "a") }
  }

  @Test func `after a commit of unknown outcome nothing more is served or folded`() throws {
    try store.begin(writing: true)
    try Shop(store).debit(id, 100)
    // The transaction is gone behind the store's back, so that its commit fails.
    store.journal.rollback()
    #expect(throws: StoreError.self) { try store.end() }
    for writing in [true, false] {
      do {
        try store.begin(writing: writing)
        Issue.record("a group began")
      } catch StoreError.failed {}
    }
    store.maintain()
    try store.close()
    let again = try fixture.open()
    #expect(again.working.head == EntryID(2))
    #expect(try again.working.account(id)?.lastEntry == EntryID(2))
    // Others are not kept out by it.
    try Shop(again).group { shop in try shop.debit(id, 5) }
  }

  @Test func `an entry that the journal refuses is damage, and the group can be abandoned`() throws
  {
    let stranger = try Connection(path: fixture.directory.file("journal.db"), mode: .readWrite)
    try stranger.execute(
      """
      CREATE TRIGGER no_more BEFORE INSERT ON journal
      BEGIN SELECT raise(ABORT, 'no'); END
      """)
    try store.begin(writing: true)
    do {
      try Shop(store).debit(id, 100)
      Issue.record("it was appended")
    } catch StoreError.damaged(let entry, _) {
      #expect(entry == EntryID(3))
    }
    try store.abandon()
    try stranger.execute("DROP TRIGGER no_more")
    try Shop(store).group { shop in try shop.debit(id, 100) }
    #expect(store.working.head == EntryID(3))
  }

  @Test func `a working set that is not as of the journal is built anew before it is used`() throws
  {
    try store.begin(writing: true)
    try Shop(store).debit(id, 100)
    store.isStale = true
    store.journal.rollback()
    try? store.end()
    store.failure = nil
    store.maintain()
    usleep(100_000)
    #expect(store.working.head == EntryID(3))
    #expect(try Tables(of: fixture).head == EntryID.none, "what is not in the journal was folded")
    try store.begin(writing: true)
    #expect(store.working.head == EntryID(2))
    try Shop(store).debit(id, 7)
    try store.end()
    store.foldAll()
    #expect(try store.working.account(id)?.lots[0].remaining == Amount(49_993))
  }
}
