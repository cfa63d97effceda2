// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite
import Glibc

/// One prepared statement, finalised when it goes out of scope.
///
/// Bind, `step` until it is false (or `run`), bind again. No method mutates in Swift's sense, so
/// that a class may keep statements as `let`. It belongs to its connection's thread.
///
/// Binding traps on what can only be a bug: a parameter the SQL does not have, a statement in the
/// middle of its rows, more than SQLite's limit of bytes (1,000,000,000 unless lowered). Reading
/// never traps, whatever a damaged row holds.
@safe
package struct Statement: ~Copyable {
  let handle: OpaquePointer

  /// Takes over the handle, which nobody else may finalise.
  @unsafe
  init(_ handle: OpaquePointer) {
    unsafe self.handle = handle
  }

  deinit {
    unsafe sqlite3_finalize(handle)
  }

  /// Goes to the next row: true when there is one, false at the end.
  ///
  /// At the end, and when it throws, the statement is reset by itself and may be bound again. A
  /// statement left in the middle of its rows holds its read snapshot, and with it the log, until
  /// `reset`: call that after a query of one row.
  ///
  /// Outside a transaction a write is committed when this returns false. When it throws, the
  /// statement changed nothing, with one exception: a commit that throws `.ioerr` may still be
  /// found done after a crash. `Connection.isInTransaction` tells what became of a transaction.
  package borrowing func step() throws(SQLiteError) -> Bool {
    errno = 0
    let code = unsafe sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE {
      unsafe sqlite3_reset(handle)
      return false
    }
    throw failure(code)
  }

  /// Steps to the end, passing over rows if there are any.
  package borrowing func run() throws(SQLiteError) {
    while try step() {}
  }

  /// Goes back to before the first row; bound values stay.
  ///
  /// For queries. A write with RETURNING outside a transaction is run to its end instead, because
  /// a reset in the middle commits it and has no way to say that this failed.
  package borrowing func reset() {
    // The answer repeats the error that `step` has already thrown.
    unsafe sqlite3_reset(handle)
  }

  /// Binds `bytes` to `index` without copying, runs to the end, and binds NULL in their place.
  ///
  /// The other parameters are bound before. The bytes are read only inside the call.
  package borrowing func run(
    borrowing bytes: borrowing RawSpan, at index: Int32
  ) throws(SQLiteError) {
    let error: SQLiteError? = unsafe bytes.withUnsafeBytes { bytes in
      unsafe bind(index, borrowed: bytes)
      do throws(SQLiteError) {
        try run()
        return nil
      } catch {
        return error
      }
    }
    bindNull(index)
    if let error { throw error }
  }

  private borrowing func failure(_ code: Int32) -> SQLiteError {
    let connection = unsafe sqlite3_db_handle(handle)
    let sql = unsafe sqlite3_sql(handle).map { unsafe String(cString: $0) } ?? ""
    let valuesBound = unsafe sqlite3_bind_parameter_count(handle) > 0
    let error = unsafe SQLiteError(
      code, on: connection, operation: sql, valuesBound: valuesBound)
    unsafe sqlite3_reset(handle)
    return error
  }
}
