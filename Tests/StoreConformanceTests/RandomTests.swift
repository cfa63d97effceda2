// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Seeds
import Store
import StoreSQLite
import StoredValue
import Testing

/// A ledger on disk, whatever happens to it, says what one in memory says.
@Suite struct RandomTests {
  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
  func `after any course of things both stores say the same`(seed: UInt64) throws {
    try compare(try Fixture(), seed)
  }

  /// As where there are more accounts than memory is for, and much is folded.
  @Test(arguments: [UInt64(11), 12, 13, 14, 15, 16])
  func `they do when nothing is kept in memory and the log is copied often`(seed: UInt64) throws {
    let fixture = try Fixture()
    fixture.options.foldThreshold = 1
    fixture.options.cachedBytes = 0
    fixture.options.stateLogPages = 1
    try compare(fixture, seed)
  }

  private func compare(_ fixture: Fixture, _ seed: UInt64) throws {
    var disk = try fixture.open()
    let memory = try MemoryStore(identity: fixture.house.identity)
    var town = Town(seed: seed)
    var dice = SplitMix64(seed: ~seed)
    for round in 0..<50 {
      let before = town
      try disk.begin(writing: true)
      try memory.begin(writing: true)
      for _ in 0..<dice.below(12) {
        var twin = town
        try town.happen(in: Shop(memory))
        try twin.happen(in: Shop(disk))
      }
      if dice.below(6) == 0 {
        try disk.abandon()
        try memory.abandon()
        town.forget(since: before)
      } else {
        try disk.end()
        try memory.end()
      }
      try disturb(&disk, fixture, dice.below(10))
      if round % 10 == 9 || round == 49 {
        let expected = try Content(of: memory, town.names)
        #expect(
          try Content(of: disk, town.names) == expected, "seed \(seed), round \(round)")
      }
    }
    #expect(fixture.notices.all.allSatisfy { $0.contains("made anew: there is none") })
  }

  /// What an operator or the system may do between two groups.
  private func disturb(_ store: inout SQLiteStore, _ fixture: Fixture, _ choice: Int) throws {
    switch choice {
    case 0...3: store.maintain()
    case 4: store.foldAll()
    case 5:
      try store.close()
      store = try fixture.open()
    case 6: store = try fixture.open()
    case 7:
      _ = try SQLiteStore.rebuild(directory: fixture.directory.path, chain: fixture.house.chain)
    case 8:
      try store.close()
      for name in ["state.db", "state.db-wal", "state.db-shm"] {
        unlink(fixture.directory.file(name))
      }
      store = try fixture.open()
    default: break
    }
  }
}
