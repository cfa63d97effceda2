// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
import Store

/// What the folder works with.
///
/// `@unchecked Sendable`: made by the loop, then handed to the folder's thread before that starts
/// and used by nobody else.
final class FoldingBench: @unchecked Sendable {
  private let directory: LedgerDirectory
  private let file: LedgerDirectory.FileIdentity
  private let writer: StateWriter
  private let foldLock: FileLock
  private let journalLock: FileLock
  /// A connection of its own: it reads no row and writes none, it only copies the log.
  private let journal: Connection
  /// What `journal` has open must stand where it was: else its log is not to be copied.
  private let files: JournalFiles
  private var draft: LookupAidsDraft?

  init(
    _ directory: LedgerDirectory, _ state: OpenState, _ files: JournalFiles
  ) throws(StoreError) {
    self.directory = directory
    self.files = files
    file = state.file
    writer = state.writer
    foldLock = try FileLock.open(directory.foldLock)
    journalLock = try FileLock.open(directory.journalLock)
    journal = try JournalHeader(opening: directory, .readWrite).connection
  }

  /// Runs `body` while fold.lock is held, or answers `otherwise` when it cannot be had.
  ///
  /// Tries every 10 ms for a second: another process may be copying a log or making the state
  /// anew, and nothing is lost by folding later.
  func holdingFoldLock<Result>(
    or otherwise: Result, whenTaken: () -> Void = {},
    _ body: (FoldingBench) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    for attempt in 0..<100 {
      if attempt > 0 { usleep(10_000) }
      do throws(FileLockError) {
        guard try foldLock.tryLock() else {
          if attempt == 0 { whenTaken() }
          continue
        }
      } catch {
        throw StoreError(error)
      }
      defer { foldLock.unlock() }
      return try body(self)
    }
    return otherwise
  }

  /// Writes a slice; fold.lock is held.
  func fold(_ slice: Slice) -> Folder.Outcome {
    guard LedgerDirectory.identity(of: directory.state) == file else { return .replaced }
    do throws(SQLiteError) {
      switch try writer.write(slice) {
      case .written(let rows): return .folded(rows)
      case .superseded: return .folded(nil)
      case .gap: return .replaced
      }
    } catch {
      switch error.code {
      case .corrupt, .notADatabase, .ioerrData, .ioerrShortRead: return .damaged("\(error)")
      default: return .returned("\(error)")
      }
    }
  }

  /// Goes on with aids for lookups, for so short that a slice does not wait for long; answers them
  /// when that was all.
  ///
  /// The inner nil says that the state cannot be read, which whoever looks something up will find
  /// too.
  func makeAids(number: Int) -> LookupAids?? {
    do throws(SQLiteError) {
      var draft = try takeDraft(number: number)
      if let aids = try draft.takeMore(of: writer.connection) { return .some(aids) }
      self.draft = draft
      return nil
    } catch {
      return .some(nil)
    }
  }

  /// The draft with this number, or a new one; there is none left afterwards, so that what it holds
  /// is not copied.
  private func takeDraft(number: Int) throws(SQLiteError) -> LookupAidsDraft {
    defer { draft = nil }
    if let draft, draft.number == number { return draft }
    return try LookupAidsDraft(number: number, of: writer.connection)
  }

  /// Copies a log into its database, as far as readers of older moments allow.
  ///
  /// Under the lock that its writers hold: SQLite up to 3.51.2 can spoil a database when a
  /// checkpoint meets a commit that starts the log over. With `looksAtLeaves` it also says where
  /// the accounts are, if all of the state's log is copied.
  func checkpoint(
    _ log: Folder.Log, looksAtLeaves: Bool = false
  ) throws(StoreError) -> Folder.Checkpoint {
    switch log {
    case .journal:
      try journalLock.holding { () throws(StoreError) in
        if let finding = files.findings().first {
          return Folder.Checkpoint(problem: finding.reason)
        }
        return try Self.checkpoint(journal)
      }
    case .state:
      try holdingFoldLock(or: Folder.Checkpoint(problem: "the state's lock is taken")) {
        bench throws(StoreError) in
        var checkpoint = try Self.checkpoint(bench.writer.connection)
        if looksAtLeaves, checkpoint.copied == checkpoint.logFrames {
          // Where they cannot be had, whoever reads the state finds out why.
          checkpoint.accounts = try? bench.writer.accountLeaves()
        }
        return checkpoint
      }
    }
  }

  /// Copies both logs and empties them, at a clean end, where no other process has the ledger open.
  ///
  /// A log left standing after it was copied could only do harm: damage to it, or its loss, would
  /// take back what the database already holds. Where others read, it stays theirs.
  func emptyLogs() {
    for (lock, connection) in [(journalLock, journal), (foldLock, writer.connection)] {
      connection.busyTimeout(milliseconds: 0)
      _ = try? lock.holding { () throws(StoreError) in
        guard files.findings().isEmpty else { return }
        _ = try stored { () throws(SQLiteError) in try connection.checkpoint(.truncate) }
      }
    }
  }

  private static func checkpoint(
    _ connection: Connection
  ) throws(StoreError) -> Folder.Checkpoint {
    let (logFrames, copied) = try stored { () throws(SQLiteError) in
      try connection.checkpoint(.passive)
    }
    return Folder.Checkpoint(logFrames: logFrames, copied: copied)
  }
}
