// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Testing

@testable import SQLite

/// What the kernel is told to begin with while a log is copied, and what that must not disturb.
@Suite struct BegunWritesTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.file("sums.db") }

  init() throws { directory = try TemporaryDirectory() }

  private func connect(_ mode: Connection.Mode = .readWrite) throws -> Connection {
    let connection = try Connection(path: path, mode: mode, pageSums: true)
    connection.busyTimeout(milliseconds: 0)
    return connection
  }

  /// A database whose log holds so many pages of it.
  private func database(pages: Int) throws -> Connection {
    let connection = try connect(.create)
    try connection.execute("PRAGMA page_size = \(PageSums.pageSize)")
    try connection.execute("CREATE TABLE t (x INTEGER PRIMARY KEY, y BLOB) STRICT")
    try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    try connection.execute(
      """
      WITH n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < \(pages))
      INSERT INTO t SELECT x, zeroblob(900) FROM n
      """)
    return connection
  }

  /// How many descriptors of this process lead to the file.
  private func descriptors() throws -> Int {
    var wanted = stat()
    guard stat(path, &wanted) == 0 else { return 0 }
    var count = 0
    for descriptor in Int32(0)..<1024 {
      var found = stat()
      guard fstat(descriptor, &found) == 0 else { continue }
      if found.st_ino == wanted.st_ino, found.st_dev == wanted.st_dev { count += 1 }
    }
    return count
  }

  /// Whether this process holds a lock on the file.
  private func isLocked() throws -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let locks = try #require(fopen("/proc/locks", "r"))
    defer { fclose(locks) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), locks) != nil {
      let text = line.withUnsafeBufferPointer {
        String(decoding: $0.map { UInt8(bitPattern: $0) }.prefix { $0 != 0 }, as: UTF8.self)
      }
      if text.contains(":\(status.st_ino) ") { return true }
    }
    return false
  }

  @Test func `the kernel is told to begin while a long log is copied, and not for a short one`()
    throws
  {
    let connection = try database(pages: 3 * Int(BegunWrites.pagesAtOnce))
    let before = BegunWrites.timesBegun(path)
    let copied = try connection.checkpoint(.passive)
    #expect(copied.checkpointed > 3 * Int(BegunWrites.pagesAtOnce))
    let after = BegunWrites.timesBegun(path)
    #expect(after >= before + 3)
    try connection.execute("INSERT INTO t VALUES (-1, x'00')")
    _ = try connection.checkpoint(.passive)
    #expect(BegunWrites.timesBegun(path) == after)
    #expect(
      try connection.integer("SELECT count(*) FROM t") == 3 * Int64(BegunWrites.pagesAtOnce) + 1)
  }

  @Test
  func `a connection that ends lets go of no other's locks, and the last leaves nothing open`()
    throws
  {
    let first = try database(pages: 2 * Int(BegunWrites.pagesAtOnce))
    _ = try first.checkpoint(.passive)
    let second = try connect()
    try second.execute("BEGIN; SELECT count(*) FROM t")
    let open = try descriptors()
    #expect(open == 3, "two connections, and one to tell the kernel by")
    first.close()
    #expect(try isLocked())
    try second.execute("COMMIT")
    second.close()
    #expect(try descriptors() == 0)
    #expect(try !isLocked())
  }

  @Test func `what could not be opened is not counted`() throws {
    #expect(throws: SQLiteError.self) { try connect() }
    let connection = try database(pages: 2 * Int(BegunWrites.pagesAtOnce))
    _ = try connection.checkpoint(.passive)
    connection.close()
    #expect(try descriptors() == 0)
  }
}
