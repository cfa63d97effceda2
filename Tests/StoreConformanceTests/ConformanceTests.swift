// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue
import Testing

/// What every store does alike; the SQLite one also once all is folded.
@Suite struct ConformanceTests {
  private let one: AccountID
  private let two: AccountID

  init() throws {
    one = try Shop.account(1)
    two = try Shop.account(1 << 50)
  }

  @Test(arguments: Kind.allCases)
  func `what a group appended can be read back once it has ended`(kind: Kind) throws {
    let (store, fixture) = try Fixture.make(kind)
    let entries = try Shop(store).group { shop in
      try shop.open(one, card: "6200001", key: "k1")
        + shop.debit(one, 1_234, key: "k2")
        + shop.setProgram(#"{"preset":null}"#, key: "k3")
    }
    #expect(entries.map(\.id.sequence) == [1, 2, 3, 4])
    #expect(try store.entries(from: EntryID(1), limit: 100) == entries)
    #expect(store.working.head == EntryID(4))
    #expect(store.working.point.programVersion == 1)
    let account = try #require(try store.working.account(one))
    #expect(account.lots.map(\.remaining) == [Amount(48_766)])
    #expect(account.lastEntry == EntryID(3))
    withExtendedLifetime(fixture) {}
  }

  @Test(arguments: Kind.allCases)
  func `a group sees what it appended itself`(kind: Kind) throws {
    let (store, fixture) = try Fixture.make(kind)
    try Shop(store).group { shop in
      let opened = try shop.open(one, card: "6200001", key: "k1")
      #expect(try store.working.entry(EntryID(2)) == opened[1])
      #expect(try store.entries(from: EntryID(2), limit: 5) == [opened[1]])
      #expect(try Content.standing(store.working, "k1") == "used by 2")
    }
    withExtendedLifetime(fixture) {}
  }

  @Test(arguments: Kind.allCases)
  func `an abandoned group leaves nothing`(kind: Kind) throws {
    let (store, fixture) = try Fixture.make(kind)
    let shop = Shop(store)
    let debit = try shop.group { shop in
      try shop.open(one, card: "a")
      return try shop.debit(one, 700, key: "spent")[0]
    }
    if fixture != nil { store.foldAll() }
    let names = Content.Names(
      accounts: [one, two], cards: ["a", "b", "c"],
      keys: ["spent", "back", "two", "new", "lost", "block", "program"])
    let before = try Content(of: store, names)
    try store.begin(writing: true)
    try shop.refund(debit, 300, key: "back")
    try shop.open(two, card: "b", key: "two", person: Self.person("Han", "139"))
    try shop.replaceCard(one, "c", key: "new")
    try shop.block("lost", key: "block")
    try shop.setProgram("{}", key: "program")
    try store.abandon()
    #expect(try Content(of: store, names) == before)
    #expect(try store.accounts(holding: [.phone: "139"], after: nil, limit: 9) == [])
    // And its numbers and keys serve another.
    try shop.group { shop in try shop.open(two, card: "b", key: "two") }
    #expect(store.working.head == EntryID(5))
  }

  @Test(arguments: Kind.allCases)
  func `a key stands for its entry, and a blocked one for the entry that blocked it`(
    kind: Kind
  ) throws {
    let (store, fixture) = try Fixture.make(kind)
    try Shop(store).group { shop in
      try shop.open(one, card: "a", key: "open")
      try shop.block("never came", key: "reversal")
    }
    for isFolded in [false, true] {
      if isFolded { store.foldAll() }
      #expect(try Content.standing(store.working, "open") == "used by 2")
      #expect(try Content.standing(store.working, "never came") == "blocked by 3")
      #expect(try Content.standing(store.working, "reversal") == "used by 3")
      #expect(try Content.standing(store.working, "Open") == "unused")
    }
    withExtendedLifetime(fixture) {}
  }

  @Test(arguments: Kind.allCases)
  func `a card number names its account until it is replaced, and nothing ever after`(
    kind: Kind
  ) throws {
    let (store, fixture) = try Fixture.make(kind)
    let shop = Shop(store)
    try shop.group { shop in try shop.open(one, card: "first") }
    store.foldAll()
    try shop.group { shop in
      try shop.replaceCard(one, "second")
      try shop.replaceCard(one, "third")
    }
    for isFolded in [false, true] {
      if isFolded { store.foldAll() }
      #expect(try store.working.card(try Shop.card("first")) == .retired)
      #expect(try store.working.card(try Shop.card("second")) == .retired)
      #expect(try store.working.card(try Shop.card("third")) == .names(one))
      #expect(try store.working.card(try Shop.card("Third")) == .unknown)
      #expect(try store.working.account(one)?.cardNumber.text == "third")
    }
    withExtendedLifetime(fixture) {}
  }

  @Test(arguments: Kind.allCases)
  func `marks tell what later entries did to an entry`(kind: Kind) throws {
    let (store, fixture) = try Fixture.make(kind)
    let shop = Shop(store)
    let (first, second) = try shop.group { shop in
      try shop.open(one, card: "a")
      let debits = (try shop.debit(one, 900)[0], try shop.debit(one, 800)[0])
      try shop.refund(debits.0, 100)
      return debits
    }
    store.foldAll()
    try shop.group { shop in
      try shop.refund(first, 50)
      try shop.reverse(second)
    }
    for isFolded in [false, true] {
      if isFolded { store.foldAll() }
      #expect(try store.working.marks(of: first.id).refunded == Amount(150))
      #expect(try store.working.marks(of: second.id).isReversed)
      #expect(try store.working.marks(of: EntryID(1)) == EntryMarks())
    }
    withExtendedLifetime(fixture) {}
  }

  @Test(arguments: Kind.allCases)
  func `entries come in order, from where one asks and no more than asked`(kind: Kind) throws {
    let (store, fixture) = try Fixture.make(kind)
    try Shop(store).group { shop in
      try shop.open(one, card: "a")
      for amount in 1...8 { try shop.debit(one, Int64(amount)) }
    }
    func numbers(_ first: Int64, _ limit: Int) throws -> [Int64] {
      try store.entries(from: EntryID(first), limit: limit).map(\.id.sequence)
    }
    #expect(try numbers(1, 3) == [1, 2, 3])
    #expect(try numbers(9, 5) == [9, 10])
    #expect(try numbers(10, 1) == [10])
    #expect(try numbers(0, 2) == [1, 2])
    #expect(try numbers(11, 5) == [])
    #expect(try numbers(500, 5) == [])
    #expect(try numbers(4, 0) == [])
    #expect(try store.working.entry(EntryID(11)) == nil)
    #expect(try store.working.entry(.none) == nil)
    withExtendedLifetime(fixture) {}
  }

  @Test(arguments: Kind.allCases)
  func `an entry that is not the next one is refused, and the group can be abandoned`(
    kind: Kind
  ) throws {
    let (store, fixture) = try Fixture.make(kind)
    let shop = Shop(store)
    let entries = try shop.group { shop in
      try shop.open(one, card: "a") + shop.debit(one, 5)
    }
    for entry in [entries[0], entries[2]] {
      try store.begin(writing: true)
      #expect(throws: StoreError.self) { try store.append(entry, person: nil) }
      try store.abandon()
    }
    #expect(try store.entries(from: EntryID(1), limit: 9) == entries)
    try shop.group { shop in try shop.debit(one, 6) }
    #expect(store.working.head == EntryID(4))
    withExtendedLifetime(fixture) {}
  }

  @Test(arguments: Kind.allCases)
  func `a group that only reads changes nothing, and many may follow each other`(
    kind: Kind
  ) throws {
    let (store, fixture) = try Fixture.make(kind)
    let shop = Shop(store)
    try shop.group { shop in try shop.open(one, card: "a") }
    for _ in 0..<3 {
      try store.begin(writing: false)
      #expect(try store.working.account(one) != nil)
      try store.end()
      try store.begin(writing: true)
      try store.end()
      try store.begin(writing: true)
      try store.abandon()
    }
    #expect(store.working.head == EntryID(2))
    withExtendedLifetime(fixture) {}
  }

  static func person(_ name: String, _ phone: String) -> Person {
    Person(salt: Array(phone.utf8), particulars: [.name: name, .phone: phone])
  }
}
