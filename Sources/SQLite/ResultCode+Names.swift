// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension ResultCode: CustomStringConvertible {
  /// The name of the C constant and the number, as `SQLITE_IOERR_FSYNC (1034)`.
  ///
  /// A refinement without a name here shows its primary name and its own number.
  package var description: String {
    let name = Self.names[self] ?? Self.names[primary] ?? "SQLite result code"
    return "\(name) (\(rawValue))"
  }

  private static let names: [ResultCode: String] = [
    .ok: "SQLITE_OK",
    .error: "SQLITE_ERROR",
    .internalError: "SQLITE_INTERNAL",
    .permission: "SQLITE_PERM",
    .abort: "SQLITE_ABORT",
    .busy: "SQLITE_BUSY",
    .locked: "SQLITE_LOCKED",
    .noMemory: "SQLITE_NOMEM",
    .readonly: "SQLITE_READONLY",
    .interrupt: "SQLITE_INTERRUPT",
    .ioerr: "SQLITE_IOERR",
    .corrupt: "SQLITE_CORRUPT",
    .notFound: "SQLITE_NOTFOUND",
    .full: "SQLITE_FULL",
    .cantOpen: "SQLITE_CANTOPEN",
    .protocolRace: "SQLITE_PROTOCOL",
    .schema: "SQLITE_SCHEMA",
    .tooBig: "SQLITE_TOOBIG",
    .constraint: "SQLITE_CONSTRAINT",
    .mismatch: "SQLITE_MISMATCH",
    .misuse: "SQLITE_MISUSE",
    .noLargeFileSupport: "SQLITE_NOLFS",
    .authorization: "SQLITE_AUTH",
    .range: "SQLITE_RANGE",
    .notADatabase: "SQLITE_NOTADB",
    .row: "SQLITE_ROW",
    .done: "SQLITE_DONE",
    .busyRecovery: "SQLITE_BUSY_RECOVERY",
    .busySnapshot: "SQLITE_BUSY_SNAPSHOT",
    .busyTimeout: "SQLITE_BUSY_TIMEOUT",
    .readonlyRecovery: "SQLITE_READONLY_RECOVERY",
    .readonlyCantInit: "SQLITE_READONLY_CANTINIT",
    .readonlyMoved: "SQLITE_READONLY_DBMOVED",
    .readonlyDirectory: "SQLITE_READONLY_DIRECTORY",
    .ioerrRead: "SQLITE_IOERR_READ",
    .ioerrShortRead: "SQLITE_IOERR_SHORT_READ",
    .ioerrWrite: "SQLITE_IOERR_WRITE",
    .ioerrFsync: "SQLITE_IOERR_FSYNC",
    .ioerrDirFsync: "SQLITE_IOERR_DIR_FSYNC",
    .ioerrTruncate: "SQLITE_IOERR_TRUNCATE",
    .ioerrFstat: "SQLITE_IOERR_FSTAT",
    .ioerrDelete: "SQLITE_IOERR_DELETE",
    .ioerrNoMemory: "SQLITE_IOERR_NOMEM",
    .ioerrLock: "SQLITE_IOERR_LOCK",
    .ioerrShmOpen: "SQLITE_IOERR_SHMOPEN",
    .ioerrShmSize: "SQLITE_IOERR_SHMSIZE",
    .ioerrShmMap: "SQLITE_IOERR_SHMMAP",
    .ioerrData: "SQLITE_IOERR_DATA",
    .ioerrCorruptFS: "SQLITE_IOERR_CORRUPTFS",
    .corruptIndex: "SQLITE_CORRUPT_INDEX",
    .constraintCheck: "SQLITE_CONSTRAINT_CHECK",
    .constraintForeignKey: "SQLITE_CONSTRAINT_FOREIGNKEY",
    .constraintNotNull: "SQLITE_CONSTRAINT_NOTNULL",
    .constraintPrimaryKey: "SQLITE_CONSTRAINT_PRIMARYKEY",
    .constraintTrigger: "SQLITE_CONSTRAINT_TRIGGER",
    .constraintUnique: "SQLITE_CONSTRAINT_UNIQUE",
    .constraintRowID: "SQLITE_CONSTRAINT_ROWID",
    .constraintDataType: "SQLITE_CONSTRAINT_DATATYPE",
  ]
}
