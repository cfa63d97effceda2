// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import LedgerCore
  import PostgreSQL
  import Store
  import StorePostgreSQL
  import StoredValue
  import Testing

  /// What a store on a server asks it for, what it remembers, and what it is told by others.
  @Suite(.enabled(if: ServerFixture.target != nil))
  struct ServerKnowledgeTests {
    @Test func `a group of many costs as many round trips as one of few`() throws {
      let fixture = try ServerFixture()
      let store = try fixture.open()
      let ids = try (1...256).map { try Shop.account(UInt64($0)) }
      try Shop(store).group { shop in
        for id in ids { try shop.open(id, card: id.text) }
      }
      var counts: [Int: [Int]] = [:]
      // Twice each: the first time of a statement is for its preparation.
      for round in 0..<2 {
        for size in [1, 16, 256] {
          let other = try fixture.open()
          var footprint = Footprint()
          for (index, id) in ids.prefix(size).enumerated() {
            footprint.cards.insert(try Shop.card(id.text))
            footprint.keys.insert(try Shop.key("d\(round)-\(size)-\(index)"))
          }
          let before = other.serverCalls
          other.foresee(footprint)
          try Shop(other).group { shop in
            for (index, id) in ids.prefix(size).enumerated() {
              let key = "d\(round)-\(size)-\(index)"
              #expect(try Content.standing(other.working, key) == "unused")
              try shop.debit(id, 1, key: key)
            }
          }
          let after = other.serverCalls
          counts[size, default: []] += [
            after.roundTrips - before.roundTrips, after.statements - before.statements,
          ]
        }
      }
      #expect(counts[1] == counts[16] && counts[16] == counts[256], "\(counts)")
      // Begin and read; write and commit.
      #expect(counts[1]?.first == 2)
    }

    @Test func `what is at hand is asked for again only where others have written`() throws {
      let fixture = try ServerFixture()
      let (store, other) = (try fixture.open(), try fixture.open())
      // More than a directory of cards begins with.
      let ids = try (1...1200).map { try Shop.account(UInt64($0)) }
      try Shop(store).group { shop in
        for id in ids { try shop.open(id, card: id.text) }
      }
      let expected = try store.working.account(ids[0])

      /// What a group costs that looks at these cards, all of which are there.
      func cost(_ store: PostgreSQLStore, _ ids: [AccountID]) throws -> [Int] {
        var footprint = Footprint()
        for id in ids { footprint.cards.insert(try Shop.card(id.text)) }
        let before = store.serverCalls
        store.foresee(footprint)
        try store.begin(writing: true)
        for id in ids {
          #expect(try store.working.card(Shop.card(id.text)) == .names(id))
          #expect(try store.working.account(id)?.cardNumber.text == id.text)
        }
        try store.end()
        let after = store.serverCalls
        return [after.roundTrips - before.roundTrips, after.statements - before.statements]
      }

      _ = try cost(other, ids)
      let asked = try cost(other, Array(ids.prefix(900)))
      // The directory was full and is begun anew, larger.
      _ = try cost(other, Array(ids.suffix(900)))
      try Shop(other).group { shop in for id in ids.suffix(300) { try shop.debit(id, 1) } }
      let known = try cost(other, Array(ids.suffix(300)))
      #expect(known[0] == asked[0] && known[1] < asked[1], "\(known), \(asked)")

      // Somebody else writes: all of it is asked for, in one round trip more.
      try Shop(store).group { shop in try shop.debit(ids[1199], 7) }
      let late = try cost(other, Array(ids.suffix(300)))
      // One more to ask, and one until what others have written is durable.
      #expect(late[0] == known[0] + 2, "\(late), \(known)")
      #expect(
        try other.working.account(ids[1199])?.encoded()
          == store.working.account(ids[1199])?.encoded())
      #expect(try other.working.account(ids[0]) == expected)
    }

    @Test func `what another process was answered from must be there`() throws {
      let fixture = try ServerFixture()
      let (store, other) = (try fixture.open(), try fixture.open())
      try Shop(store).group { shop in try shop.open(try Shop.account(1), card: "a") }
      other.note(answered: store.answeredUpTo)
      #expect(other.answeredUpTo == store.answeredUpTo)
      try other.begin(writing: false)
      try other.end()
      // An older one says nothing new.
      let mark = store.answeredUpTo
      other.note(answered: JournalMark(entry: EntryID(1), link: [UInt8](repeating: 1, count: 17)))
      #expect(other.answeredUpTo == mark)
      let next = JournalMark(entry: mark.entry.next, link: mark.link)
      other.note(answered: next)
      #expect(throws: StoreError.self) { try other.begin(writing: false) }
      // An entry of that number is there, and it is another.
      try Shop(store).group { shop in try shop.debit(try Shop.account(1), 1) }
      #expect(throws: StoreError.self) { try other.begin(writing: false) }
    }

    @Test func `a session is known by those of its own server and ledger alone`() throws {
      let (fixture, elsewhere) = (try ServerFixture(), try ServerFixture())
      let (store, other) = (try fixture.open(), try fixture.open())
      let name = try #require(store.sessionName())
      #expect(other.sees(session: name))
      #expect(other.sessionName() != name)
      #expect(try !elsewhere.open().sees(session: name))
      #expect(!other.sees(session: ""))
      let number = store.sessionNumber
      let cut = Statement(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
          + "WHERE pid <> pg_backend_pid() AND application_name = '\(fixture.schema)'")
      _ = try fixture.connect().run([cut.with()])
      let start = ContinuousClock.now
      while store.sessionName() == nil {
        try #require(ContinuousClock.now - start < .seconds(5))
      }
      #expect(store.sessionNumber == number + 1)
      #expect(!other.sees(session: name))
    }
  }

#endif
