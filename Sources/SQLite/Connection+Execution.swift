// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite
import Glibc

extension Connection {
  /// Prepares one statement for use again and again.
  ///
  /// The text must hold exactly one statement, else `.misuse` is thrown; SQL errors are `.error`.
  /// The statement may outlive the connection: SQLite then keeps its files open until both go.
  package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    try prepare(sql, flags: UInt32(SQLITE_PREPARE_PERSISTENT))
  }

  /// Runs one or more statements to their ends and ignores their rows.
  ///
  /// Statements before a failing one stay done; a transaction opened in the text stays open.
  /// The text appears in errors, so values do not belong in it.
  package func execute(_ sql: String) throws(SQLiteError) {
    let handle = unsafe handle
    errno = 0
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else {
      throw unsafe SQLiteError(code, on: handle, operation: sql, valuesBound: false)
    }
  }

  /// The first column of the first row; nil when there is no row or it holds NULL.
  ///
  /// For pragmas and counts. Anything but an integer is converted as SQLite's CAST does.
  package func integer(_ sql: String) throws(SQLiteError) -> Int64? {
    let statement = try prepare(sql, flags: 0)
    guard try statement.step(), !statement.isNull(0) else { return nil }
    return statement.integer(0)
  }

  /// The first column of the first row as text; nil when there is no row or it holds NULL.
  package func text(_ sql: String) throws(SQLiteError) -> String? {
    let statement = try prepare(sql, flags: 0)
    guard try statement.step(), !statement.isNull(0) else { return nil }
    return statement.text(0)
  }

  /// Copies the log's frames into the database file; the log keeps its size and is written over.
  ///
  /// Answers how many frames the log holds and how many of them are now copied, both -1 when the
  /// database has no log. Call it under the writers' lock only. Throws `.busy` when another
  /// checkpoint runs or, beyond `passive`, when a writer or reader did not give way in time.
  package func checkpoint(
    _ mode: CheckpointMode
  ) throws(SQLiteError) -> (logFrames: Int, checkpointed: Int) {
    let handle = unsafe handle
    let flag =
      switch mode {
      case .passive: SQLITE_CHECKPOINT_PASSIVE
      case .truncate: SQLITE_CHECKPOINT_TRUNCATE
      case .full: SQLITE_CHECKPOINT_FULL
      case .restart: SQLITE_CHECKPOINT_RESTART
      }
    var logFrames: Int32 = -1
    var checkpointed: Int32 = -1
    errno = 0
    let code = unsafe sqlite3_wal_checkpoint_v2(
      handle, "main", flag, &logFrames, &checkpointed)
    guard code == SQLITE_OK else {
      throw unsafe SQLiteError(code, on: handle, operation: "checkpoint", valuesBound: false)
    }
    return (Int(logFrames), Int(checkpointed))
  }

  /// How many frames of the log this and every other connection believes; 0 when there is no log.
  ///
  /// Something must have been read before. The index of the log is asked, through the file that
  /// SQLite has open: opening it anew and closing that would drop the locks this process has on it.
  package var logFrames: Int {
    var found: UnsafeMutablePointer<sqlite3_file>?
    let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &found)
    guard code == SQLITE_OK, let file = unsafe found, let methods = unsafe file.pointee.pMethods,
      unsafe methods.pointee.iVersion >= 2, let map = unsafe methods.pointee.xShmMap
    else { return 0 }
    var region: UnsafeMutableRawPointer?
    // The first region and where the count stands in it: https://sqlite.org/walformat.html, 2.1.
    guard unsafe map(file, 0, 32_768, 0, &region) == SQLITE_OK, let index = unsafe region else {
      return 0
    }
    return unsafe Int(index.load(fromByteOffset: 16, as: UInt32.self))
  }

  /// A number that changes with every commit to the database, this connection's or another's.
  ///
  /// Equal numbers of two moments, each within a transaction or right after a commit, say that
  /// nothing was committed in between; the same look at the log tells SQLite whether the pages it
  /// has in memory are still good (https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html).
  package var dataVersion: UInt32 {
    var version: UInt32 = 0
    let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_DATA_VERSION, &version)
    precondition(code == SQLITE_OK, "SQLite counts the versions of a database")
    return version
  }

  /// How long a call waits for another connection's lock before it fails with `.busy`.
  ///
  /// At first, and at 0, it does not wait. It sleeps and polls, so a short wait costs up to
  /// milliseconds; writers that take turns should meet at a `FileLock` instead.
  package func busyTimeout(milliseconds: Int32) {
    let code = unsafe sqlite3_busy_timeout(handle, milliseconds)
    precondition(code == SQLITE_OK, "sqlite3_busy_timeout cannot fail on an open connection")
  }

  /// The rows that the last INSERT, UPDATE or DELETE changed, triggers' changes left out.
  package var changes: Int {
    unsafe Int(sqlite3_changes64(handle))
  }

  /// Whether a BEGIN still waits for its COMMIT or ROLLBACK.
  ///
  /// Some errors (disk full, I/O, no memory) roll the transaction back by themselves: look here
  /// before a ROLLBACK.
  package var isInTransaction: Bool {
    unsafe sqlite3_get_autocommit(handle) == 0
  }

  private func prepare(_ sql: String, flags: UInt32) throws(SQLiteError) -> Statement {
    let connection = unsafe handle
    var statement: OpaquePointer?
    var code = SQLITE_OK
    var hasMore = false
    var text = sql
    text.withUTF8 { bytes in
      guard let start = bytes.baseAddress, bytes.count <= Int(Int32.max) else {
        code = bytes.isEmpty ? SQLITE_OK : SQLITE_TOOBIG
        return
      }
      var tail: UnsafePointer<CChar>?
      unsafe start.withMemoryRebound(to: CChar.self, capacity: bytes.count) { start in
        errno = 0
        code = unsafe sqlite3_prepare_v3(
          connection, start, Int32(bytes.count), flags, &statement, &tail)
        if let tail = unsafe tail {
          hasMore = unsafe bytes[(tail - start)...].contains { !Self.isBlank($0) }
        }
      }
    }
    guard code == SQLITE_OK else {
      throw unsafe SQLiteError(code, on: connection, operation: sql, valuesBound: false)
    }
    guard let prepared = unsafe statement, !hasMore else {
      unsafe sqlite3_finalize(statement)
      throw SQLiteError(code: .misuse, operation: sql, detail: "not exactly one statement")
    }
    return unsafe Statement(prepared)
  }

  /// What may follow the statement's semicolon.
  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }
}
