// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Seeds
import Store
import Testing

@testable import StoreSQLite

/// The index of idempotency keys: sorted runs, merged by size, and a filter in front of them.
@Suite struct KeyRunTests {
  private let directory: TemporaryDirectory
  private let connection: Connection
  private let writer: StateWriter
  private let keys: KeyRunWriter
  private let reader: StateReader

  init() throws {
    directory = try TemporaryDirectory()
    connection = try Connection(path: directory.file("state.db"), mode: .create)
    try connection.execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
    try connection.execute(StateSchema.creation)
    writer = try StateWriter(connection)
    keys = try KeyRunWriter(connection)
    reader = try StateReader(connection)
  }

  private func add(_ items: [KeyRun.Item]) throws {
    try connection.execute("BEGIN")
    try keys.add(items)
    try connection.execute("COMMIT")
  }

  private func found(_ hash: UInt64) throws -> [Int64] {
    try reader.entries(keyHash: Int64(bitPattern: hash)).map(\.sequence)
  }

  private func runs() throws -> [KeyRun] {
    var runs: [KeyRun] = []
    let select = try connection.prepare("SELECT run, bits, count FROM key_runs ORDER BY run")
    while try select.step() {
      runs.append(
        KeyRun(number: select.integer(0), bits: select.integer(1), count: select.integer(2)))
    }
    return runs
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `whatever was added in whatever slices is found, and nothing else`(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    var due: [UInt64: Set<Int64>] = [:]
    var entry: Int64 = 0
    for _ in 0..<120 {
      var slice: [KeyRun.Item] = []
      for _ in 0..<[1, 3, 40, 300, 1500][random.below(5)] {
        entry += 1
        // Some hashes collide with ones that are there.
        let old = random.below(50) == 0 ? due.keys.first : nil
        let hash = old ?? random.next()
        slice.append(KeyRun.Item(hash: hash, entry: entry))
        due[hash, default: []].insert(entry)
      }
      try add(slice)
      for item in slice.prefix(5) {
        #expect(try found(item.hash) == due[item.hash]?.sorted())
      }
    }
    for (hash, entries) in due { #expect(try found(hash) == entries.sorted()) }
    for _ in 0..<2000 {
      let hash = random.next()
      #expect(try found(hash) == (due[hash] ?? []).sorted())
    }
    var all: [UInt64: Set<Int64>] = [:]
    try KeyRuns.forEach(connection) { all[$0.hash, default: []].insert($0.entry) }
    #expect(all == due)
    for rank in 0..<KeyRun.lastClass {
      #expect(try runs().filter { KeyRun.sizeClass(of: $0.count) == rank }.count < KeyRun.fanout)
    }
  }

  @Test func `equal slices become runs sixteen times as large, and take no more room`() throws {
    var random = SplitMix64(seed: 7)
    var entry: Int64 = 0
    for _ in 0..<48 {
      try add(
        (0..<512).map { _ in
          entry += 1
          return KeyRun.Item(hash: random.next(), entry: entry)
        })
    }
    #expect(try runs().map(\.count) == [8192, 8192, 8192])
    let rows = try connection.integer("SELECT count(*) FROM key_pages")
    #expect(rows == Int64(3 * 128))
    let items = try connection.integer("SELECT sum(length(items)) FROM key_pages")
    #expect(items == Int64(48 * 512 * 13))
  }

  @Test func `large runs are merged when a slice is small, and not while slices are full`() throws {
    var random = SplitMix64(seed: 17)
    func slice(_ count: Int) -> [KeyRun.Item] {
      (1...count).map { KeyRun.Item(hash: random.next(), entry: Int64($0)) }
    }
    for _ in 0..<17 { try add(slice(65_536)) }
    try add(slice(4096))
    #expect(try runs().count == 18)
    try add(slice(1))
    #expect(try runs().map(\.count) == [65_536, 4096, 1, 16 * 65_536])
    var count = 0
    try KeyRuns.forEach(connection) { _ in count += 1 }
    #expect(count == 17 * 65_536 + 4097)
  }

  @Test func `a hash is in the row that its first bits name, to the last of them`() throws {
    let edges: [UInt64] = [0, 1, .max, .max - 1, 1 << 63, 1 << 63 - 1, 0x0FFF << 52, 0x0F00 << 52]
    var random = SplitMix64(seed: 9)
    let others = (0..<5000).map { _ in random.next() }
    try add((edges + others).enumerated().map { KeyRun.Item(hash: $1, entry: Int64($0 + 1)) })
    for (index, edge) in edges.enumerated() { #expect(try found(edge) == [Int64(index + 1)]) }
    #expect(try runs().map(\.bits) == [7])
  }

  @Test(arguments: [
    "DELETE FROM key_pages WHERE place = (SELECT max(place) FROM key_pages)",
    "UPDATE key_pages SET place = place + 100 WHERE place = (SELECT max(place) FROM key_pages)",
    "UPDATE key_runs SET bits = bits - 1", "UPDATE key_runs SET bits = bits + 1",
    "UPDATE key_runs SET bits = -1", "UPDATE key_runs SET bits = 60",
    "UPDATE key_runs SET count = count - 1", "UPDATE key_runs SET run = run + 5",
    "DELETE FROM key_runs", "UPDATE key_pages SET items = x''",
    "UPDATE key_pages SET items = substr(items, 1, 20)",
    "UPDATE key_pages SET items = CAST(substr(items, 14) || substr(items, 1, 13) AS BLOB)",
    "INSERT INTO key_pages VALUES (1, x'')",
  ])
  func `an index in which a lookup could miss a key is damage to whoever reads all of it`(
    sql: String
  ) throws {
    var random = SplitMix64(seed: 11)
    try add((1...3000).map { KeyRun.Item(hash: random.next(), entry: Int64($0)) })
    try KeyRuns.forEach(connection) { _ in }
    try connection.execute(sql)
    #expect(throws: StoreError.self) { try KeyRuns.forEach(connection) { _ in } }
  }

  @Test func `runs of which something is missing are not merged`() throws {
    var random = SplitMix64(seed: 13)
    for slice in 0..<15 {
      try add((1...300).map { KeyRun.Item(hash: random.next(), entry: Int64(slice * 300 + $0)) })
    }
    try connection.execute("DELETE FROM key_pages WHERE place = 3 << 24")
    try connection.execute("BEGIN")
    let last = KeyRun.Item(hash: 1, entry: 9999)
    #expect(throws: SQLiteError.self) {
      try keys.add([last] + (1...299).map { KeyRun.Item(hash: random.next(), entry: $0) })
    }
  }

  @Test func `items that are not in their row are not merged`() throws {
    var random = SplitMix64(seed: 19)
    for slice in 0..<15 {
      try add((1...300).map { KeyRun.Item(hash: random.next(), entry: Int64(slice * 300 + $0)) })
    }
    try connection.execute(
      """
      UPDATE key_pages SET items = (SELECT items FROM key_pages WHERE place = (3 << 24) + 1)
      WHERE place = 3 << 24;
      UPDATE key_runs SET count = (SELECT sum(length(items)) / 13 FROM key_pages
        WHERE place >> 24 = 3) WHERE run = 3
      """)
    #expect(throws: SQLiteError.self) {
      try keys.add((1...300).map { KeyRun.Item(hash: random.next(), entry: $0) })
    }
  }

  @Test func `a missing row is damage to whoever looks a key up in it`() throws {
    try add([KeyRun.Item(hash: 5, entry: 1)])
    try connection.execute("DELETE FROM key_pages")
    #expect(throws: StoreError.self) { try found(5) }
  }
}

/// The filter that spares most lookups of keys.
@Suite struct KeyFilterTests {
  @Test func `a filter never denies what was inserted, and is seldom wrong otherwise`() {
    var random = SplitMix64(seed: 3)
    var filter = KeyFilter(for: 0)
    let inserted = (0..<65_536).map { _ in Int64(bitPattern: random.next()) }
    for hash in inserted { filter.insert(hash) }
    #expect(inserted.allSatisfy { filter.mayContain($0) })
    let wrong = (0..<100_000).count { _ in filter.mayContain(Int64(bitPattern: random.next())) }
    // Half full.
    #expect(wrong < 1000, "\(wrong)")
    for _ in 0..<70_000 { filter.insert(Int64(bitPattern: random.next())) }
    #expect(filter.isOverfull)
    #expect(inserted.allSatisfy { filter.mayContain($0) })
  }

  @Test func `keys used before, while and after a filter is made are all known`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    let id = try Shop.account(1)
    try Shop(store).group { shop in try shop.open(id, card: "a", key: "k0") }
    var used = 1
    var filtered = 0
    for _ in 0..<400 {
      try Shop(store).group { shop in
        for _ in 0..<3 {
          try shop.debit(id, 1, key: "k\(used)")
          used += 1
        }
      }
      store.maintain()
      for back in stride(from: 0, to: used, by: 37) {
        #expect(try Content.standing(store.working, "k\(back)") == "used by \(back + 2)")
        #expect(try Content.standing(store.working, "absent \(back)") == "unused")
      }
      if store.working.hasAids { filtered += 1 }
    }
    #expect(filtered > 100, "the filter never came")
    store.foldAll()
    for number in 0..<used {
      #expect(try Content.standing(store.working, "k\(number)") == "used by \(number + 2)")
    }
  }

  @Test func `a filter does not hide what another process has folded`() throws {
    let fixture = try Fixture()
    let mine = try fixture.open()
    let id = try Shop.account(1)
    try Shop(mine).group { shop in try shop.open(id, card: "a", key: "k0") }
    let other = try fixture.open()
    var used = 1
    for round in 0..<120 {
      let store = round.isMultiple(of: 2) ? mine : other
      try Shop(store).group { shop in
        for _ in 0..<9 {
          try shop.debit(id, 1, key: "k\(used)")
          used += 1
        }
      }
      for store in [mine, other] { store.maintain() }
      if round.isMultiple(of: 7) { mine.isStale = true }
      for store in [mine, other] {
        try store.begin(writing: false)
        for back in stride(from: used % 11, to: used, by: 11) {
          #expect(try Content.standing(store.working, "k\(back)") == "used by \(back + 2)")
        }
        try store.end()
      }
    }
    #expect(other.working.hasAids)
  }
}
