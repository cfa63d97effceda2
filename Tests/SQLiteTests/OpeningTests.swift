// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite
import Testing

@Suite struct OpeningTests {
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  @Test func `a new database is readable by its owner only, and so is its log`() throws {
    let path = directory.file("a.db")
    let connection = try Connection(path: path, mode: .create)
    try connection.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(a)")
    #expect(status(of: path)?.mode == 0o600)
    #expect(status(of: path + "-wal")?.mode == 0o600)
    #expect(status(of: path + "-shm")?.mode == 0o600)
  }

  @Test func `a missing directory is named by code, path and errno`() throws {
    let path = directory.file("none/a.db")
    let error = #expect(throws: SQLiteError.self) {
      try Connection(path: path, mode: .create)
    }
    #expect(error?.code == .cantOpen)
    #expect(error?.systemErrno == ENOENT)
    #expect(error?.operation == "open " + path)
    #expect(error?.description.contains("No such file or directory") == true)
  }

  @Test(arguments: [Connection.Mode.readOnly, .readWrite])
  func `a missing file is made in create mode only`(mode: Connection.Mode) throws {
    let path = directory.file("a.db")
    let error = #expect(throws: SQLiteError.self) { try Connection(path: path, mode: mode) }
    #expect(error?.code.primary == .cantOpen)
    #expect(status(of: path) == nil)
  }

  @Test func `a file that is no database is found out by the first statement`() throws {
    let path = directory.file("a.db")
    try write([UInt8](repeating: 0x41, count: 4096), to: path)
    let connection = try Connection(path: path, mode: .readWrite)
    let error = #expect(throws: SQLiteError.self) {
      try connection.integer("PRAGMA schema_version")
    }
    #expect(error?.code == .notADatabase)
  }

  @Test func `a damaged page is reported as corruption`() throws {
    let path = directory.file("a.db")
    let made = try Connection(path: path, mode: .create)
    try made.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
    made.close()
    let descriptor = open(path, O_RDWR)
    let garbage = [UInt8](repeating: 0xee, count: 4096)
    #expect(pwrite(descriptor, garbage, 4096, 4096) == 4096)
    close(descriptor)
    let connection = try Connection(path: path, mode: .readWrite)
    let error = #expect(throws: SQLiteError.self) { try connection.integer("SELECT a FROM t") }
    #expect(error?.code.primary == .corrupt)
  }

  @Test func `a read-only connection refuses to write`() throws {
    let path = directory.file("a.db")
    try Connection(path: path, mode: .create).execute("CREATE TABLE t(a)")
    let connection = try Connection(path: path, mode: .readOnly)
    let error = #expect(throws: SQLiteError.self) {
      try connection.execute("INSERT INTO t VALUES(1)")
    }
    #expect(error?.code == .readonly)
  }

  @Test func `a file that cannot be written is not opened for writing`() throws {
    // The system lets nobody, not even root, open a running program for writing.
    let error = #expect(throws: SQLiteError.self) {
      try Connection(path: "/proc/self/exe", mode: .readWrite)
    }
    #expect(error?.code == .readonly)
  }

  @Test func `a path is never read as a URI`() throws {
    let name = "scrip-uri-\(getpid()).db?mode=memory"
    defer { unlink("./file:" + name) }
    let connection = try Connection(path: "file:" + name, mode: .create)
    try connection.execute("CREATE TABLE t(a)")
    #expect(try #require(status(of: "./file:" + name)).size > 0)
  }

  @Test func `a path with a NUL in it is refused`() throws {
    let error = #expect(throws: SQLiteError.self) {
      try Connection(path: directory.file("a.db\0b"), mode: .create)
    }
    #expect(error?.code == .cantOpen)
    #expect(status(of: directory.file("a.db")) == nil)
  }

  @Test func `a database in memory leaves no file`() throws {
    let connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute("CREATE TABLE t(a)")
    #expect(status(of: ":memory:") == nil)
  }

  @Test func `a misspelt column in double quotes is an error and not a string`() throws {
    let connection = try Connection(path: ":memory:", mode: .create)
    let error = #expect(throws: SQLiteError.self) { try connection.text(#"SELECT "balanse""#) }
    #expect(error?.code == .error)
  }

  @Test func `the schema table cannot be written behind SQLite's back`() throws {
    let connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute("CREATE TABLE t(a); PRAGMA writable_schema=ON")
    #expect(throws: SQLiteError.self) {
      try connection.execute("DELETE FROM sqlite_schema")
    }
  }

  @Test func `the library's version is told as text and as a number`() throws {
    let parts = Connection.libraryVersion.split(separator: ".").compactMap { Int32($0) }
    try #require(parts.count >= 3)
    let number = parts[0] * 1_000_000 + parts[1] * 1000 + parts[2]
    #expect(Connection.libraryVersionNumber == number)
  }

  @Test func `a closed connection may be closed again`() throws {
    let connection = try Connection(path: ":memory:", mode: .create)
    connection.close()
    connection.close()
  }

  @Test func `using a closed connection traps`() async {
    await #expect(processExitsWith: .failure) {
      let connection = try Connection(path: ":memory:", mode: .create)
      connection.close()
      try connection.execute("SELECT 1")
    }
  }
}
