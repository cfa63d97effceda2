// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
import Store
import Testing

@testable import StoreSQLite

/// What a store does beside serving.
@Suite struct UpkeepTests {
  private let ids: [AccountID]

  init() throws {
    ids = try (1...40).map { try Shop.account(UInt64($0) << 40) }
  }

  private func busy(_ store: SQLiteStore, groups: Int, size: Int = 8) throws {
    if try store.working.account(ids[0]) == nil {
      try Shop(store).group { shop in
        for id in ids { try shop.open(id, card: id.text) }
      }
    }
    for group in 0..<groups {
      try Shop(store).group { shop in
        for index in 0..<size {
          try shop.debit(
            ids[(group * size + index) % ids.count], 1,
            key: "key \(store.working.head.sequence)")
        }
      }
      store.maintain()
    }
  }

  /// With limits that a small trade reaches.
  private func narrowFixture() throws -> Fixture {
    let fixture = try Fixture()
    fixture.options.foldThreshold = 64
    fixture.options.tailLimit = 512
    fixture.options.quietMilliseconds = 1_000_000
    fixture.options.journalLogPages = 40
    fixture.options.stateLogPages = 60
    return fixture
  }

  @Test func `folding keeps up with a busy loop, and the logs stay short`() throws {
    let fixture = try narrowFixture()
    let store = try fixture.open()
    var longest = 0
    for _ in 0..<40 {
      try busy(store, groups: 20)
      longest = max(longest, store.working.unfoldedCount)
    }
    #expect(store.working.head.sequence == 80 + 6400)
    // The limit, and what one group may add before `maintain` is called again.
    #expect(longest <= 512 + 8)
    for (name, pages) in [("journal.db-wal", 40), ("state.db-wal", 60)] {
      let size = try #require(status(of: fixture.directory.file(name))?.size)
      // Twice the limit by rule, and what one slice writes.
      #expect(size < (2 * pages + 200) * 4120, "\(name) has \(size) bytes")
    }
    try store.close()
    #expect(try fixture.open().working.unfoldedCount == 0)
    #expect(fixture.notices.all == [])
  }

  @Test func `folding keeps up while a report reads, and its logs are copied afterwards`() throws {
    let fixture = try narrowFixture()
    let store = try fixture.open()
    try busy(store, groups: 1)
    store.foldAll()
    let names = ["journal", "state"]
    let readers = try names.map { name in
      let reader = try Connection(path: fixture.directory.file(name + ".db"), mode: .readOnly)
      try reader.execute("BEGIN; SELECT count(*) FROM sqlite_schema")
      return reader
    }
    var longest = 0
    for _ in 0..<30 {
      try busy(store, groups: 20)
      longest = max(longest, store.working.unfoldedCount)
    }
    #expect(longest <= 512 + 8)
    for reader in readers { try reader.execute("COMMIT") }
    try busy(store, groups: 100)
    let sizes = try names.map {
      try #require(status(of: fixture.directory.file($0 + ".db-wal"))?.size)
    }
    try busy(store, groups: 600)
    for (name, before) in zip(names, sizes) {
      let size = try #require(status(of: fixture.directory.file(name + ".db-wal"))?.size)
      #expect(size == before, "\(name).db-wal goes on growing: \(before), \(size) bytes")
    }
    try store.close()
    #expect(fixture.notices.all == [])
  }

  @Test func `an idle loop has the rest folded, a busy one waits for enough`() throws {
    let fixture = try Fixture()
    fixture.options.foldThreshold = 1000
    fixture.options.quietMilliseconds = 700
    let store = try fixture.open()
    try busy(store, groups: 3)
    #expect(store.working.unfoldedCount == 80 + 24)
    usleep(800_000)
    store.foldAll()
  }

  @Test func `while another process holds the state's lock, entries wait and nothing is lost`()
    throws
  {
    let fixture = try Fixture()
    let store = try fixture.open()
    let lock = try FileLock(path: fixture.directory.file("fold.lock"))
    try lock.lock()
    try busy(store, groups: 30)
    #expect(store.working.unfoldedCount == 80 + 240)
    lock.unlock()
    usleep(1_100_000)
    store.foldAll()
    let tables = try Tables(of: fixture)
    #expect(tables.head == store.working.head)
    #expect(tables.keys.count == 240)
  }

  @Test func `a loop that is far ahead waits for the slice being written`() throws {
    let fixture = try Fixture()
    fixture.options.tailLimit = 100
    let store = try fixture.open()
    try busy(store, groups: 1)
    store.foldAll()
    // Somebody outside of the locks keeps the folder from writing for a while.
    let stranger = Stranger(
      try Connection(
        path: fixture.directory.file("state.db"), mode: .readWrite))
    try stranger.connection.execute("BEGIN IMMEDIATE")
    try Shop(store).group { shop in
      for amount in 1...120 { try shop.debit(ids[amount % 40], 1) }
    }
    store.maintain()
    let worker = try Worker {
      usleep(1_000_000)
      try? stranger.connection.execute("ROLLBACK")
    }
    defer { worker.join() }
    var (before, after) = (timespec(), timespec())
    clock_gettime(CLOCK_MONOTONIC, &before)
    store.maintain()
    clock_gettime(CLOCK_MONOTONIC, &after)
    let waited =
      (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1_000_000
    #expect(waited >= 300)
    #expect(store.working.unfoldedCount == 0)
  }

  /// `@unchecked Sendable`: one thread uses it after the other.
  private final class Stranger: @unchecked Sendable {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }
  }

  @Test func `what a gauge tells follows what checkpoints have found`() {
    var gauge = LogGauge(fileSize: 100 * 4120, pageSize: 4096)
    #expect(gauge.pages == 100)
    gauge.wrote(50)
    #expect(gauge.pages == 150)
    gauge.note(Folder.Checkpoint(logFrames: 200, copied: 200))
    #expect(gauge.pages == 0)
    gauge.wrote(50)
    #expect(gauge.pages == 100)
    gauge.note(Folder.Checkpoint(logFrames: 300, copied: 120))
    // Somebody reads what is not copied: asking again at once would find him there again.
    #expect(gauge.pages == 0)
    gauge.wrote(50)
    let expected = gauge.pages
    gauge.note(Folder.Checkpoint(logFrames: 300 + expected, copied: 120))
    gauge.wrote(50)
    #expect(gauge.pages == expected)
    gauge.note(Folder.Checkpoint(problem: "busy"))
    #expect(gauge.pages == 0)
  }

  @Test func `a checksum tells a changed record, a moved one and one cut short`() {
    let record = [UInt8](0..<100)
    let sealed = Checksum.seal(record, seed: 7)
    #expect(Checksum.open(sealed, seed: 7).map(Array.init) == record)
    #expect(Checksum.open(sealed, seed: 8) == nil)
    for index in sealed.indices {
      for bit in 0..<8 {
        var changed = sealed
        changed[index] ^= 1 << bit
        #expect(Checksum.open(changed, seed: 7) == nil)
      }
      #expect(Checksum.open(Array(sealed[..<index]), seed: 7) == nil)
    }
  }

  @Test func `whether others have written is known after a commit, and by nothing else`() throws {
    let fixture = try Fixture()
    let (own, other) = (try fixture.open(), try fixture.open())
    func isKnownToBeAlone() throws -> Bool {
      try own.begin(writing: true)
      defer { try? own.end() }
      return own.newestVersion == own.journal.connection.dataVersion
    }
    #expect(try !isKnownToBeAlone())
    try busy(own, groups: 2)
    #expect(try isKnownToBeAlone())

    try Shop(other).group { try $0.debit(ids[0], 1, key: "another's") }
    #expect(try !isKnownToBeAlone())
    #expect(own.working.head == other.working.head)

    try busy(own, groups: 1)
    #expect(try isKnownToBeAlone())
    try own.begin(writing: true)
    try Shop(own).debit(ids[0], 1, key: "dropped")
    try own.abandon()
    #expect(try !isKnownToBeAlone())
    #expect(own.working.head == EntryID(other.working.head.sequence + 8))
    try own.close()
    try other.close()
  }
}
