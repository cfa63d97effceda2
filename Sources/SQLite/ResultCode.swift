// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What an SQLite call answered: a primary code in the low byte, refined above it.
///
/// A `switch` compares by `~=`: a primary pattern (`.ioerr`) matches every refinement of it, an
/// extended pattern (`.ioerrFsync`) only itself, so list extended cases first. `==` is exact.
/// The numbers are those of https://sqlite.org/rescode.html, which never change.
package struct ResultCode: RawRepresentable, Hashable, Sendable {
  /// The code as SQLite numbers it, extended where SQLite refines it.
  package let rawValue: Int32

  /// Takes any number: a code this file has no name for is kept as it came.
  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  private init(_ primary: ResultCode, _ refinement: Int32) {
    self.rawValue = primary.rawValue | (refinement << 8)
  }

  /// The code without its refinement: `.ioerr` of `.ioerrFsync`.
  package var primary: ResultCode {
    ResultCode(rawValue: rawValue & 0xff)
  }

  /// Whether `value` is `pattern` or, for a primary pattern, a refinement of it.
  package static func ~= (pattern: ResultCode, value: ResultCode) -> Bool {
    value == pattern || value.primary == pattern
  }
}

// The primary codes.
extension ResultCode {
  /// The call succeeded.
  package static let ok = ResultCode(rawValue: 0)
  /// The SQL or the schema is wrong, or a function failed.
  package static let error = ResultCode(rawValue: 1)
  /// SQLite found a fault in itself.
  package static let internalError = ResultCode(rawValue: 2)
  /// The file or directory may not be opened with these rights.
  package static let permission = ResultCode(rawValue: 3)
  /// A rollback of the same connection ended the statement.
  package static let abort = ResultCode(rawValue: 4)
  /// Another connection holds the lock; trying again later may succeed.
  package static let busy = ResultCode(rawValue: 5)
  /// A statement of this same connection, or its shared cache, holds the table.
  package static let locked = ResultCode(rawValue: 6)
  /// Memory ran out.
  package static let noMemory = ResultCode(rawValue: 7)
  /// The database or this connection to it is read-only.
  package static let readonly = ResultCode(rawValue: 8)
  /// `sqlite3_interrupt` stopped the statement.
  package static let interrupt = ResultCode(rawValue: 9)
  /// The operating system refused a read, write, sync, lock…; the refinement says which.
  package static let ioerr = ResultCode(rawValue: 10)
  /// The file's content is damaged.
  package static let corrupt = ResultCode(rawValue: 11)
  /// An unknown control operation; inside SQLite only.
  package static let notFound = ResultCode(rawValue: 12)
  /// The disk is full.
  package static let full = ResultCode(rawValue: 13)
  /// A file could not be opened.
  package static let cantOpen = ResultCode(rawValue: 14)
  /// The locking protocol of the log lost a race too often; trying again may succeed.
  package static let protocolRace = ResultCode(rawValue: 15)
  /// The schema changed while the statement was prepared, again and again.
  package static let schema = ResultCode(rawValue: 17)
  /// A text, blob or row is longer than SQLite allows (1,000,000,000 bytes by default).
  package static let tooBig = ResultCode(rawValue: 18)
  /// A constraint of the schema refused the row; the refinement says which kind.
  package static let constraint = ResultCode(rawValue: 19)
  /// A value's type does not fit where it was put (text into an INTEGER PRIMARY KEY).
  package static let mismatch = ResultCode(rawValue: 20)
  /// The library was called wrongly.
  package static let misuse = ResultCode(rawValue: 21)
  /// The file is larger than the system can address.
  package static let noLargeFileSupport = ResultCode(rawValue: 22)
  /// An authorizer refused.
  package static let authorization = ResultCode(rawValue: 23)
  /// A parameter number out of range.
  package static let range = ResultCode(rawValue: 25)
  /// The file is no SQLite database (or an encrypted one).
  package static let notADatabase = ResultCode(rawValue: 26)
  /// `step` has a row.
  package static let row = ResultCode(rawValue: 100)
  /// `step` has come to the end.
  package static let done = ResultCode(rawValue: 101)
}

// The extended codes that the engine or its tests tell apart.
extension ResultCode {
  /// Another process is recovering the log after a crash.
  package static let busyRecovery = ResultCode(.busy, 1)
  /// A read transaction may not become a write one: its snapshot is no longer the newest.
  package static let busySnapshot = ResultCode(.busy, 2)
  /// A blocking lock ran into its timeout.
  package static let busyTimeout = ResultCode(.busy, 3)
  /// The log needs recovery and this connection may not write.
  package static let readonlyRecovery = ResultCode(.readonly, 1)
  /// The log's index may not be opened for writing.
  package static let readonlyCantInit = ResultCode(.readonly, 5)
  /// The file was moved or unlinked while open.
  package static let readonlyMoved = ResultCode(.readonly, 4)
  /// No file can be made beside the database.
  package static let readonlyDirectory = ResultCode(.readonly, 6)
  /// A read failed.
  package static let ioerrRead = ResultCode(.ioerr, 1)
  /// A read came back short.
  package static let ioerrShortRead = ResultCode(.ioerr, 2)
  /// A write failed.
  package static let ioerrWrite = ResultCode(.ioerr, 3)
  /// An fsync failed: what it covered may be lost, and must never be synced again in hope.
  package static let ioerrFsync = ResultCode(.ioerr, 4)
  /// An fsync of the directory failed.
  package static let ioerrDirFsync = ResultCode(.ioerr, 5)
  /// A truncation failed.
  package static let ioerrTruncate = ResultCode(.ioerr, 6)
  /// Reading a file's size failed.
  package static let ioerrFstat = ResultCode(.ioerr, 7)
  /// Deleting a file failed.
  package static let ioerrDelete = ResultCode(.ioerr, 10)
  /// Memory ran out inside an I/O call.
  package static let ioerrNoMemory = ResultCode(.ioerr, 12)
  /// Taking a file lock failed.
  package static let ioerrLock = ResultCode(.ioerr, 15)
  /// Opening the log's shared index failed.
  package static let ioerrShmOpen = ResultCode(.ioerr, 18)
  /// Growing the log's shared index failed.
  package static let ioerrShmSize = ResultCode(.ioerr, 19)
  /// Mapping the log's shared index failed.
  package static let ioerrShmMap = ResultCode(.ioerr, 21)
  /// A page is not what was written.
  package static let ioerrData = ResultCode(.ioerr, 32)
  /// The file system reported corruption.
  package static let ioerrCorruptFS = ResultCode(.ioerr, 33)
  /// An index disagrees with its table.
  package static let corruptIndex = ResultCode(.corrupt, 3)
  /// A CHECK failed.
  package static let constraintCheck = ResultCode(.constraint, 1)
  /// A foreign key has no parent row.
  package static let constraintForeignKey = ResultCode(.constraint, 3)
  /// A NOT NULL column was given none.
  package static let constraintNotNull = ResultCode(.constraint, 5)
  /// The primary key exists.
  package static let constraintPrimaryKey = ResultCode(.constraint, 6)
  /// A trigger raised an abort.
  package static let constraintTrigger = ResultCode(.constraint, 7)
  /// A unique column exists.
  package static let constraintUnique = ResultCode(.constraint, 8)
  /// The row id exists.
  package static let constraintRowID = ResultCode(.constraint, 10)
  /// A STRICT table was given a value of the wrong type.
  package static let constraintDataType = ResultCode(.constraint, 12)
}
