// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Secrets
import Store
import StoreSQLite
import Testing

/// A journal changed by hand is not believed, and the entry is named.
@Suite struct DamageTests {
  /// A ledger of ten entries, the first five of them folded.
  private func ledger() throws -> Fixture {
    let fixture = try Fixture()
    let store = try fixture.open()
    let id = try Shop.account(1)
    try Shop(store).group { shop in
      try shop.open(id, card: "a", key: "open")
      for amount in 1...3 { try shop.debit(id, Int64(amount), key: "k\(amount)") }
    }
    store.foldAll()
    try Shop(store).group { shop in
      for amount in 4...8 { try shop.debit(id, Int64(amount), key: "k\(amount)") }
    }
    return fixture
  }

  /// Changes the journal as somebody could who has a copy of sqlite3 and time.
  private func tamper(_ fixture: Fixture, _ sql: String) throws {
    let connection = try Connection(path: fixture.directory.file("journal.db"), mode: .readWrite)
    try connection.execute(
      """
      DROP TRIGGER journal_is_never_updated;
      DROP TRIGGER journal_is_never_deleted;
      \(sql)
      """)
  }

  private func damaged(_ body: () throws -> Void) -> Int64? {
    do {
      try body()
      return nil
    } catch StoreError.damaged(let entry, _) {
      return entry?.sequence
    } catch {
      Issue.record("another error: \(error)")
      return nil
    }
  }

  /// What can be done to entry `#`.
  static let edits: [String] = [
    "UPDATE journal SET at = at + 1 WHERE seq = #",
    "UPDATE journal SET kind = 2 WHERE seq = #",
    "UPDATE journal SET kind = 1000 WHERE seq = #",
    "UPDATE journal SET kind = -1 WHERE seq = #",
    "UPDATE journal SET account = 2 WHERE seq = #",
    "UPDATE journal SET account = NULL WHERE seq = #",
    "UPDATE journal SET account = -5 WHERE seq = #",
    "UPDATE journal SET key = 'k9' WHERE seq = #",
    "UPDATE journal SET key = NULL WHERE seq = #",
    "UPDATE journal SET key = '' WHERE seq = #",
    "UPDATE journal SET key = CAST(x'ff00' AS TEXT) WHERE seq = #",
    "UPDATE journal SET body = CAST(substr(body, 1, 20) || x'fe' || substr(body, 22) AS BLOB) "
      + "WHERE seq = #",
    "UPDATE journal SET body = substr(body, 1, length(body) - 1) WHERE seq = #",
    "UPDATE journal SET body = x'' WHERE seq = #",
    "UPDATE journal SET link = x'' WHERE seq = #",
    "UPDATE journal SET link = zeroblob(17) WHERE seq = #",
    "UPDATE journal SET link = CAST(x'07' || substr(link, 2) AS BLOB) WHERE seq = #",
    "UPDATE journal SET link = CAST(x'01' || randomblob(16) AS BLOB) WHERE seq = #",
    "UPDATE journal SET link = (SELECT link FROM journal WHERE seq = 2) WHERE seq = #",
    "UPDATE journal SET (body, key, link) = "
      + "(SELECT body, key, link FROM journal WHERE seq = # + 1) WHERE seq = #",
  ]

  @Test(arguments: edits.indices)
  func `an entry of the tail changed in any column is named when the ledger is opened`(
    edit: Int
  ) throws {
    let fixture = try ledger()
    try tamper(fixture, Self.edits[edit].replacing("#", with: "8"))
    let entry = damaged { _ = try fixture.open() }
    #expect(entry == 8)
  }

  @Test(arguments: edits.indices)
  func `a folded entry changed in any column is named when it is read, and by a rebuild`(
    edit: Int
  ) throws {
    let fixture = try ledger()
    try tamper(fixture, Self.edits[edit].replacing("#", with: "3"))
    let store = try fixture.open()
    #expect(damaged { _ = try store.working.entry(EntryID(3)) } == 3)
    #expect(damaged { _ = try store.entries(from: EntryID(1), limit: 9) } == 3)
    #expect(
      damaged {
        _ = try SQLiteStore.rebuild(
          directory: fixture.directory.path, chain: fixture.house.chain)
      } == 3)
    // The others can be read, and the ledger serves.
    #expect(try store.working.entry(EntryID(2)) != nil)
    try Shop(store).group { shop in try shop.debit(try Shop.account(1), 1) }
  }

  @Test(arguments: [
    "DELETE FROM journal WHERE seq = #", "UPDATE journal SET seq = -# WHERE seq = #",
  ])
  func `an entry taken away is named as missing`(edit: String) throws {
    let tail = try ledger()
    try tamper(tail, edit.replacing("#", with: "8"))
    #expect(damaged { _ = try tail.open() } == 8)

    let folded = try ledger()
    try tamper(folded, edit.replacing("#", with: "3"))
    let store = try folded.open()
    #expect(try store.working.entry(EntryID(3)) == nil)
    #expect(damaged { _ = try store.working.entry(EntryID(4)) } == 3)
    #expect(damaged { _ = try store.entries(from: EntryID(1), limit: 9) } == 3)
  }

  @Test func `entries cut off the end of the journal and the state with them go unnoticed`() throws
  {
    // What no chain can tell: spec/threat-model.md, A writer of the files.
    let fixture = try ledger()
    try tamper(fixture, "DELETE FROM journal WHERE seq > 7")
    #expect(try fixture.open().working.head == EntryID(7))
  }

  @Test func `an entry put between two groups is named by a store that was open`() throws {
    let fixture = try ledger()
    let store = try fixture.open()
    try tamper(
      fixture,
      """
      INSERT INTO journal SELECT 11, at, kind, account, 'forged', body, link
      FROM journal WHERE seq = 10
      """)
    #expect(damaged { try store.begin(writing: true) } == 11)
    #expect(damaged { try store.begin(writing: false) } == 11)
    store.maintain()
    try store.close()
  }

  @Test func `the journal refuses to be updated or deleted from by accident`() throws {
    let fixture = try ledger()
    let connection = try Connection(path: fixture.directory.file("journal.db"), mode: .readWrite)
    for sql in ["UPDATE journal SET at = 0", "DELETE FROM journal WHERE seq = 9"] {
      #expect(throws: SQLiteError.self) { try connection.execute(sql) }
    }
  }

  @Test func `an identity changed by hand, or other keys, are noticed at once`() throws {
    let fixture = try ledger()
    let other = KeyRing.fresh(at: 0)
    #expect(throws: StoreError.self) {
      try SQLiteStore(directory: fixture.directory.path, chain: HashChain(other))
    }
    for (name, value) in [("is_test", "0"), ("currency", "'USD'"), ("genesis", "x'00'")] {
      let copy = try Fixture(copying: fixture)
      try tamper(copy, "UPDATE meta SET value = \(value) WHERE name = '\(name)'")
      #expect(throws: StoreError.self) { try copy.open() }
    }
  }

  @Test func `a journal that goes on under a new key is read under both`() throws {
    let fixture = try ledger()
    var ring = fixture.house.ring
    try ring.rotate(.journal, at: 1)
    let id = try Shop.account(1)
    do {
      let store = try SQLiteStore(
        directory: fixture.directory.path, chain: HashChain(ring), options: fixture.options)
      try Shop(store).group { shop in try shop.debit(id, 9) }
    }
    let again = try SQLiteStore(directory: fixture.directory.path, chain: HashChain(ring))
    #expect(try again.entries(from: EntryID(1), limit: 99).count == 11)
    // Under the old ring the new link's key is unknown, and that is said.
    #expect(damaged { _ = try fixture.open() } == 11)
  }
}
