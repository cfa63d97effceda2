// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite
import Testing

/// A class may keep statements as plain properties.
private final class Shelf {
  let connection: Connection
  let insert: Statement
  let find: Statement

  init() throws {
    connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)")
    insert = try connection.prepare("INSERT INTO t VALUES(?1, ?2)")
    find = try connection.prepare("SELECT v FROM t WHERE id = ?1")
  }

  func put(_ id: Int64, _ blob: [UInt8]) throws(SQLiteError) {
    insert.bind(1, id)
    insert.bind(2, blob: blob)
    try insert.run()
  }

  func get(_ id: Int64) throws(SQLiteError) -> [UInt8]? {
    find.bind(1, id)
    guard try find.step() else { return nil }
    defer { find.reset() }
    return find.blob(0)
  }
}

@Suite struct StatementTests {
  private let shelf: Shelf

  init() throws {
    shelf = try Shelf()
  }

  @Test func `a statement is used again after its end, after a row and after an error`() throws {
    for id in Int64(1)...100 { try shelf.put(id, [UInt8(id)]) }
    for id in Int64(1)...100 { #expect(try shelf.get(id) == [UInt8(id)]) }
    #expect(try shelf.get(101) == nil)
    let error = #expect(throws: SQLiteError.self) { try shelf.put(5, [0]) }
    #expect(error?.code == .constraintPrimaryKey)
    try shelf.put(101, [1, 2])
    #expect(try shelf.get(101) == [1, 2])
    #expect(try shelf.connection.integer("SELECT count(*) FROM t") == 101)
  }

  @Test(arguments: [0, 1, 4096, 1 << 20])
  func `a blob comes back byte for byte, bound in each way`(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let insert = try shelf.connection.prepare("INSERT INTO t VALUES(?1, ?2)")
    insert.bind(1, 1)
    insert.bind(2, blob: bytes)
    try insert.run()
    insert.bind(1, 2)
    bytes.withUnsafeBytes { insert.bind(2, blob: $0) }
    try insert.run()
    insert.bind(1, 3)
    insert.bind(2, blob: bytes.span.bytes)
    try insert.run()
    insert.bind(1, 4)
    try insert.run(borrowing: bytes.span.bytes, at: 2)
    for id in Int64(1)...4 {
      shelf.find.bind(1, id)
      let hasRow = try shelf.find.step()
      #expect(hasRow)
      let isNull = shelf.find.isNull(0)
      #expect(!isNull)
      let lent = shelf.find.withBlob(0) { Array($0) }
      #expect(lent == bytes)
      #expect(shelf.find.blob(0) == bytes)
      shelf.find.reset()
    }
    #expect(try shelf.connection.integer("SELECT count(*) FROM t WHERE typeof(v)='blob'") == 4)
  }

  @Test func `a buffer without an address is an empty blob and not NULL`() throws {
    shelf.insert.bind(1, 1)
    shelf.insert.bind(2, blob: UnsafeRawBufferPointer(start: nil, count: 0))
    try shelf.insert.run()
    #expect(try shelf.connection.text("SELECT typeof(v) FROM t") == "blob")
  }

  @Test func `copied bytes are the statement's own and borrowed ones are let go`() throws {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 3, alignment: 1)
    defer { bytes.deallocate() }
    bytes.copyBytes(from: [1, 2, 3] as [UInt8])
    shelf.insert.bind(1, 1)
    shelf.insert.bind(2, blob: UnsafeRawBufferPointer(bytes))
    bytes.copyBytes(from: [9, 9, 9] as [UInt8])
    try shelf.insert.run()
    #expect(try shelf.get(1) == [1, 2, 3])
    shelf.insert.bind(1, 2)
    try shelf.insert.run(borrowing: bytes.bytes, at: 2)
    shelf.insert.bind(1, 3)
    try shelf.insert.run()
    #expect(try shelf.connection.text("SELECT typeof(v) FROM t WHERE id=3") == "null")
  }

  @Test func `borrowed bytes are let go also when the statement fails`() throws {
    let bytes: [UInt8] = [4, 5]
    try shelf.put(1, bytes)
    do {
      shelf.insert.bind(1, 1)
      try shelf.insert.run(borrowing: bytes.span.bytes, at: 2)
      Issue.record("the key exists")
    } catch {
      #expect(error.code == .constraintPrimaryKey)
    }
    shelf.insert.bind(1, 2)
    try shelf.insert.run()
    #expect(try shelf.connection.text("SELECT typeof(v) FROM t WHERE id=2") == "null")
  }

  @Test(arguments: ["", "Scrip", "储值卡 ½ 🎫", "a\0b", String(repeating: "长", count: 100_000)])
  func `text comes back as it was bound`(text: String) throws {
    let echo = try shelf.connection.prepare("SELECT ?1, typeof(?1)")
    echo.bind(1, text: text)
    _ = try echo.step()
    #expect(echo.text(0) == text)
    #expect(echo.text(1) == "text")
    let bytes = echo.withText(0) { Array($0) }
    #expect(bytes == Array(text.utf8))
  }

  @Test(arguments: [Int64.min, -1, 0, 1, 1_000_000_000_000, Int64.max])
  func `an integer comes back as it was bound`(value: Int64) throws {
    let echo = try shelf.connection.prepare("SELECT ?1")
    echo.bind(1, value)
    _ = try echo.step()
    #expect(echo.integer(0) == value)
  }

  @Test func `NULL is told apart and reads as nothing`() throws {
    let echo = try shelf.connection.prepare("SELECT ?1, 0, '', x''")
    echo.bind(1, 7)
    echo.bindNull(1)
    _ = try echo.step()
    for (column, expected) in [true, false, false, false].enumerated() {
      let isNull = echo.isNull(Int32(column))
      #expect(isNull == expected)
    }
    #expect(echo.integer(0) == 0)
    #expect(echo.text(0) == "")
    #expect(echo.blob(0) == [])
    let count = echo.withBlob(0) { $0.count }
    #expect(count == 0)
    #expect(try shelf.connection.integer("SELECT NULL") == nil)
    #expect(try shelf.connection.text("SELECT NULL") == nil)
    #expect(try shelf.connection.integer("SELECT 1 WHERE 0") == nil)
  }

  @Test func `a column of an unexpected type is converted and never traps`() throws {
    let row = try shelf.connection.prepare(
      "SELECT 'twelve', '12x', 1.9, x'ff41', 9e99, CAST(x'ff41' AS TEXT), 42")
    _ = try row.step()
    #expect((0..<7).map { row.integer($0) } == [0, 12, 1, 0, Int64.max, 0, 42])
    #expect(row.text(5) == "\u{FFFD}A")
    #expect(row.text(6) == "42")
    #expect(row.blob(6) == Array("42".utf8))
    let beyond = row.isNull(99)
    #expect(beyond)
    #expect(row.integer(99) == 0)
    #expect(row.blob(-1) == [])
  }

  @Test func `columns read as NULL before the first row and after the last`() throws {
    let row = try shelf.connection.prepare("SELECT 5")
    #expect(row.integer(0) == 0)
    _ = try row.step()
    #expect(row.integer(0) == 5)
    let hasSecond = try row.step()
    #expect(!hasSecond)
    #expect(row.integer(0) == 0)
  }

  @Test func `an error thrown by the reader of a blob passes through as it is`() throws {
    struct Unreadable: Error, Equatable {}
    let row = try shelf.connection.prepare("SELECT x'01'")
    _ = try row.step()
    do throws(Unreadable) {
      try row.withBlob(0) { (_) throws(Unreadable) in throw Unreadable() }
      Issue.record("the error was swallowed")
    } catch {
      #expect(error == Unreadable())
    }
  }

  @Test func `clearing lets go of every bound value and reset of none`() throws {
    let echo = try shelf.connection.prepare("SELECT ?1, ?2")
    echo.bind(1, 5)
    echo.bind(2, text: "x")
    _ = try echo.step()
    echo.reset()
    _ = try echo.step()
    #expect(echo.integer(0) == 5)
    echo.reset()
    echo.clearBindings()
    _ = try echo.step()
    let cleared = echo.isNull(0) && echo.isNull(1)
    #expect(cleared)
  }

  @Test func `a statement outlives its connection's close`() throws {
    let connection = try Connection(path: ":memory:", mode: .create)
    let statement = try connection.prepare("SELECT 3")
    connection.close()
    _ = try statement.step()
    #expect(statement.integer(0) == 3)
  }

  @Test func `binding a parameter that is not there traps`() async {
    await #expect(processExitsWith: .failure) {
      let connection = try Connection(path: ":memory:", mode: .create)
      try connection.prepare("SELECT ?1").bind(2, 1)
    }
  }

  @Test func `binding in the middle of the rows traps`() async {
    await #expect(processExitsWith: .failure) {
      let connection = try Connection(path: ":memory:", mode: .create)
      let statement = try connection.prepare("SELECT ?1")
      guard try statement.step() else { return }
      statement.bind(1, 1)
    }
  }
}
