// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
import Seeds
import StoredValue
import Testing

@testable import Anomalies
@testable import Store
@testable import StoreSQLite

/// The short way to accounts that have not changed (decision 0065) leads to no other account and to
/// no other moment than the long one.
@Suite struct ShortcutTests {
  private let ids: [AccountID]

  init() throws {
    ids = try (1...300).map { try Shop.account(UInt64($0) << 40) }
  }

  /// A ledger that keeps nothing in memory, and copies the log of its state when it is told to.
  private func fixture() throws -> Fixture {
    let fixture = try Fixture()
    fixture.options.foldThreshold = 1
    fixture.options.cachedBytes = 0
    fixture.options.stateLogPages = 1_000_000
    let store = try fixture.open()
    try Shop(store).group { shop in
      for id in ids { try shop.open(id, card: id.text) }
    }
    try store.close()
    return fixture
  }

  /// Has the state's log copied; what is folded by then is all there is.
  private func copyLog(of store: SQLiteStore) throws {
    store.foldAll()
    #expect(store.upkeep.slice == nil && store.upkeep.checkpointing.insert(.state).inserted)
    store.folder.requestCheckpoint(of: .state)
    for _ in 0..<5000 {
      store.maintain()
      if store.upkeep.checkpointing.isEmpty { return }
      usleep(1000)
    }
    Issue.record("the log of the state is not copied")
  }

  private func balances(_ store: SQLiteStore) throws -> [Int64] {
    try store.begin(writing: false)
    let balances = try ids.map { id in
      try #require(try store.working.account(id)).lots.reduce(0) { $0 + $1.remaining.minorUnits }
    }
    try store.end()
    return balances
  }

  /// Debits fifty accounts in another process, and has that folded, but not copied into the file.
  private func trade(in other: SQLiteStore, changing balances: inout [Int64]) throws {
    try Shop(other).group { shop in
      for index in 0..<50 {
        try shop.debit(ids[index], 1, key: "other \(index)")
        balances[index] -= 1
      }
    }
    other.foldAll()
  }

  @Test func `accounts that have not changed are read the short way, others not`() throws {
    let fixture = try fixture()
    let store = try fixture.open()
    let before = try balances(store)
    #expect(store.records.state.shortcut.reads == 0)
    try Shop(store).group { shop in try shop.debit(ids[0], 1, key: "first") }
    try copyLog(of: store)
    #expect(try balances(store) == [before[0] - 1] + before[1...])
    let reads = store.records.state.shortcut.reads
    // One in sixty others is taken for changed.
    #expect(reads > 250 && reads <= 300)
    // Folded, but not in the file: the short way would lead to what was.
    try Shop(store).group { shop in
      for (index, id) in ids.prefix(100).enumerated() {
        try shop.debit(id, 1, key: "second \(index)")
      }
    }
    store.foldAll()
    let early = store.records.state.shortcut.reads
    #expect(
      try balances(store) == [before[0] - 2] + before[1..<100].map { $0 - 1 } + before[100...])
    #expect(store.records.state.shortcut.reads <= early + 200)
    #expect(store.records.state.shortcut.reads > early + 150)
    #expect(fixture.notices.all == [])
  }

  @Test func `what another process has folded is not missed`() throws {
    let fixture = try fixture()
    let (one, other) = (try fixture.open(), try fixture.open())
    var expected = try balances(one)
    var dice = SplitMix64(seed: 65)
    for round in 0..<60 {
      let store = dice.below(2) == 0 ? one : other
      try Shop(store).group { shop in
        for _ in 0..<(1 + dice.below(6)) {
          let index = dice.below(40)
          try shop.debit(ids[index], 1, key: "\(round) \(shop.working.head.sequence)")
          expected[index] -= 1
        }
      }
      switch dice.below(4) {
      case 0: try copyLog(of: store)
      case 1: store.foldAll()
      default: store.maintain()
      }
      #expect(try balances(one) == expected, "round \(round)")
      #expect(try balances(other) == expected, "round \(round)")
    }
    #expect(one.records.state.shortcut.reads > 0 && other.records.state.shortcut.reads > 0)
    #expect(fixture.notices.all == [])
  }

  @Test func `a state that is read anew is not read by the ways of before`() throws {
    let fixture = try fixture()
    fixture.options.reloadThreshold = 10
    let one = try fixture.open()
    try Shop(one).group { shop in try shop.debit(ids[0], 1, key: "first") }
    try copyLog(of: one)
    var expected = try balances(one)
    let reads = one.records.state.shortcut.reads
    let other = try fixture.open()
    try trade(in: other, changing: &expected)
    #expect(try balances(one) == expected)
    #expect(one.records.state.shortcut.reads == reads)
    #expect(fixture.notices.all == [])
  }

  @Test func `what another process has folded first is not looked for where it was`() throws {
    let fixture = try fixture()
    let (one, other) = (try fixture.open(), try fixture.open())
    try copyLog(of: one)
    var expected = try balances(one)
    try trade(in: other, changing: &expected)
    #expect(try balances(one) == expected)
    // The slice comes back as one that another process has written.
    one.foldAll()
    #expect(try balances(one) == expected)
  }

  @Test func `ways found before the state was read anew are not taken after it`() throws {
    let fixture = try fixture()
    fixture.options.reloadThreshold = 10
    let one = try fixture.open()
    var expected = try balances(one)
    #expect(one.upkeep.checkpointing.insert(.state).inserted)
    one.folder.requestCheckpoint(of: .state)
    one.folder.waitForCheckpoint(of: .state)
    let other = try fixture.open()
    try trade(in: other, changing: &expected)
    #expect(try balances(one) == expected)
    one.maintain()
    #expect(one.upkeep.checkpointing.isEmpty)
    #expect(try balances(one) == expected)
  }

  @Test func `there is no short way while the file is not as new as the state`() throws {
    let fixture = try fixture()
    let store = try fixture.open()
    let before = try balances(store)
    let reader = try Connection(path: fixture.directory.file("state.db"), mode: .readOnly)
    try reader.execute("BEGIN; SELECT count(*) FROM sqlite_schema")
    try Shop(store).group { shop in
      for (index, id) in ids.enumerated() { try shop.debit(id, 1, key: "\(index)") }
    }
    try copyLog(of: store)
    #expect(try balances(store) == before.map { $0 - 1 })
    #expect(store.records.state.shortcut.reads == 0)
    try reader.execute("COMMIT")
    try copyLog(of: store)
    #expect(try balances(store) == before.map { $0 - 1 })
    #expect(store.records.state.shortcut.reads > 250)
  }

  @Test func `an account of which only what is remembered was written counts as written`() throws {
    var records = Unfolded()
    var watched = SubjectRecord()
    watched.lastEntry = EntryID(1)
    records.keep(watched, of: .account(ids[0]))
    records.keep(watched, of: .store("s1"))
    var told: [AccountID] = []
    FoldedSlice(of: records).forEachAccount { told.append($0) }
    #expect(told == [ids[0]])
  }

  @Test func `what rules remember is looked for where its parts are`() throws {
    let fixture = try fixture()
    let (one, other) = (try fixture.open(), try fixture.open())
    let rule = """
      {"anomaly":{"rules":[{"id":"r","kind":"count","on":["debit"],"window_seconds":600,\
      "min":1000000}]}}
      """
    try Shop(one).group { shop in try shop.setProgram(rule, key: "program") }
    var second: Int64 = 0
    func debit(_ count: Int, by store: SQLiteStore) throws {
      try Shop(store).group { shop in
        var shop = shop
        for _ in 0..<count {
          second += 1
          shop.now = Instant(milliseconds: 1_790_000_000_000 + second * 6000)
          try shop.debit(ids[0], 1, key: "\(second)")
        }
      }
    }
    // Those of 600 seconds are remembered, in parts of which most stand by themselves.
    try debit(150, by: one)
    try Shop(one).group { shop in try shop.debit(ids[1], 1, key: "another") }
    try copyLog(of: one)
    // Some of the parts are used up, and what uses them is folded, but not in the file.
    try debit(75, by: other)
    other.foldAll()
    _ = try balances(one)
    #expect(one.working.head == other.working.head)
    try debit(1, by: one)
    #expect(fixture.notices.all == [])
  }
}
