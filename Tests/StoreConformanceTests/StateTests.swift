// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Secrets
import Store
import StoredValue
import Testing

@testable import StoreSQLite

/// The folded tables by themselves.
@Suite struct StateTests {
  private let fixture: Fixture
  private let id: AccountID

  init() throws {
    fixture = try Fixture()
    id = try Shop.account(1)
  }

  private func connect() throws -> Connection {
    let connection = try Connection(path: fixture.directory.file("state.db"), mode: .readWrite)
    connection.busyTimeout(milliseconds: 1000)
    return connection
  }

  /// Slices of one ledger that follow each other, as a working set would hand them over.
  private func slices() throws -> [Slice] {
    let store = try fixture.open()
    let memory = try MemoryStore(identity: fixture.house.identity)
    try Shop(store).group { shop in
      try shop.open(id, card: "a")
      for amount in 1...6 { try shop.debit(id, Int64(amount), key: "k\(amount)") }
    }
    let entries = try store.entries(from: EntryID(1), limit: 99)
    var slices: [Slice] = []
    var base = EntryID.none
    for range in [0..<3, 3..<5, 5..<8] {
      for entry in entries[range] { try memory.append(entry, person: nil) }
      let cut = try #require(memory.working.cutSlice())
      memory.working.confirmSlice()
      let link = fixture.house.chain.genesis(over: [])
      slices.append(
        Slice(
          records: cut.records, base: base,
          meta: StateMeta(ledger: fixture.house.identity.id, point: cut.point, link: link)))
      base = cut.point.head
    }
    return slices
  }

  /// Whether the state takes the slice; false where it lacks what that stands on, nil where it is
  /// past it.
  private func isWritten(_ slice: Slice, _ writer: StateWriter) throws -> Bool? {
    switch try writer.write(slice) {
    case .written(let folded):
      #expect(folded.places.map(\.id) == slice.records.accounts.ids)
      #expect(Set(folded.keyHashes) == Set(slice.records.keys.items.map(\.hash)))
      return true
    case .superseded: return nil
    case .gap: return false
    }
  }

  @Test func `a slice is written over its base, and over nothing less`() throws {
    let slices = try slices()
    let writer = try StateWriter(try connect())
    let reader = try StateReader(try connect())
    #expect(try isWritten(slices[1], writer) == false)
    #expect(try reader.account(id) == nil)
    #expect(try isWritten(slices[0], writer) == true)
    #expect(try isWritten(slices[2], writer) == false)
    #expect(try reader.meta()?.point.head == EntryID(3))
    #expect(try isWritten(slices[1], writer) == true)
    #expect(try reader.meta()?.point.head == EntryID(5))
    #expect(try reader.account(id)?.lastEntry == EntryID(5))
  }

  @Test func `a slice that another process has passed changes nothing`() throws {
    let slices = try slices()
    let writer = try StateWriter(try connect())
    let reader = try StateReader(try connect())
    for slice in slices { #expect(try isWritten(slice, writer) == true) }
    let account = try reader.account(id)
    #expect(account?.lastEntry == EntryID(8))
    for slice in slices {
      #expect(try isWritten(slice, writer) == nil)
      #expect(try reader.account(id) == account)
      #expect(try reader.meta()?.point.head == EntryID(8))
    }
  }

  @Test func `a group of reads sees one moment, and the next group the newest`() throws {
    let slices = try slices()
    let writer = try StateWriter(try connect())
    let reader = try StateReader(try connect())
    for slice in slices {
      let before = try reader.meta()?.point.head
      reader.beginGroup()
      #expect(try reader.meta()?.point.head == before)
      #expect(try isWritten(slice, writer) == true)
      #expect(try reader.meta()?.point.head == before)
      #expect(try reader.account(id)?.lastEntry == (before == EntryID.none ? nil : before))
      reader.endGroup()
      #expect(try reader.meta()?.point.head == slice.meta.point.head)
    }
  }

  @Test func `any byte changed in a record is noticed when the record is read`() throws {
    let slices = try slices()
    let connection = try connect()
    let writer = try StateWriter(connection)
    for slice in slices { #expect(try isWritten(slice, writer) == true) }
    let select = try connection.prepare("SELECT record FROM accounts")
    #expect(try select.step())
    let record = select.blob(0)
    select.reset()
    let update = try connection.prepare("UPDATE accounts SET record = ?")
    for index in record.indices {
      var changed = record
      changed[index] ^= 1 << UInt8(index % 8)
      update.bind(1, blob: changed)
      try update.run()
      let reader = try StateReader(connection)
      #expect(throws: StoreError.self, "byte \(index)") { try reader.account(id) }
    }
    update.bind(1, blob: record)
    try update.run()
    #expect(try StateReader(connection).account(id)?.lastEntry == EntryID(8))
  }

  @Test(arguments: [
    "head = head + 1", "head_time = 0", "link = x''", "totals = x'00'", "program_version = 7",
    "program_document = x'7b7d20'", "checksum = 0",
  ])
  func `a head changed in any column is not believed`(change: String) throws {
    do {
      let store = try fixture.open()
      try Shop(store).group { shop in try shop.open(id, card: "a") }
      try store.close()
    }
    do {
      let connection = try connect()
      try connection.execute("UPDATE meta SET \(change)")
    }
    let store = try fixture.open()
    #expect(store.working.head == EntryID(2))
    #expect(store.working.point.programVersion == 0)
    #expect(fixture.notices.all.count == 1)
  }

  @Test func `a record found garbled while the tail is replayed is made anew on the spot`() throws {
    let store = try fixture.open()
    try Shop(store).group { shop in try shop.open(id, card: "a") }
    store.foldAll()
    try Shop(store).group { shop in try shop.debit(id, 100) }
    let killed = try Fixture(copying: fixture)
    do {
      let connection = try Connection(
        path: killed.directory.file("state.db"), mode: .readWrite)
      try connection.execute("UPDATE accounts SET record = x'00'")
    }
    let again = try killed.open()
    #expect(try again.working.account(id) == store.working.account(id))
    #expect(killed.notices.all.count == 2)
  }

  @Test func `a key that names an entry beyond the journal is damage of the state`() throws {
    let store = try fixture.open()
    try Shop(store).group { shop in try shop.open(id, card: "a", key: "k") }
    store.foldAll()
    do {
      let connection = try connect()
      let hash = UInt64(bitPattern: keyHash(try Shop.key("ghost")))
      var items: [UInt8] = []
      KeyRun.append(KeyRun.Item(hash: hash, entry: 500), to: &items)
      let blob = items.map { String(Int($0) + 0x100, radix: 16).dropFirst() }.joined()
      try connection.execute(
        "INSERT INTO key_runs VALUES (9, 0, 1); INSERT INTO key_pages VALUES (9 << 24, x'\(blob)')")
    }
    #expect(throws: StoreError.self) { try Content.standing(store.working, "ghost") }
    try store.begin(writing: false)
    try store.end()
    #expect(try Content.standing(store.working, "ghost") == "unused")
    #expect(try Content.standing(store.working, "k") == "used by 2")
  }

  @Test func `who finds an old state damaged leaves a new one alone`() throws {
    let store = try fixture.open()
    try Shop(store).group { shop in try shop.open(id, card: "a") }
    _ = try SQLiteStore.rebuild(directory: fixture.directory.path, chain: fixture.house.chain)
    let file = LedgerDirectory.identity(of: fixture.directory.file("state.db"))
    store.discardState("for a test")
    #expect(LedgerDirectory.identity(of: fixture.directory.file("state.db")) == file)
    try Shop(store).group { shop in try shop.debit(id, 1) }
    store.foldAll()
    #expect(LedgerDirectory.identity(of: fixture.directory.file("state.db")) == file)
  }
}
