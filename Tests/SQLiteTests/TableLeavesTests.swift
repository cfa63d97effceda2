// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Seeds
import Testing

@testable import SQLite

/// The way to a row past its tree: it finds what SQL finds, or nothing.
@Suite struct TableLeavesTests {
  /// A table with rows of all sizes under ids all over, in a file whose log is copied.
  private final class Table {
    let directory: TemporaryDirectory
    let connection: Connection
    var dice: SplitMix64
    private(set) var rows: [Int64: (first: [UInt8], second: [UInt8]?)] = [:]

    var path: String { directory.path + "/leaves.db" }

    init(rows count: Int, seed: UInt64 = 65) throws {
      dice = SplitMix64(seed: seed)
      directory = try TemporaryDirectory()
      connection = try Connection(
        path: directory.path + "/leaves.db", mode: .create, pageSums: true)
      try connection.execute(
        """
        PRAGMA page_size = 1024; PRAGMA journal_mode = WAL;
        CREATE TABLE things (id INTEGER PRIMARY KEY, due INTEGER, first BLOB NOT NULL, n, second);
        """)
      try write((0..<count).map { _ in Int64.random(in: .min ... .max, using: &dice) })
      try copyLog()
    }

    /// Puts new things under these ids.
    func write(_ ids: [Int64]) throws {
      let statement = try connection.prepare("INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?)")
      try connection.execute("BEGIN")
      for id in ids {
        let first = bytes(.random(in: 0...300, using: &dice))
        let second = Bool.random(using: &dice) ? bytes(.random(in: 0...900, using: &dice)) : nil
        statement.bind(1, id)
        statement.bind(2, Int64.random(in: .min ... .max, using: &dice) >> (id & 63))
        statement.bind(3, blob: first)
        if id % 2 == 0 { statement.bindNull(4) } else { statement.bind(4, text: "abc") }
        if let second { statement.bind(5, blob: second) } else { statement.bindNull(5) }
        try statement.run()
        rows[id] = (first, second)
      }
      try connection.execute("COMMIT")
    }

    func copyLog() throws {
      let (frames, copied) = try connection.checkpoint(.passive)
      #expect(frames == copied)
    }

    private func bytes(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in .random(in: 0...255, using: &dice) }
    }

    /// Looks for all rows but `others`, and answers how many were found; each must be as it is.
    func find(by leaves: TableLeaves, but others: Set<Int64> = []) -> Int {
      var reader = PageReader(connection)
      var found = 0
      for (id, row) in rows where !others.contains(id) {
        guard let columns = reader.blobs(of: id, 2, 4, by: leaves) else { continue }
        found += 1
        #expect(columns.first == row.first && columns.second == row.second, "row \(id)")
      }
      return found
    }

    /// How many rows stand on one page as a whole.
    var smallRows: Int { rows.values.count { $0.first.count + ($0.second?.count ?? 0) < 930 } }
  }

  /// `SCRIP_SEED` repeats a run.
  private static let seed =
    getenv("SCRIP_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 1...999_999_999)

  @Test(arguments: [1, 3, 200, 6000])
  func `all rows on one page are found as they are`(count: Int) throws {
    let table = try Table(rows: count)
    let leaves = try #require(try TableLeaves(of: "things", in: table.connection))
    #expect(table.find(by: leaves) >= table.smallRows)
    var reader = PageReader(table.connection)
    for _ in 0..<100 {
      let id = Int64.random(in: .min ... .max, using: &table.dice)
      #expect(table.rows[id] != nil || reader.blobs(of: id, 2, 4, by: leaves) == nil)
    }
  }

  @Test func `rows that have not changed are found as they are, or not, whatever has`() throws {
    print("seed of changed rows: \(Self.seed) (repeat with SCRIP_SEED=\(Self.seed))")
    let table = try Table(rows: 3000, seed: Self.seed)
    let leaves = try #require(try TableLeaves(of: "things", in: table.connection))
    var changed: Set<Int64> = []
    for _ in 0..<20 {
      // Some grow, some shrink, some are new: pages are divided, joined and used for others.
      let old = Array(table.rows.keys.sorted().shuffled(using: &table.dice).prefix(100))
      let new = (0..<50).map { _ in Int64.random(in: .min ... .max, using: &table.dice) }
      try table.write(old + new)
      changed.formUnion(old + new)
      try table.copyLog()
      #expect(table.find(by: leaves, but: changed) > 0)
    }
    #expect(changed.count > 1000)
  }

  @Test func `a page that is not whole is not read`() throws {
    let table = try Table(rows: 200)
    let leaves = try #require(try TableLeaves(of: "things", in: table.connection))
    let all = table.find(by: leaves)
    let id = try #require(table.rows.keys.first { table.rows[$0]?.second == nil })
    let page = try #require(leaves.page(of: id))
    let file = open(table.path, O_RDWR)
    defer { close(file) }
    var byte: UInt8 = 0
    let place = off_t(page - 1) * 1024 + 700
    #expect(pread(file, &byte, 1, place) == 1)
    byte ^= 4
    #expect(pwrite(file, &byte, 1, place) == 1)
    var reader = PageReader(table.connection)
    #expect(reader.blobs(of: id, 2, 4, by: leaves) == nil)
    #expect(table.find(by: leaves) < all)
  }

  @Test func `another column than a blob, and one that is not there, are not found`() throws {
    let table = try Table(rows: 50)
    let leaves = try #require(try TableLeaves(of: "things", in: table.connection))
    var reader = PageReader(table.connection)
    let odd = try #require(
      table.rows.first { $0.key % 2 != 0 && $0.value.second?.count ?? 0 < 600 }?.key)
    #expect(reader.blobs(of: odd, 2, 4, by: leaves) != nil)
    #expect(reader.blobs(of: odd, 2, 3, by: leaves) == nil)
    #expect(reader.blobs(of: odd, 2, 5, by: leaves) == nil)
  }

  @Test func `there is no way to a table that is none`() throws {
    let table = try Table(rows: 5)
    try table.connection.execute(
      "CREATE TABLE other (id TEXT PRIMARY KEY) WITHOUT ROWID; CREATE INDEX i ON things (due)")
    try table.copyLog()
    for name in ["nothing", "other", "i"] {
      #expect(try TableLeaves(of: name, in: table.connection) == nil, "\(name)")
    }
  }

  /// The sums are against accidents only: pages that were made up must do no harm either.
  @Test func `no page whatever makes the reader stumble`() throws {
    print("seed of made-up pages: \(Self.seed) (repeat with SCRIP_SEED=\(Self.seed))")
    var dice = SplitMix64(seed: Self.seed)
    var found = 0
    for number in 0..<20_000 {
      var page = (0..<1024).map { _ in UInt8.random(in: 0...255, using: &dice) }
      page[0] = number % 2 == 0 ? 13 : 5
      // Few cells, near each other, so that something is found now and then.
      page[3] = 0
      for place in 8..<64 where place % 2 == 0 {
        page[place] = UInt8.random(in: 0...3, using: &dice)
      }
      _ = TreePage.forEachChild(of: page.span, bound: .max) { _, _ in true }
      for row in [0, 1, -1, Int64.random(in: .min ... .max, using: &dice), Int64(page[900])] {
        guard let record = TreePage.record(of: row, in: page.span) else { continue }
        for column in 0..<6 where TreePage.column(column, of: record, in: page.span) != nil {
          found += 1
        }
      }
    }
    print("\(found) columns found in made-up pages")
  }
}
