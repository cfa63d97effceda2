// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite
import Glibc
import Synchronization

/// A failed SQLite call.
///
/// No bound value ever stands in it: `operation` is the SQL with its `?` left as they are, and
/// SQLite's own message is taken over only where it can name nothing but the schema.
package struct SQLiteError: Error, Hashable, Sendable {
  /// What SQLite answered, extended.
  package let code: ResultCode
  /// The SQL text as it was prepared, or what was done: `open <path>`, `checkpoint`.
  package let operation: String
  /// SQLite's message where it is safe to show, else its fixed text for the code.
  package let detail: String
  /// For I/O and open errors, `errno` of the last system call that failed inside; else 0.
  package let systemErrno: Int32

  /// Makes an error that did not come from a connection, such as a path SQLite cannot take, or
  /// rows that cannot be what was written.
  package init(code: ResultCode, operation: String, detail: String, systemErrno: Int32 = 0) {
    self.code = code
    self.operation = operation
    self.detail = detail
    self.systemErrno = systemErrno
  }

  /// Reads the connection's last error; call it before anything else touches the connection, or
  /// `errno`, which must have been set to 0 before the failed call.
  ///
  /// `sqlite3_system_errno` does not serve: SQLite 3.40 leaves it as it was when a write or sync
  /// fails during COMMIT, so that it says nothing, or tells of an older failure.
  ///
  /// `valuesBound` says that bound values may have taken part. SQLite's message can then quote one
  /// (a JSON path, a MATCH query, a trigger's RAISE expression), so it is kept only for those
  /// constraints whose message is made of table, column and constraint names.
  init(_ code: Int32, on handle: OpaquePointer?, operation: String, valuesBound: Bool) {
    let lastErrno = errno
    let code = ResultCode(rawValue: code)
    self.code = code
    self.operation = operation
    if code == .ioerrData {
      let page = PageSums.badPage.load(ordering: .relaxed)
      self.detail = "page \(page) is not what was written"
    } else if !valuesBound || Self.namesSchemaOnly.contains(code), let handle = unsafe handle,
      let message = unsafe sqlite3_errmsg(handle)
    {
      self.detail = unsafe String(cString: message)
    } else if let text = unsafe sqlite3_errstr(code.rawValue) {
      self.detail = unsafe String(cString: text)
    } else {
      self.detail = ""
    }
    // Other failures are SQLite's own: what errno holds then has nothing to do with them.
    self.systemErrno = code.primary == .ioerr || code.primary == .cantOpen ? lastErrno : 0
  }

  private static let namesSchemaOnly: Set<ResultCode> = [
    .constraintCheck, .constraintDataType, .constraintForeignKey, .constraintNotNull,
    .constraintPrimaryKey, .constraintRowID, .constraintUnique,
  ]
}

extension SQLiteError: CustomStringConvertible {
  /// One line: code, message, operation and, where there is one, the system's reason.
  package var description: String {
    var line = "\(code): \(detail), in \(operation)"
    if systemErrno != 0 {
      line += ", errno \(systemErrno)"
      if let reason = unsafe strerror(systemErrno) {
        line += unsafe " (\(String(cString: reason)))"
      }
    }
    return line
  }
}
