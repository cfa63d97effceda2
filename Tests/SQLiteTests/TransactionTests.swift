// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite
import Testing

@Suite struct TransactionTests {
  let directory: TemporaryDirectory
  let path: String
  let first: Connection

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("a.db")
    first = try Connection(path: path, mode: .create)
    try first.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, v)")
  }

  @Test func `a second writer is busy until the first commits`() throws {
    let second = try Connection(path: path, mode: .readWrite)
    try first.execute("BEGIN IMMEDIATE")
    let error = #expect(throws: SQLiteError.self) { try second.execute("BEGIN IMMEDIATE") }
    #expect(error?.code == .busy)
    try first.execute("COMMIT")
    try second.execute("BEGIN IMMEDIATE; COMMIT")
  }

  @Test func `a busy timeout is waited out before the failure`() throws {
    let second = try Connection(path: path, mode: .readWrite)
    try first.execute("BEGIN IMMEDIATE")
    second.busyTimeout(milliseconds: 120)
    let started = ContinuousClock.now
    let error = #expect(throws: SQLiteError.self) { try second.execute("BEGIN IMMEDIATE") }
    #expect(error?.code == .busy)
    #expect(ContinuousClock.now - started >= .milliseconds(100))
  }

  @Test func `a reader whose snapshot is old cannot become a writer`() throws {
    let second = try Connection(path: path, mode: .readWrite)
    try second.execute("BEGIN; SELECT count(*) FROM t")
    try first.execute("INSERT INTO t VALUES(1, NULL)")
    let error = #expect(throws: SQLiteError.self) {
      try second.execute("INSERT INTO t VALUES(2, NULL)")
    }
    #expect(error?.code == .busySnapshot)
  }

  @Test func `a transaction is open from BEGIN to its end`() throws {
    #expect(!first.isInTransaction)
    try first.execute("BEGIN")
    #expect(first.isInTransaction)
    try first.execute("COMMIT")
    #expect(!first.isInTransaction)
    try first.execute("BEGIN; INSERT INTO t VALUES(1, NULL); ROLLBACK")
    #expect(!first.isInTransaction)
    #expect(try first.integer("SELECT count(*) FROM t") == 0)
  }

  @Test func `the statements before a failing one stay done`() throws {
    #expect(throws: SQLiteError.self) {
      try first.execute(
        "BEGIN; INSERT INTO t VALUES(1, 0); INSERT INTO t VALUES(1, 0); INSERT INTO t VALUES(2, 0)")
    }
    #expect(first.isInTransaction)
    #expect(try first.integer("SELECT count(*) FROM t") == 1)
  }

  @Test func `changed rows are counted`() throws {
    try first.execute("INSERT INTO t VALUES(1, 0), (2, 0), (3, 0)")
    #expect(first.changes == 3)
    try first.execute("UPDATE t SET v = 1 WHERE id > 1")
    #expect(first.changes == 2)
    try first.execute("DELETE FROM t WHERE id = 9")
    #expect(first.changes == 0)
  }

  @Test func `the log and full synchronisation are set and the log stays set`() throws {
    #expect(try first.text("PRAGMA journal_mode") == "wal")
    try first.execute("PRAGMA synchronous=FULL")
    #expect(try first.integer("PRAGMA synchronous") == 2)
    first.close()
    let second = try Connection(path: path, mode: .readWrite)
    #expect(try second.text("PRAGMA journal_mode") == "wal")
    try second.execute("PRAGMA synchronous=FULL; INSERT INTO t VALUES(1, 0)")
    #expect(try second.integer("PRAGMA synchronous") == 2)
  }
}
