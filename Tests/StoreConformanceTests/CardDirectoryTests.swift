// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Seeds
import Store
import Testing

@testable import StoreSQLite

/// What spares a working set the search for whose card a number is.
@Suite struct CardDirectoryTests {
  private func id(_ value: Int) throws -> AccountID { try Shop.account(UInt64(value)) }

  @Test func `a directory finds what was noted last of each card that had room`() throws {
    var random = SplitMix64(seed: 5)
    var directory = CardDirectory(for: 6_000)
    #expect(directory.find(7) == nil)
    var noted: [UInt64: AccountID] = [:]
    for number in 1...11_000 {
      // Every third hash shares its place with the one before, every fifth is noted again.
      let hash =
        number.isMultiple(of: 3) ? (noted.keys.first ?? 0) ^ random.next() >> 24 : random.next()
      try directory.note(id(number), for: hash)
      noted[hash] = try id(number)
      if number.isMultiple(of: 5) {
        try directory.note(id(number + 1 << 40), for: hash)
        noted[hash] = try id(number + 1 << 40)
      }
    }
    let found = noted.count { directory.find($0) == $1 }
    let others = noted.count { directory.find($0) != nil && directory.find($0) != $1 }
    #expect(found > 8_500, "\(found)")
    // Two hashes of one tag in one search: a hint may be wrong, but seldom is.
    #expect(others < 5, "\(others)")
    #expect(directory.isFull)
  }

  @Test func `a directory without room goes on finding what it has, and takes news of it`() throws {
    var random = SplitMix64(seed: 6)
    var directory = CardDirectory()
    #expect(directory.find(1) == nil && !directory.isFull)
    var hashes: [UInt64] = []
    while !directory.isFull {
      hashes.append(random.next())
      try directory.note(id(hashes.count), for: hashes[hashes.count - 1])
    }
    for _ in 0..<1000 { try directory.note(id(1), for: random.next()) }
    for (index, hash) in hashes.enumerated() {
      let account = try id(index + 1)
      #expect(directory.find(hash) == account)
    }
    try directory.note(id(99), for: hashes[0])
    let last = try id(99)
    #expect(directory.find(hashes[0]) == last)
  }

  @Test func `a card that was replaced leads nowhere, and the new one to its account`() throws {
    let fixture = try Fixture()
    let mine = try fixture.open()
    let other = try fixture.open()
    try Shop(mine).group { shop in
      for number in 1...40 {
        try shop.open(id(number), card: "old-\(number)", key: "o\(number)")
      }
    }
    try makeAids(mine)
    for number in 1...40 where number.isMultiple(of: 2) {
      let store = number.isMultiple(of: 4) ? mine : other
      try Shop(store).group { shop in
        try shop.replaceCard(id(number), "new-\(number)", key: "r\(number)")
      }
    }
    for round in 0..<2 {
      for store in [mine, other] {
        try store.begin(writing: false)
        for number in 1...40 {
          let account = CardStanding.names(try id(number))
          let old = try store.working.card(try Shop.card("old-\(number)"))
          let new = try store.working.card(try Shop.card("new-\(number)"))
          if number.isMultiple(of: 2) {
            #expect(old == .retired && new == account, "\(number), \(round)")
          } else {
            #expect(old == account && new == .unknown, "\(number), \(round)")
          }
        }
        try store.end()
        store.foldAll()
      }
    }
  }

  @Test func `a directory that is full is made anew, once for as many cards again`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    for number in 1...1600 {
      try Shop(store).group { shop in
        try shop.open(id(number), card: "c-\(number)")
        _ = try shop.working.standing(of: try Shop.key("absent-\(number)"))
      }
      store.maintain()
      #expect(!store.working.wantsAids, "asked for and not on their way: \(number)")
      if number.isMultiple(of: 100) { store.foldAll() }
    }
    #expect(store.working.hasAids)
    // For the filter of keys; at 768 cards; and not again before half as many more.
    #expect((2...4).contains(store.upkeep.aidsNumber), "\(store.upkeep.aidsNumber)")
  }

  /// Looks keys up until the store has made aids for lookups.
  private func makeAids(_ store: SQLiteStore) throws {
    for number in 0..<4000 where !store.working.hasAids {
      try Shop(store).group { shop in
        _ = try shop.working.standing(of: try Shop.key("absent-\(number)"))
      }
      store.maintain()
      usleep(500)
    }
    #expect(store.working.hasAids)
  }
}
