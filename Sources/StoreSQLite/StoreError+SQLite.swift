// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
import Store

extension StoreError {
  /// What a failed call means as long as nothing that it was part of has been committed.
  init(_ error: SQLiteError) {
    switch error.code {
    case .full: self = .full("no room: \(error)")
    case .ioerrShmSize, .ioerrShmMap, .ioerrShmOpen:
      let isFull = [ENOSPC, EDQUOT, EFBIG].contains(error.systemErrno)
      self = isFull ? .full("no room: \(error)") : .failed("\(error)")
    case .busy, .locked, .protocolRace:
      self = .busy("another program holds the database: \(error)")
    // Nothing in the surroundings makes SQLite say these of a schema and rows that we wrote.
    case .corrupt, .notADatabase, .ioerrData, .error, .schema, .mismatch, .constraint, .tooBig,
      .range:
      self = .damaged(entry: nil, reason: "\(error)")
    default: self = .failed("\(error)")
    }
  }

  /// The same of a call on the journal, about this entry: damage there is not the state's.
  init(_ error: SQLiteError, journal entry: EntryID) {
    self.init(error)
    if case .damaged(nil, let reason) = self {
      self = .damaged(entry: entry, reason: "journal.db: \(reason)")
    }
  }

  init(_ error: FileLockError) {
    self = .failed("\(error)")
  }

  static func badLink(_ entry: EntryID) -> StoreError {
    .damaged(entry: entry, reason: "its link is none")
  }
}

/// Runs calls on a database; their errors become the store's.
func stored<Result: ~Copyable>(
  _ body: () throws(SQLiteError) -> Result
) throws(StoreError) -> Result {
  do throws(SQLiteError) {
    return try body()
  } catch {
    throw StoreError(error)
  }
}

extension QueuedFileLock {
  static func open(_ directory: LedgerDirectory) throws(StoreError) -> QueuedFileLock {
    do throws(FileLockError) {
      return try QueuedFileLock(path: directory.journalLock, turn: directory.journalTurn)
    } catch {
      throw StoreError(error)
    }
  }
}

extension FileLock {
  /// Runs `body` while the lock is held.
  func holding<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    do throws(FileLockError) {
      try lock()
    } catch {
      throw StoreError(error)
    }
    defer { unlock() }
    return try body()
  }

  /// A lock on a file of the ledger, which is made where there is none.
  static func open(_ path: String) throws(StoreError) -> FileLock {
    do throws(FileLockError) {
      return try FileLock(path: path)
    } catch {
      throw StoreError(error)
    }
  }
}
