// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
import Secrets
import Seeds
import Store
import Testing

@testable import StoreSQLite

/// What a ledger on disk is after its process has ended, in whatever way.
@Suite struct RecoveryTests {
  /// A ledger in which much has happened, some of it folded, and what it says.
  private func ledger(
    seed: UInt64, folding: Bool = true
  ) throws -> (fixture: Fixture, store: SQLiteStore, town: Town, content: Content) {
    let fixture = try Fixture()
    let store = try fixture.open()
    var town = Town(seed: seed)
    for round in 0..<15 {
      try Shop(store).group { shop in
        for _ in 0..<16 { try town.happen(in: shop) }
      }
      if folding, round == 9 { store.foldAll() }
    }
    return (fixture, store, town, try Content(of: store, town.names))
  }

  @Test func `a closed ledger opens with nothing left to replay, and as it was`() throws {
    let (fixture, store, town, content) = try ledger(seed: 11)
    try store.close()
    let again = try fixture.open()
    #expect(again.working.unfoldedCount == 0)
    #expect(try Content(of: again, town.names) == content)
    #expect(fixture.notices.all == [])
  }

  @Test func `a killed process's ledger opens with its tail replayed, and as it was`() throws {
    let (fixture, store, town, content) = try ledger(seed: 12)
    let unfolded = store.working.unfoldedCount
    #expect(unfolded > 20)
    let killed = try Fixture(copying: fixture)
    killed.options.rebuildSlice = 1000
    let again = try killed.open()
    #expect(again.working.unfoldedCount == unfolded)
    #expect(try Content(of: again, town.names) == content)
    #expect(killed.notices.all == [])
    withExtendedLifetime(store) {}
  }

  @Test func `a state far behind its journal is brought up in slices`() throws {
    let (fixture, store, town, content) = try ledger(seed: 22, folding: false)
    let killed = try Fixture(copying: fixture)
    let again = try killed.open()
    #expect(again.working.unfoldedCount == 0)
    #expect(try Content(of: again, town.names) == content)
    #expect(killed.notices.all == [])
    withExtendedLifetime(store) {}
  }

  @Test func `a group under way when the process was killed has not been`() throws {
    let (fixture, store, town, content) = try ledger(seed: 13)
    try store.begin(writing: true)
    var more = town
    for _ in 0..<20 { try more.happen(in: Shop(store)) }
    let killed = try Fixture(copying: fixture)
    #expect(try Content(of: try killed.open(), town.names) == content)
    try store.abandon()
  }

  @Test func `a store let go of without closing loses nothing`() throws {
    let (fixture, first, town, content) = try ledger(seed: 14, folding: false)
    var store = first
    for _ in 0..<5 {
      store.maintain()
      store = try fixture.open()
    }
    #expect(try Content(of: store, town.names) == content)
  }

  @Test func `a state that is gone is made anew`() throws {
    let (fixture, store, town, content) = try ledger(seed: 15)
    try store.close()
    let killed = try Fixture(copying: fixture)
    // Its log stays behind, as after a removal that was cut short.
    unlink(killed.directory.file("state.db"))
    let again = try killed.open()
    #expect(again.working.unfoldedCount == 0)
    #expect(try Content(of: again, town.names) == content)
    #expect(killed.notices.all == ["the state is made anew: there is none"])
  }

  @Test(arguments: [0, 1, 99, 100, 4095, 4096, 10_000])
  func `a state cut short is made anew`(size: Int) throws {
    let (fixture, store, town, content) = try ledger(seed: 16)
    try store.close()
    let killed = try Fixture(copying: fixture)
    unlink(killed.directory.file("state.db-wal"))
    #expect(truncate(killed.directory.file("state.db"), size) == 0)
    try expectHealing(killed, town, content)
  }

  @Test func `a state with some of its bytes changed never tells anything wrong`() throws {
    let (fixture, store, town, content) = try ledger(seed: 17)
    try store.close()
    let sound = try Fixture(copying: fixture)
    unlink(sound.directory.file("state.db-wal"))
    let bytes = try bytes(of: sound.directory.file("state.db"))
    var random = SplitMix64(seed: 17)
    var healed = 0
    for round in 0..<80 {
      var damaged = bytes
      // The heads of pages, where a byte means most, and anywhere.
      let page = random.below(bytes.count / 1024) * 1024
      let offset = round < 40 ? page + random.below(12) : random.below(bytes.count)
      for index in offset..<min(offset + 1 + random.below(64), bytes.count) {
        damaged[index] ^= UInt8(1 + random.below(255))
      }
      let killed = try Fixture(copying: sound)
      try write(damaged, to: killed.directory.file("state.db"))
      try expectHealing(killed, town, content, "offset \(offset), round \(round)")
      if !killed.notices.all.isEmpty { healed += 1 }
    }
    #expect(healed > 10)
  }

  /// Opens a ledger whose state may be damaged: it says what it should, or names the damage and
  /// says it after that.
  ///
  /// A row that has vanished without a trace is all it may not notice.
  private func expectHealing(
    _ fixture: Fixture, _ town: Town, _ content: Content, _ comment: Comment? = nil
  ) throws {
    let store = try fixture.open()
    do {
      #expect(try Content(of: store, town.names).isPart(of: content), comment)
    } catch StoreError.damaged(nil, _) {
      // The store that found it goes on with its next group, and so does whoever opens it anew.
      try store.begin(writing: false)
      try store.end()
      #expect(try Content(of: store, town.names) == content, comment)
      #expect(try Content(of: try fixture.open(), town.names) == content, comment)
    }
  }

  @Test func `the state of another ledger is made anew`() throws {
    let (fixture, store, town, content) = try ledger(seed: 18)
    try store.close()
    var house = fixture.house
    house.identity = LedgerIdentity(
      id: "ffff0000ffff0000ffff0000ffff0000", currency: "CNY", timezone: "Asia/Shanghai",
      dayStartMinutes: 240, isTest: true)
    let other = try Fixture(house: house)
    try other.open().close()
    try exchangeState(of: fixture, from: other)
    #expect(try Content(of: try fixture.open(), town.names) == content)
    #expect(fixture.notices.all == ["the state is made anew: it is another ledger's"])
  }

  @Test func `a journal that lacks what was folded, or is another, is refused until accepted`()
    throws
  {
    let (fixture, store, town, content) = try ledger(seed: 19)
    let ahead = try Fixture(copying: fixture)
    let branch = try Fixture(copying: fixture)
    for fixture in [ahead, branch] {
      let store = try fixture.open()
      try Shop(store).group { shop in
        try shop.open(try Shop.account(fixture === ahead ? 77 : 78), card: "later")
      }
      try store.close()
    }
    try store.close()
    // The journal ends two entries before the state: they were answered, and are lost.
    try exchangeState(of: fixture, from: ahead)
    #expect(damagedEntry { _ = try fixture.open() } == content.head.next)
    try accept(fixture)
    #expect(try Content(of: try fixture.open(), town.names) == content)

    // As long, but with another end.
    try exchangeState(of: branch, from: ahead)
    #expect(
      damagedEntry { _ = try branch.open() } == EntryID(content.head.sequence + 2))
    try accept(branch)
    let again = try branch.open()
    #expect(try again.working.account(try Shop.account(77)) == nil)
    #expect(try again.working.account(try Shop.account(78)) != nil)
  }

  private func accept(_ fixture: Fixture) throws {
    _ = try SQLiteStore.rebuild(directory: fixture.directory.path, chain: fixture.house.chain)
  }

  /// The entry that an error of damage names.
  private func damagedEntry(_ body: () throws -> Void) -> EntryID? {
    do {
      try body()
    } catch StoreError.damaged(let entry, _) {
      return entry
    } catch {
      Issue.record("another error: \(error)")
    }
    return nil
  }

  private func exchangeState(of fixture: Fixture, from other: Fixture) throws {
    for name in ["state.db", "state.db-wal", "state.db-shm"] {
      unlink(fixture.directory.file(name))
      if status(of: other.directory.file(name)) != nil {
        try write(try bytes(of: other.directory.file(name)), to: fixture.directory.file(name))
      }
    }
  }

  @Test func `a state of another version is made anew`() throws {
    let (fixture, store, town, content) = try ledger(seed: 20)
    try store.close()
    do {
      let connection = try Connection(
        path: fixture.directory.file("state.db"), mode: .readWrite)
      try connection.execute("PRAGMA user_version = \(StateSchema.version + 1)")
    }
    #expect(try Content(of: try fixture.open(), town.names) == content)
    #expect(fixture.notices.all.count == 1)
  }

  @Test func `a rebuilt state is the one that folding has made`() throws {
    let (fixture, store, _, content) = try ledger(seed: 21)
    store.foldAll()
    let folded = try Tables(of: fixture)
    let head = try SQLiteStore.rebuild(
      directory: fixture.directory.path, chain: fixture.house.chain)
    #expect(head == content.head)
    #expect(try Tables(of: fixture) == folded)
    // The store that was open meanwhile takes up the new file.
    try Shop(store).group { shop in try shop.open(try Shop.account(5), card: "after") }
    store.foldAll()
    let later = try Tables(of: fixture)
    #expect(later.head == EntryID(content.head.sequence + 2))
    #expect(later.accounts.count == folded.accounts.count + 1)
  }
}
