// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Store

/// The files of one ledger.
struct LedgerDirectory: Sendable {
  let path: String

  /// The truth: append-only, durable at every commit.
  var journal: String { path + "/journal.db" }
  /// What was folded from it; may be deleted while nobody serves.
  var state: String { path + "/state.db" }
  /// Held around each group that writes and each checkpoint of the journal.
  var journalLock: String { path + "/journal.lock" }
  /// Whose turn it is to wait for `journalLock`.
  var journalTurn: String { path + "/journal.turn" }
  /// Held around each fold, rebuild, opening and checkpoint of the state.
  var foldLock: String { path + "/fold.lock" }

  /// Which file a path names, whatever it is called later.
  struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
    }
  }

  static func identity(of path: String) -> FileIdentity? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return FileIdentity(status)
  }

  static func exists(_ path: String) -> Bool { identity(of: path) != nil }

  /// The size of a file in bytes; 0 when there is none.
  static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Makes the directory, for its owner alone, unless it is there.
  func make() throws(StoreError) {
    guard mkdir(path, 0o700) != 0 else { return }
    guard errno == EEXIST else { throw failure("mkdir", path) }
  }

  /// Deletes a database with what belongs to it; what is not there is passed over.
  ///
  /// The database goes first: without its log it could look whole and not be.
  func removeDatabase(_ path: String) throws(StoreError) {
    try remove(path)
    try synchronize()
    for suffix in ["-wal", "-shm", "-journal"] { try remove(path + suffix) }
  }

  func remove(_ path: String) throws(StoreError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure("unlink", path) }
  }

  /// Puts a finished file in the place where it belongs; durable when this returns.
  func publish(_ temporary: String, as path: String) throws(StoreError) {
    guard chmod(temporary, 0o600) == 0 else { throw failure("chmod", temporary) }
    try Self.synchronize(temporary, O_RDONLY)
    guard rename(temporary, path) == 0 else { throw failure("rename", temporary) }
    try synchronize()
  }

  /// Makes what stands in the journal's log durable, whoever wrote it.
  ///
  /// A log that is found may hold groups of a process that was killed before it had synced them.
  func synchronizeJournalLog() throws(StoreError) {
    let log = journal + "-wal"
    guard Self.exists(log) else { return }
    try Self.synchronize(log, O_RDONLY)
    try synchronize()
  }

  /// Makes what was done to names in the directory durable.
  func synchronize() throws(StoreError) {
    try Self.synchronize(path, O_RDONLY | O_DIRECTORY)
  }

  private static func synchronize(_ path: String, _ flags: Int32) throws(StoreError) {
    let descriptor = open(path, flags | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
  }

  private static func failure(_ operation: String, _ path: String) -> StoreError {
    let number = errno
    let reason = strerror(number).map { String(cString: $0) } ?? ""
    let text = "\(operation) \(path): errno \(number) (\(reason))"
    return number == ENOSPC || number == EDQUOT ? .full(text) : .failed(text)
  }

  private func failure(_ operation: String, _ path: String) -> StoreError {
    Self.failure(operation, path)
  }
}
