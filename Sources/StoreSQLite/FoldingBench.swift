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
  private let logPages: Int
  private var gauge: LogGauge

  init(
    _ directory: LedgerDirectory, file: LedgerDirectory.FileIdentity, writer: StateWriter,
    logPages: Int
  ) throws(StoreError) {
    self.directory = directory
    self.file = file
    self.writer = writer
    self.logPages = logPages
    foldLock = try FileLock.open(directory.foldLock)
    journalLock = try FileLock.open(directory.journalLock)
    journal = try JournalHeader(opening: directory, .readWrite).connection
    gauge = LogGauge(fileSize: LedgerDirectory.size(of: directory.state + "-wal"))
  }

  /// Takes fold.lock: tries every 10 ms for a second, because a checkpoint or a rebuild of another
  /// process may take long and nothing is lost by folding later.
  func lock() throws(StoreError) -> Bool {
    for attempt in 0..<100 {
      if attempt > 0 { usleep(10_000) }
      do throws(FileLockError) {
        if try foldLock.tryLock() { return true }
      } catch {
        throw StoreError(error)
      }
    }
    return false
  }

  func unlock() { foldLock.unlock() }

  /// Writes a slice; fold.lock is held.
  func fold(_ slice: Slice) -> Folder.Outcome {
    guard LedgerDirectory.identity(of: directory.state) == file else { return .replaced }
    do throws(SQLiteError) {
      switch try writer.write(slice) {
      case .written: break
      case .gap: return .replaced
      }
      let records = slice.records
      gauge.wrote(
        Double(records.accounts.count + records.keys.count + records.marks.count + 4))
      return .folded
    } catch {
      switch error.code {
      case .corrupt, .notADatabase, .ioerrShortRead: return .damaged("\(error)")
      default: return .returned("\(error)")
      }
    }
  }

  /// Copies the state's log when it has grown long, or when `always`; fold.lock is held.
  func checkpointState(always: Bool = false) throws(SQLiteError) {
    guard always || gauge.pages > logPages else { return }
    let (logFrames, copied) = try writer.connection.checkpoint(.passive)
    gauge.checkpointed(logFrames: logFrames, copied: copied)
  }

  /// Copies the journal's log, under journal.lock: SQLite up to 3.51.2 can spoil a database when
  /// a checkpoint meets a commit that starts the log over.
  func checkpointJournal() throws(StoreError) -> (logFrames: Int, copied: Int) {
    try journalLock.holding { () throws(StoreError) in
      try stored { () throws(SQLiteError) in
        let result = try journal.checkpoint(.passive)
        return (result.logFrames, result.checkpointed)
      }
    }
  }

  /// Copies both logs as far as they go, for whoever opens the files next. What cannot be copied
  /// stays in the logs, where it is as safe.
  func checkpointAll() {
    if let isHeld = try? lock(), isHeld {
      try? checkpointState(always: true)
      unlock()
    }
    _ = try? checkpointJournal()
  }
}
