// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Secrets
import Store
import StoreSQLite
import StoredValue
import Testing

/// The view that checkers of a ledger take.
@Suite struct InspectionTests {
  @Test func `an inspection shows rows, fold and people, and stands still`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    var town = Town(seed: 41)
    try Shop(store).group { shop in
      for _ in 0..<60 { try town.happen(in: shop) }
    }
    store.foldAll()
    let entries = try store.entries(from: EntryID(1), limit: .max)
    let accounts = town.names.accounts
    let view = try SQLiteInspection(directory: fixture.directory.path)
    #expect(view.identity == fixture.house.identity)
    let genesis = fixture.house.chain.genesis(over: view.identity.sealedBytes)
    #expect(view.genesisLink == genesis.bytes)
    try Shop(store).group { shop in
      for _ in 0..<60 { try town.happen(in: shop) }
    }
    store.foldAll()

    #expect(view.head == EntryID(Int64(entries.count)))
    #expect(try view.rows(after: 0, limit: .max).map { try $0.entry() } == entries)
    #expect(try view.rows(after: 3, limit: 2).map(\.sequence) == [4, 5])
    #expect(try view.rows(after: view.head.sequence, limit: 5).isEmpty)
    let point = try #require(try view.foldPoint())
    #expect(point.point.head == view.head)
    #expect(point.link == (try view.rows(after: view.head.sequence - 1, limit: 1)[0].link))
    for id in accounts {
      #expect(try view.person(of: id) == store.person(of: id))
    }
    #expect(try view.integrityProblems() == [])
  }

  @Test func `the folded tables are the fold of the rows`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    let memory = try MemoryStore(identity: fixture.house.identity)
    var town = Town(seed: 42)
    for _ in 0..<30 {
      try Shop(store).group { shop in
        for _ in 0..<5 { try town.happen(in: shop) }
      }
      store.maintain()
    }
    store.foldAll()
    for entry in try store.entries(from: EntryID(1), limit: .max) {
      try memory.append(entry, person: nil)
    }
    let tables = try Tables(of: fixture)
    #expect(tables.accounts.count == Set(town.names.accounts).count)
    for (id, account) in tables.accounts {
      #expect(try memory.working.account(id) == account)
      #expect(tables.due[id] == account.nextDue)
    }
    for (number, standing) in tables.cards {
      #expect(try memory.working.card(number) == standing)
    }
    for card in town.names.cards {
      let number = try Shop.card(card)
      #expect(try tables.cards[number] ?? .unknown == memory.working.card(number))
    }
    for (entry, marks) in tables.marks {
      #expect(try memory.working.marks(of: entry) == marks)
    }
    for key in town.names.keys {
      let isFolded = tables.keys.contains { $0[0] == keyHash(IdempotencyKey(key) ?? Self.none) }
      #expect(try isFolded == (Content.standing(memory.working, key) != "unused"), "\(key)")
    }
  }

  private static let none = IdempotencyKey("-") ?? { preconditionFailure("a key of one byte") }()

  @Test func `a ledger without a usable state can be inspected, and that is named`() throws {
    let fixture = try Fixture()
    do {
      let store = try fixture.open()
      try Shop(store).group { shop in try shop.open(try Shop.account(1), card: "a") }
      try store.close()
    }
    unlink(fixture.directory.file("state.db"))
    unlink(fixture.directory.file("state.db-wal"))
    let without = try SQLiteInspection(directory: fixture.directory.path)
    #expect(try without.foldPoint() == nil)
    #expect(try without.rows(after: 0, limit: 9).count == 2)
    #expect(try without.integrityProblems().count == 1)
    try write(Array(repeating: 7, count: 5000), to: fixture.directory.file("state.db"))
    let garbled = try SQLiteInspection(directory: fixture.directory.path)
    #expect(try garbled.foldPoint() == nil)
    #expect(try garbled.integrityProblems().first?.hasPrefix("state.db: ") == true)
  }
}
