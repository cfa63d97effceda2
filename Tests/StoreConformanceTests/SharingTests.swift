// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
import Seeds
import Store
import StoreSQLite
import StoredValue
import Testing

/// Several stores on one directory, as several processes have them.
@Suite struct SharingTests {
  @Test(arguments: [UInt64(1), 2, 3])
  func `stores that take turns see each other's entries, however either folds`(
    seed: UInt64
  ) throws {
    let fixture = try Fixture()
    let stores = try (0..<3).map { _ in try fixture.open() }
    let memory = try MemoryStore(identity: fixture.house.identity)
    var town = Town(seed: seed)
    var dice = SplitMix64(seed: seed << 8)
    for round in 0..<120 {
      let store = stores[dice.below(3)]
      try memory.begin(writing: true)
      try store.begin(writing: true)
      #expect(store.working.head == memory.working.head)
      for _ in 0..<dice.below(6) {
        var twin = town
        try town.happen(in: Shop(memory))
        try twin.happen(in: Shop(store))
      }
      try store.end()
      try memory.end()
      for store in stores where dice.below(4) == 0 { store.maintain() }
      if round % 40 == 39 {
        let expected = try Content(of: memory, town.names)
        for store in stores {
          try store.begin(writing: false)
          #expect(try Content(of: store, town.names) == expected, "seed \(seed), round \(round)")
          try store.end()
        }
      }
    }
    for store in stores { try store.close() }
    #expect(try fixture.open().working.unfoldedCount == 0)
    #expect(fixture.notices.all == [])
  }

  @Test func `a store that was far behind starts from the state that others have folded`() throws {
    let fixture = try Fixture()
    fixture.options.reloadThreshold = 50
    let (busy, idle) = (try fixture.open(), try fixture.open())
    var town = Town(seed: 9)
    for _ in 0..<40 {
      try Shop(busy).group { shop in
        for _ in 0..<4 { try town.happen(in: shop) }
      }
    }
    busy.foldAll()
    try idle.begin(writing: true)
    #expect(idle.working.unfoldedCount == 0)
    #expect(try Content(of: idle, town.names) == Content(of: busy, town.names))
    try idle.end()
  }

  @Test func `catching up does not wait for a slice or a checkpoint under way`() throws {
    let fixture = try Fixture()
    let busy = try fixture.open()
    fixture.options.reloadThreshold = 20
    fixture.options.journalLogPages = 0
    fixture.options.stateLogPages = 0
    let idle = try fixture.open()
    let memory = try MemoryStore(identity: fixture.house.identity)
    var town = Town(seed: 10)
    for _ in 0..<12 {
      for store in [busy, idle] as [any LedgerStore] {
        try memory.begin(writing: true)
        try store.begin(writing: true)
        for _ in 0..<30 {
          var twin = town
          try town.happen(in: Shop(memory))
          try twin.happen(in: Shop(store))
        }
        try store.end()
        try memory.end()
        store.maintain()
        if store === busy { busy.foldAll() }
      }
    }
    let expected = try Content(of: memory, town.names)
    #expect(try Content(of: idle, town.names) == expected)
    idle.foldAll()
    #expect(try Content(of: idle, town.names) == expected)
    #expect(try Content(of: try fixture.open(), town.names) == expected)
    #expect(fixture.notices.all == [])
  }

  @Test func `a group under way keeps others from writing, not from reading`() throws {
    let fixture = try Fixture()
    let (one, two) = (try fixture.open(), try fixture.open())
    let id = try Shop.account(1)
    try one.begin(writing: true)
    try Shop(one).open(id, card: "a")
    try two.begin(writing: false)
    #expect(two.working.head == .none)
    try two.end()
    let lock = try FileLock(path: fixture.directory.file("journal.lock"))
    #expect(try !lock.tryLock())
    try one.end()
    #expect(try lock.tryLock())
    lock.unlock()
    try two.begin(writing: false)
    #expect(try two.working.account(id) != nil)
    try two.end()
  }

  @Test func `a program that writes outside of the lock is waited for, then the group refused`()
    throws
  {
    let fixture = try Fixture()
    let store = try fixture.open()
    let id = try Shop.account(1)
    try Shop(store).group { shop in try shop.open(id, card: "a") }
    let stranger = try Connection(path: fixture.directory.file("journal.db"), mode: .readWrite)
    try stranger.execute("BEGIN IMMEDIATE")
    do {
      try store.begin(writing: true)
      Issue.record("the group began")
    } catch StoreError.busy {}
    try stranger.execute("ROLLBACK")
    try Shop(store).group { shop in try shop.debit(id, 1) }
    #expect(store.working.head == EntryID(3))
  }

  @Test func `a state removed under a store that serves is made anew, and nothing is missed`()
    throws
  {
    let fixture = try Fixture()
    let store = try fixture.open()
    var town = Town(seed: 31)
    try Shop(store).group { shop in
      for _ in 0..<30 { try town.happen(in: shop) }
    }
    store.foldAll()
    for name in ["state.db", "state.db-wal", "state.db-shm"] {
      unlink(fixture.directory.file(name))
    }
    try Shop(store).group { shop in
      for _ in 0..<30 { try town.happen(in: shop) }
    }
    let content = try Content(of: store, town.names)
    store.foldAll()
    #expect(try Content(of: store, town.names) == content)
    try store.close()
    let again = try fixture.open()
    #expect(again.working.unfoldedCount == 0)
    #expect(try Content(of: again, town.names) == content)
  }
}
