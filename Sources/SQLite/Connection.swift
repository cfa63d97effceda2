// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite
import Glibc

/// One connection to one SQLite database, for one thread at a time.
///
/// It is opened without SQLite's mutexes and is not `Sendable`. It never checkpoints the log by
/// itself, neither after a commit nor at close, because SQLite 3.7.0–3.51.2 can corrupt a
/// database when a checkpoint races a commit that resets the log: whoever checkpoints holds the
/// writers' lock (https://sqlite.org/wal.html#walresetbug).
@safe
package final class Connection {
  /// What the connection may do to the file.
  package enum Mode: Sendable {
    /// Reads only; the file must exist.
    case readOnly
    /// Reads and writes; the file must exist and be writable.
    case readWrite
    /// Reads and writes; a missing file is made, empty, with mode 0600.
    case create
  }

  /// How hard a checkpoint tries.
  ///
  /// While serving the log is recycled: that is faster to write.
  package enum CheckpointMode: Sendable {
    /// Copies what it can without waiting for anybody.
    case passive
    /// Copies everything and empties the log file; only where nobody reads or writes.
    case truncate
    /// Waits for writers (busy timeout), then copies everything readers allow.
    case full
    /// As `full`, then waits for readers, so that the next commit starts the log over.
    case restart
  }

  private var openHandle: OpaquePointer?

  /// Opens the database file at `path`; nothing is read from it yet, so a file that is no
  /// database is found out by the first statement.
  ///
  /// A path is a path: `file:` has no meaning, and only `:memory:` names a database in memory.
  /// `automaticCheckpoint` is the number of log frames after which a commit checkpoints; 0, the
  /// rule here, means never (see the type's text before giving another). `pageSums` keeps a
  /// checksum in every page of the file, which has pages of 1024 bytes then: a page that is not
  /// what was written makes the call that reads it throw `.ioerrData`. `earlyWrites`, for other
  /// files, makes what `EarlyWrites` offers work. `ignoresLog` reads what the file itself holds,
  /// which is whole only after the log was copied as a whole.
  ///
  /// Throws `.cantOpen` for a missing file or directory, `.readonly` when a file to be written is
  /// not writable (SQLite itself would silently open it for reading).
  package init(
    path: String, mode: Mode, automaticCheckpoint: Int32 = 0, pageSums: Bool = false,
    earlyWrites: Bool = false, ignoresLog: Bool = false
  ) throws(SQLiteError) {
    let operation = "open \(path)"
    Self.configureLibraryOnce
    guard sqlite3_threadsafe() != 0 else {
      throw SQLiteError(
        code: .misuse, operation: operation, detail: "libsqlite3 was built without threads")
    }
    guard !path.utf8.contains(0) else {
      throw SQLiteError(
        code: .cantOpen, operation: "open", detail: "a path cannot hold a NUL",
        systemErrno: EINVAL)
    }
    // The prefix keeps a relative path from being read as a URI or as a special name.
    var name = path == ":memory:" || path.hasPrefix("/") ? path : "./" + path
    if mode == .create && path != ":memory:" { Self.makePrivateFile(at: name) }
    precondition(!(pageSums && earlyWrites), "a file has one VFS")
    var vfs: String?
    var registration = SQLITE_OK
    if pageSums { (vfs, registration) = (PageSums.name, PageSums.registration) }
    if earlyWrites { (vfs, registration) = (EarlyWrites.name, EarlyWrites.registration) }
    guard registration == SQLITE_OK else {
      throw SQLiteError(
        code: ResultCode(rawValue: registration), operation: operation,
        detail: "the VFS cannot be registered")
    }

    var handle: OpaquePointer?
    var flags = mode.openFlags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    if ignoresLog {
      name = "file:" + Self.escaped(name) + "?immutable=1"
      flags |= SQLITE_OPEN_URI
    }
    errno = 0
    let code = unsafe sqlite3_open_v2(name, &handle, flags, vfs)
    guard code == SQLITE_OK, let opened = unsafe handle else {
      let error = unsafe SQLiteError(code, on: handle, operation: operation, valuesBound: false)
      unsafe sqlite3_close_v2(handle)
      throw error
    }
    let isReadOnly = unsafe sqlite3_db_readonly(opened, "main") != 0
    guard mode == .readOnly || !isReadOnly else {
      unsafe sqlite3_close_v2(opened)
      throw SQLiteError(
        code: .readonly, operation: operation, detail: "the file cannot be written")
    }
    unsafe openHandle = opened
    if pageSums, mode == .create {
      let code = unsafe Self.reserveRoomForSums(opened)
      precondition(code == SQLITE_OK, "SQLite leaves no room in its pages")
    }
    try unsafe Self.configure(opened, automaticCheckpoint, operation: operation)
  }

  deinit {
    unsafe sqlite3_close_v2(openHandle)
  }

  /// Closes the connection; a second call does nothing, any other use afterwards traps.
  ///
  /// The log is neither checkpointed nor deleted. An open transaction is rolled back. Files and
  /// locks are released once the last `Statement` of the connection is gone too.
  package func close() {
    unsafe sqlite3_close_v2(openHandle)
    unsafe openHandle = nil
  }

  /// The C handle of the open connection; traps after `close`.
  var handle: OpaquePointer {
    guard let handle = unsafe openHandle else {
      preconditionFailure("the connection is closed")
    }
    return unsafe handle
  }
}

extension Connection {
  /// Runs once, before the first connection; refused by SQLite, harmlessly, if it is in use.
  private static let configureLibraryOnce: Void = {
    _ = csqlite_config_no_memory_statistics()
  }()

  /// Makes the file with mode 0600 where there is none; SQLite would make it readable by all, and
  /// gives its log the same mode.
  ///
  /// Errors are left for SQLite to meet and report.
  private static func makePrivateFile(at path: String) {
    // O_EXCL, because closing a descriptor of an existing database would drop the locks that
    // other connections of this process hold on it.
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor >= 0 { Glibc.close(descriptor) }
  }

  /// A path as a URI spells it (https://sqlite.org/uri.html).
  private static func escaped(_ path: String) -> String {
    path.utf8.reduce(into: "") { text, byte in
      let isPlain = byte < 0x80 && byte > 0x20 && !"?#%".utf8.contains(byte)
      text +=
        isPlain
        ? String(UnicodeScalar(byte))
        : "%" + String(byte >> 4, radix: 16)
          + String(byte & 15, radix: 16)
    }
  }

  private static func configure(
    _ handle: OpaquePointer, _ automaticCheckpoint: Int32, operation: String
  ) throws(SQLiteError) {
    let switches: [(option: Int32, on: Int32)] = [
      (SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1),
      // Against a hostile or damaged file: no writes to the schema or the log's raw pages, and
      // no functions with side effects from a schema.
      (SQLITE_DBCONFIG_DEFENSIVE, 1),
      (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
      // A misspelt "column" is an error, not a string.
      (SQLITE_DBCONFIG_DQS_DML, 0),
      (SQLITE_DBCONFIG_DQS_DDL, 0),
    ]
    for (option, on) in switches {
      let code = unsafe csqlite_db_config_switch(handle, option, on)
      guard code == SQLITE_OK else {
        throw unsafe SQLiteError(code, on: handle, operation: operation, valuesBound: false)
      }
    }
    let code = unsafe sqlite3_wal_autocheckpoint(handle, automaticCheckpoint)
    guard code == SQLITE_OK else {
      throw unsafe SQLiteError(code, on: handle, operation: operation, valuesBound: false)
    }
  }

  /// The version of the libsqlite3 in use, as `3.40.1`.
  package static var libraryVersion: String {
    unsafe String(cString: sqlite3_libversion())
  }

  /// The same as a number: 3040001 is 3.40.1.
  package static var libraryVersionNumber: Int32 {
    sqlite3_libversion_number()
  }
}

extension Connection.Mode {
  fileprivate var openFlags: Int32 {
    switch self {
    case .readOnly: SQLITE_OPEN_READONLY
    case .readWrite: SQLITE_OPEN_READWRITE
    case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    }
  }
}
