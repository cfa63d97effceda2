// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite
import Testing

@Suite struct LogTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("a.db")
  }

  private func open(automaticCheckpoint: Int32 = 0) throws -> Connection {
    let connection = try Connection(
      path: path, mode: .create, automaticCheckpoint: automaticCheckpoint)
    try connection.execute(
      "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v)")
    return connection
  }

  private func append(_ count: Int, to connection: Connection) throws {
    let insert = try connection.prepare("INSERT INTO t(v) VALUES(zeroblob(3000))")
    for _ in 0..<count { try insert.run() }
  }

  private func size(_ suffix: String = "") throws -> Int {
    try #require(status(of: path + suffix)).size
  }

  @Test func `no commit checkpoints by itself`() throws {
    let connection = try open()
    let before = try size()
    try append(1200, to: connection)
    #expect(try size() == before)
    #expect(try size("-wal") > 1200 * 4096)
  }

  @Test func `commits checkpoint when that was asked for`() throws {
    let connection = try open(automaticCheckpoint: 10)
    try append(100, to: connection)
    #expect(try size() > 50 * 4096)
    #expect(try size("-wal") < 50 * 4096)
  }

  @Test(arguments: [Connection.CheckpointMode.passive, .full, .restart])
  func `a checkpoint copies the log and leaves its file to be written over`(
    mode: Connection.CheckpointMode
  ) throws {
    let connection = try open()
    try append(300, to: connection)
    let logSize = try size("-wal")
    let result = try connection.checkpoint(mode)
    #expect(result.logFrames > 300)
    #expect(result.checkpointed == result.logFrames)
    #expect(try size("-wal") == logSize)
    #expect(try size() > 300 * 3000)
    try append(100, to: connection)
    #expect(try size("-wal") == logSize)
    #expect(try connection.integer("SELECT count(*) FROM t") == 400)
  }

  @Test func `a checkpoint without a log answers minus one`() throws {
    let connection = try Connection(path: path, mode: .create)
    try connection.execute("CREATE TABLE t(a)")
    let result = try connection.checkpoint(.passive)
    #expect(result == (-1, -1))
  }

  @Test func `a statement in the middle of its rows holds the log until it is reset`() throws {
    let writer = try open()
    try append(3, to: writer)
    let reader = try Connection(path: path, mode: .readWrite)
    let rows = try reader.prepare("SELECT id FROM t")
    _ = try rows.step()
    try append(3, to: writer)
    let passive = try writer.checkpoint(.passive)
    #expect(passive.checkpointed < passive.logFrames)
    let error = #expect(throws: SQLiteError.self) { try writer.checkpoint(.restart) }
    #expect(error?.code == .busy)
    rows.reset()
    let restart = try writer.checkpoint(.restart)
    #expect(restart.checkpointed == restart.logFrames)
  }

  @Test(arguments: [true, false])
  func `closing leaves the log, which the next connection reads`(explicitly: Bool) throws {
    var connection: Connection? = try open()
    let before = try size()
    try append(5, to: try #require(connection))
    if explicitly { connection?.close() } else { connection = nil }
    #expect(try size() == before)
    #expect(try size("-wal") > 5 * 4096)
    let next = try Connection(path: path, mode: .readWrite)
    #expect(try next.integer("SELECT count(*) FROM t") == 5)
  }

  @Test func `closing rolls an open transaction back and frees its lock`() throws {
    let connection = try open()
    try append(1, to: connection)
    try connection.execute("BEGIN; DELETE FROM t")
    connection.close()
    let next = try open()
    #expect(try next.integer("SELECT count(*) FROM t") == 1)
    try append(1, to: next)
  }

  @Test func `the version changes with every commit, not by reading or copying the log`() throws {
    let (own, other) = (try open(), try open())
    try append(1, to: own)
    var last = own.dataVersion
    func begins(atVersion expected: UInt32?) throws -> UInt32 {
      try own.execute("BEGIN IMMEDIATE")
      defer { try? own.execute("ROLLBACK") }
      if let expected { #expect(own.dataVersion == expected) }
      return own.dataVersion
    }
    #expect(try begins(atVersion: last) == last)

    try append(1, to: other)
    let seen = try begins(atVersion: nil)
    #expect(seen != last)
    last = seen

    // Neither reading, nor what is dropped, nor copying the log is a commit.
    _ = try other.integer("SELECT count(*) FROM t")
    try other.execute("BEGIN IMMEDIATE; INSERT INTO t(v) VALUES(1); ROLLBACK")
    _ = try other.checkpoint(.restart)
    #expect(try begins(atVersion: last) == last)

    // The log is written from its beginning now.
    try append(1, to: other)
    #expect(try begins(atVersion: nil) != last)
    try append(1, to: own)
    last = own.dataVersion
    #expect(try begins(atVersion: last) == last)
    try append(1, to: other)
    try append(1, to: own)
    #expect(own.dataVersion != last)
  }
}
