// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Testing

@testable import SQLite

/// What a thread may do while the disk takes in a commit.
@Suite struct EarlyWritesTests {
  private let directory: TemporaryDirectory
  private let connection: Connection
  private var log: String { directory.file("early.db-wal") }

  init() throws {
    directory = try TemporaryDirectory()
    connection = try Connection(path: directory.file("early.db"), mode: .create, earlyWrites: true)
    try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    try connection.execute("CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT")
  }

  private func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : -1
  }

  private func rowsSeenByOthers() throws -> Int64? {
    try Connection(path: directory.file("early.db"), mode: .readOnly)
      .integer("SELECT count(*) FROM t")
  }

  /// How often something is done meanwhile.
  private func times(_ body: () throws(SQLiteError) -> Void) throws -> Int {
    var count = 0
    try EarlyWrites.using({ count += 1 }, during: body)
    return count
  }

  @Test func `it is done once, when the commit is in the log and nobody sees it yet`() throws {
    let before = size(log)
    var seen: [(bytes: Int, rows: Int64?)] = []
    let commits = { () throws(SQLiteError) in
      try connection.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (1); COMMIT")
      try connection.execute("INSERT INTO t VALUES (2)")
    }
    try EarlyWrites.using({ seen.append((size(log), try? rowsSeenByOthers())) }, during: commits)
    #expect(seen.count == 1)
    #expect(seen.first.map { $0.bytes > before } ?? false)
    #expect(seen.first?.rows == 0)
    #expect(try rowsSeenByOthers() == 2)
  }

  @Test func `nothing is done where nothing is committed, nor afterwards`() throws {
    let count = try times { () throws(SQLiteError) in
      _ = try connection.integer("SELECT count(*) FROM t")
      try connection.execute("BEGIN; INSERT INTO t VALUES (1); ROLLBACK")
    }
    #expect(count == 0)
    var late = 0
    try connection.execute("INSERT INTO t VALUES (3)")
    let refused = { () throws(SQLiteError) in try connection.execute("INSERT INTO t VALUES (3)") }
    #expect(throws: SQLiteError.self) { try EarlyWrites.using({ late += 1 }, during: refused) }
    try connection.execute("INSERT INTO t VALUES (4)")
    #expect(late == 0)
  }

  @Test func `a connection without it commits as ever`() throws {
    let plain = try Connection(path: directory.file("early.db"), mode: .readWrite)
    try plain.execute("PRAGMA synchronous = FULL")
    let count = try times { () throws(SQLiteError) in
      try plain.execute("INSERT INTO t VALUES (1)")
    }
    #expect(count == 0)
    #expect(try rowsSeenByOthers() == 1)
  }

  @Test func `another thread's commit does nothing of this one's`() throws {
    let path = directory.file("early.db")
    try connection.execute("INSERT INTO t VALUES (1)")
    let count = try times { () throws(SQLiteError) in
      var thread = pthread_t()
      let box = Unmanaged.passRetained(Path(path))
      pthread_create(
        &thread, nil,
        { argument in
          let path = argument.map { Unmanaged<Path>.fromOpaque($0).takeRetainedValue().text } ?? ""
          let other = try? Connection(path: path, mode: .readWrite, earlyWrites: true)
          try? other?.execute("PRAGMA synchronous = FULL; INSERT INTO t VALUES (2)")
          return nil
        }, box.toOpaque())
      pthread_join(thread, nil)
    }
    #expect(count == 0)
    #expect(try rowsSeenByOthers() == 2)
  }

  private final class Path: Sendable {
    let text: String

    init(_ text: String) { self.text = text }
  }
}
