// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Seeds

#if PostgreSQL

  import LedgerCore
  import PostgreSQL
  import Secrets
  import Store
  import StorePostgreSQL
  import StoredValue
  import Testing

  /// What a store on a server does beyond what every store does.
  @Suite(.enabled(if: ServerFixture.target != nil))
  struct ServerTests {
    private func run(_ session: Connection, _ sql: String) throws {
      _ = try session.run([Statement(sql).with()])
    }

    /// Begins a group that writes, in the time in which a server comes back.
    private func begin(_ store: PostgreSQLStore) throws {
      let start = ContinuousClock.now
      while true {
        do {
          return try store.begin(writing: true)
        } catch StoreError.busy {
          try #require(ContinuousClock.now - start < .seconds(5))
        }
      }
    }

    /// Some of all there is.
    private static func footprint(
      of names: Content.Names, dice: inout SplitMix64
    ) throws -> Footprint {
      var footprint = Footprint()
      for id in names.accounts where dice.below(3) == 0 { footprint.accounts.insert(id) }
      for card in names.cards where dice.below(3) == 0 {
        footprint.cards.insert(try Shop.card(card))
      }
      for key in names.keys where dice.below(3) == 0 { footprint.keys.insert(try Shop.key(key)) }
      return footprint
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `processes that take turns see each other's entries, and say what memory says`(
      seed: UInt64
    ) throws {
      let fixture = try ServerFixture()
      var stores = try (0..<3).map { _ in try fixture.open() }
      let memory = try MemoryStore(identity: fixture.house.identity)
      var town = Town(seed: seed)
      var dice = SplitMix64(seed: seed << 8)
      var index = 0
      for round in 0..<60 {
        // One that stays alone for a while has more at hand.
        if dice.below(2) == 0 { index = dice.below(3) }
        let store = stores[index]
        store.foresee(try Self.footprint(of: town.names, dice: &dice))
        let earlier = town
        try memory.begin(writing: true)
        try store.begin(writing: true)
        #expect(store.working.head == memory.working.head)
        for _ in 0..<dice.below(8) {
          var twin = town
          try town.happen(in: Shop(memory))
          try twin.happen(in: Shop(store))
        }
        if dice.below(6) == 0 {
          try store.abandon()
          try memory.abandon()
          town.forget(since: earlier)
        } else {
          try store.end()
          try memory.end()
        }
        if dice.below(10) == 0 { stores[index] = try fixture.open() }
        guard round % 20 == 19 else { continue }
        let expected = try Content(of: memory, town.names)
        for store in stores {
          store.foresee(try Self.footprint(of: town.names, dice: &dice))
          try store.begin(writing: false)
          #expect(try Content(of: store, town.names) == expected, "seed \(seed), round \(round)")
          try store.end()
        }
      }
      #expect(fixture.notices.all == [])
    }

    @Test func `a session that is cut off in a group leaves nothing of it, and the next works`()
      throws
    {
      let fixture = try ServerFixture()
      let store = try fixture.open()
      let id = try Shop.account(1)
      try Shop(store).group { shop in try shop.open(id, card: "a") }
      let stranger = try fixture.connect()
      for writing in [true, false] {
        try store.begin(writing: true)
        if writing { try Shop(store).debit(id, 100) }
        try run(
          stranger,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            + "WHERE pid <> pg_backend_pid() AND application_name = '\(fixture.schema)'")
        do {
          try store.end()
          #expect(!writing, "the group ended")
        } catch StoreError.busy { #expect(writing) }
        try store.abandon()
        #expect(store.working.head == EntryID(2))
      }
      // After a moment in which everything is refused at once.
      try begin(store)
      try Shop(store).debit(id, 7)
      try store.end()
      #expect(store.working.head == EntryID(3))
    }

    @Test func `a group that waits for a lock too long is refused, and the next works`() throws {
      let fixture = try ServerFixture()
      let (one, two) = (try fixture.open(), try fixture.open())
      let id = try Shop.account(1)
      try one.begin(writing: true)
      try Shop(one).open(id, card: "a")
      #expect(throws: StoreError.self) { try two.begin(writing: true) }
      // The next is not made to wait in its turn.
      let start = ContinuousClock.now
      #expect(throws: StoreError.self) { try two.begin(writing: true) }
      #expect(ContinuousClock.now - start < .seconds(1))
      try two.abandon()
      try one.end()
      try begin(two)
      try Shop(two).debit(id, 7)
      try two.end()
      #expect(two.working.head == EntryID(3))
    }

    @Test func `a writer without regard to the lock cannot make two entries of one number`()
      throws
    {
      let fixture = try ServerFixture()
      let store = try fixture.open()
      let id = try Shop.account(1)
      try Shop(store).group { shop in try shop.open(id, card: "a") }
      try store.begin(writing: true)
      try Shop(store).debit(id, 100)
      try run(
        try fixture.connect(),
        "INSERT INTO journal SELECT 3, at, kind, account, key, body, link FROM journal "
          + "WHERE seq = 2"
      )
      #expect(throws: StoreError.self) { try store.end() }
    }

    /// How often the barrier was passed, by anyone.
    private func barriers(_ session: Connection) throws -> Int64 {
      let sum = Statement("SELECT sum(count)::bigint FROM barriers")
      return try session.run([sum.with()])[0].integer(0, 0)
    }

    @Test func `what others have written is answered from only once it is durable`() throws {
      let fixture = try ServerFixture()
      let (store, other) = (try fixture.open(), try fixture.open())
      let stranger = try fixture.connect()
      try Shop(other).group { shop in try shop.open(try Shop.account(1), card: "a") }
      let before = try barriers(stranger)
      try store.begin(writing: false)
      try store.end()
      #expect(try barriers(stranger) == before + 1)
      // It is known now.
      try store.begin(writing: true)
      try store.end()
      #expect(try barriers(stranger) == before + 1)

      try Shop(other).group { shop in try shop.debit(try Shop.account(1), 100) }
      try run(stranger, "BEGIN")
      try run(stranger, "UPDATE barriers SET count = count WHERE id < 64")
      try store.begin(writing: false)
      let error = #expect(throws: StoreError.self) { try store.end() }
      #expect(error.map { if case .busy = $0 { true } else { false } } == true)
      try run(stranger, "ROLLBACK")
      try store.begin(writing: false)
      try store.end()
      #expect(store.working.head == EntryID(3))

      // A barrier that writes nothing is none.
      try Shop(other).group { shop in try shop.debit(try Shop.account(1), 100) }
      try run(stranger, "DELETE FROM barriers")
      try store.begin(writing: false)
      #expect(throws: StoreError.self) { try store.end() }
    }

    @Test func `alerts are handed on only once they are durable`() throws {
      let fixture = try ServerFixture()
      let store = try fixture.open()
      try Shop(store).group { shop in try shop.open(try Shop.account(1), card: "a") }
      let outbox = try PostgreSQLOutbox(fixture.place, from: 1)
      let stranger = try fixture.connect()
      try run(stranger, "BEGIN")
      try run(stranger, "UPDATE barriers SET count = count WHERE id < 64")
      #expect(throws: StoreError.self) { _ = try outbox.read(entries: 10) }
      try run(stranger, "ROLLBACK")
      let before = try barriers(stranger)
      #expect(try outbox.read(entries: 10).isAtEnd)
      #expect(try barriers(stranger) == before + 1)
      // Nothing new, nothing to wait for.
      #expect(try outbox.read(entries: 10).isAtEnd)
      #expect(try barriers(stranger) == before + 1)
    }

    /// Whether anybody could write now, asked in a second.
    private static func isFreeSoon(_ place: String) async throws -> Bool {
      try await Task.sleep(for: .seconds(1))
      let session = try Connection(place)
      let rows = try session.run([Statement("SELECT 1 FROM head FOR UPDATE NOWAIT").with()])
      return rows[0].count == 1
    }

    @Test func `a commit is answered only behind the barrier, and holds nobody up on its way`()
      async throws
    {
      let fixture = try ServerFixture()
      let (store, other) = (try fixture.open(), try fixture.open())
      let id = try Shop.account(1)
      try Shop(store).group { shop in try shop.open(id, card: "a") }
      let stranger = try fixture.connect()
      try run(stranger, "BEGIN")
      try run(stranger, "UPDATE barriers SET count = count WHERE id < 64")
      try store.begin(writing: true)
      try Shop(store).debit(id, 100)
      let start = ContinuousClock.now
      async let isFree = Self.isFreeSoon(fixture.place)
      try store.end()
      #expect(try await isFree)
      // The server gave up waiting for the row; that the entry is there was found out otherwise.
      #expect(ContinuousClock.now - start > .seconds(4))
      #expect(fixture.notices.all.contains { $0.hasPrefix("a commit of unknown outcome is there") })
      try other.begin(writing: true)
      #expect(other.working.head == EntryID(3))
      try other.abandon()
      try run(stranger, "ROLLBACK")
    }

    /// Has the server go back to what it held before `body`, as a standby that lagged behind.
    private func forget(_ fixture: ServerFixture, _ body: () throws -> Void) throws {
      let stranger = try fixture.connect()
      let tables = ["head", "journal", "accounts", "keys"]
      for table in tables { try run(stranger, "CREATE TABLE old_\(table) AS TABLE \(table)") }
      try body()
      for table in tables {
        try run(stranger, "DELETE FROM \(table)")
        try run(stranger, "INSERT INTO \(table) SELECT * FROM old_\(table)")
        try run(stranger, "DROP TABLE old_\(table)")
      }
    }

    @Test func `a loss that others have written over is noticed as well`() throws {
      let fixture = try ServerFixture()
      let (store, other) = (try fixture.open(), try fixture.open())
      let id = try Shop.account(1)
      try Shop(store).group { shop in try shop.open(id, card: "a") }
      try forget(fixture) {
        _ = try Shop(store).group { shop in try shop.debit(id, 100) }
      }
      try Shop(other).group { shop in
        for amount in 1...3 { try shop.debit(id, Int64(amount)) }
      }
      let error = #expect(throws: StoreError.self) { try store.begin(writing: true) }
      #expect(error?.message == "entry 3: the server's entry is not the one that was answered")
    }

    @Test func `what was seen and never answered from may be lost`() throws {
      let fixture = try ServerFixture()
      let (store, other) = (try fixture.open(), try fixture.open())
      let id = try Shop.account(1)
      try Shop(store).group { shop in try shop.open(id, card: "a") }
      try forget(fixture) {
        try Shop(other).group { shop in try shop.debit(id, 100) }
        try store.begin(writing: true)
        #expect(store.working.head == EntryID(3))
        try store.abandon()
      }
      let third = try fixture.open()
      try Shop(third).group { shop in try shop.debit(id, 5) }
      try Shop(store).group { shop in try shop.debit(id, 7) }
      #expect(store.working.head == EntryID(4))
      #expect(try store.working.account(id)?.lots.map(\.remaining) == [Amount(49_988)])
    }

    @Test func `a server that has lost what was answered is served no more`() throws {
      let fixture = try ServerFixture()
      let store = try fixture.open()
      let id = try Shop.account(1)
      try Shop(store).group { shop in try shop.open(id, card: "a") }
      let stranger = try fixture.connect()
      for sql in [
        "CREATE TABLE old AS SELECT * FROM head", "CREATE TABLE rows AS SELECT * FROM journal",
      ] {
        try run(stranger, sql)
      }
      try Shop(store).group { shop in try shop.debit(id, 100) }
      for sql in [
        "DELETE FROM journal WHERE seq > 2", "DELETE FROM head",
        "INSERT INTO head SELECT * FROM old",
      ] {
        try run(stranger, sql)
      }
      for _ in 0..<2 {
        let error = #expect(throws: StoreError.self) { try store.begin(writing: true) }
        #expect(error?.message.hasPrefix("entry 3: the server ends before it") == true)
      }
    }

    @Test func `a foreign schema and a newer ledger are refused and left alone`() throws {
      let fixture = try ServerFixture()
      let session = try fixture.connect()
      #expect(throws: StoreError.self) {
        try PostgreSQLStore.create(
          fixture.place, identity: fixture.house.identity, chain: fixture.house.chain)
      }
      let stranger = #expect(throws: StoreError.self) {
        try PostgreSQLStore(fixture.place, chain: House().chain)
      }
      #expect(stranger?.message.contains("does not belong to the keys") == true)
      try run(session, "UPDATE ledger SET version = 2")
      let newer = #expect(throws: StoreError.self) { try fixture.open() }
      #expect(newer?.message.contains("made by a newer Scrip") == true)
      try run(session, "DROP TABLE ledger")
      let none = #expect(throws: StoreError.self) { try fixture.open() }
      #expect(none?.message.contains("there is no ledger") == true)
    }

    @Test func `an inspection shows what the store says, and stands still`() throws {
      let fixture = try ServerFixture()
      let store = try fixture.open()
      var town = Town(seed: 41)
      try Shop(store).group { shop in
        for _ in 0..<60 { try town.happen(in: shop) }
      }
      let entries = try store.entries(from: EntryID(1), limit: .max)
      let accounts = town.names.accounts
      let view = try PostgreSQLInspection(fixture.place)
      let memory = try MemoryStore(identity: fixture.house.identity)
      for entry in entries { try memory.append(entry, person: nil) }
      try Shop(store).group { shop in
        for _ in 0..<60 { try town.happen(in: shop) }
      }
      #expect(view.head == EntryID(Int64(entries.count)))
      #expect(try view.rows(after: 0, limit: .max).map { try $0.entry() } == entries)
      let point = try #require(try view.foldPoint())
      #expect(point.point.head == view.head)
      for (account, due) in try view.accounts(after: nil, limit: .max) {
        #expect(try memory.working.account(account.id) == account)
        #expect(due == account.nextDue)
      }
      for id in accounts { #expect(try view.person(of: id) == store.person(of: id)) }
      for (entry, marks) in try view.marks() {
        #expect(try memory.working.marks(of: entry) == marks)
      }
    }

    @Test func `no value that was bound stands in an error`() throws {
      let fixture = try ServerFixture()
      let session = try fixture.connect()
      let insert = Statement("INSERT INTO cards (number, account) VALUES ($1, CAST($2 AS bigint))")
      let error = #expect(throws: PostgreSQLError.self) {
        try session.run([insert.with(.text("6200001"), .text("secret"))])
      }
      let text = try #require(error).description
      #expect(text.contains("22P02"))
      #expect(!text.contains("secret") && !text.contains("6200001"))
    }
  }

#endif
