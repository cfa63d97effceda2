// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
package import Store

extension SQLiteStore {
  /// What a store remembers from one `maintain` to the next.
  struct Upkeep {
    /// Up to here the state holds everything, as far as this process knows.
    var base: EntryID
    /// The slice that is with the folder.
    var slice: HandedSlice?
    var journalLog: LogGauge
    var stateLog: LogGauge
    /// The logs being copied.
    var checkpointing: Set<Folder.Log> = []
    /// When entries last came, and when a slice last came back: monotonic milliseconds.
    var newestAt: Int64 = 0
    var returnedAt: Int64?
    /// The last slice came back, and that has been told.
    var isWaiting = false
    /// The number of the aids for lookups that were asked for last.
    var aidsNumber = 0
    /// They are for the working set in use, and have not come yet.
    var awaitsAids = false
    /// About how many bytes the group under way has written.
    var groupBytes = 0

    init(base: EntryID, _ directory: LedgerDirectory) {
      self.base = base
      journalLog = LogGauge(
        fileSize: LedgerDirectory.size(of: directory.journal + "-wal"),
        pageSize: JournalSchema.pageSize)
      stateLog = LogGauge(
        fileSize: LedgerDirectory.size(of: directory.state + "-wal"),
        pageSize: StateSchema.pageSize)
    }

    /// The working set is new, with its base there: what the folder has in hand is not its slice.
    mutating func restart(at head: EntryID) {
      base = head
      slice?.isOfWorkingSet = false
      awaitsAids = false
    }

    /// There are new entries, this process's or another's.
    mutating func noteEntries() { newestAt = milliseconds() }

    mutating func noteCommit() {
      noteEntries()
      journalLog.wrote(Double(groupBytes) / Double(JournalSchema.pageSize) + 1)
    }
  }

  /// What is remembered of a slice until the folder is done with it.
  struct HandedSlice {
    let head: EntryID
    /// How many rows it writes, at least.
    let rows: Int
    /// Whether the working set it was cut from is still in use.
    var isOfWorkingSet = true
  }

  /// How long a fold that failed waits before it is tried again, in milliseconds.
  private static let retryDelay: Int64 = 1000

  package func maintain() {
    guard group == .none, failure == nil else { return }
    settle()
    if isStateLost { heal() }
    guard !isStateLost, !isStale else { return }
    if working.unfoldedCount > options.tailLimit, upkeep.slice != nil {
      folder.wait(patience: false)
      settle()
    }
    copyJournalLog()
    copyStateLog()
    if isFoldDue { cut() }
    if working.wantsAids { orderAids() }
  }

  private func orderAids() {
    upkeep.aidsNumber += 1
    upkeep.awaitsAids = true
    working.beginAids()
    folder.requestAids(number: upkeep.aidsNumber)
  }

  /// Takes note of what the folder has done.
  private func settle() {
    if upkeep.slice != nil, let outcome = folder.collect() { settle(outcome) }
    if upkeep.awaitsAids, let made = folder.collectAids(number: upkeep.aidsNumber) {
      upkeep.awaitsAids = false
      working.endAids(made)
    }
    for log in upkeep.checkpointing {
      guard let checkpoint = folder.collectCheckpoint(of: log) else { continue }
      upkeep.checkpointing.remove(log)
      if let problem = checkpoint.problem { options.notice("a log is not copied: \(problem)") }
      switch log {
      case .journal: upkeep.journalLog.note(checkpoint)
      case .state:
        upkeep.stateLog.note(checkpoint)
        // All that came after the base is in the working set, or will be noted once it is folded.
        if let accounts = checkpoint.accounts, accounts.head >= upkeep.base {
          records.state.shortcut.adopt(accounts.leaves)
        }
      }
    }
  }

  private func settle(_ outcome: Folder.Outcome) {
    guard let slice = upkeep.slice else { return }
    upkeep.slice = nil
    if case .folded(let folded) = outcome {
      upkeep.isWaiting = false
      upkeep.stateLog.wrote(Double(slice.rows))
      defer { folder.discardSlice() }
      guard slice.isOfWorkingSet else { return }
      if let folded {
        records.state.shortcut.note(folded)
      } else {
        records.state.shortcut.close()
      }
      working.confirmSlice(folded)
      upkeep.base = slice.head
      return
    }
    if slice.isOfWorkingSet { working.returnSlice() }
    switch outcome {
    case .folded: break
    case .returned(let reason):
      upkeep.returnedAt = milliseconds()
      if !upkeep.isWaiting { options.notice("folding waits: \(reason)") }
      upkeep.isWaiting = true
    case .replaced: isStateLost = true
    case .damaged(let reason): discardState(reason)
    }
  }

  /// Opens the state anew where that works at once; else the next group tries, and tells why not.
  private func heal() {
    guard isRetryDue else { return }
    do throws(StoreError) {
      try reopenState()
    } catch {
      upkeep.returnedAt = milliseconds()
      options.notice("the state cannot be opened: \(error.message)")
    }
  }

  /// Whether what failed may be tried again.
  private var isRetryDue: Bool {
    upkeep.returnedAt.map { milliseconds() - $0 >= Self.retryDelay } ?? true
  }

  private var isFoldDue: Bool {
    let waiting = working.unfoldedCount
    guard waiting > 0, upkeep.slice == nil, !upkeep.checkpointing.contains(.state) else {
      return false
    }
    return isRetryDue
      && (waiting >= options.foldThreshold
        || milliseconds() - upkeep.newestAt >= options.quietMilliseconds)
  }

  /// Hands the folder what has changed since the last slice.
  private func cut() {
    guard let cut = working.cutSlice() else { return }
    let meta = StateMeta(ledger: identity.id, point: cut.point, link: position.link)
    let records = cut.records
    upkeep.slice = HandedSlice(
      head: cut.point.head,
      rows: records.accounts.count + records.keys.items.count / 64 + records.marks.count + 1)
    upkeep.returnedAt = nil
    folder.submit(Slice(records: records, base: upkeep.base, meta: meta))
  }

  private func copyJournalLog() {
    let pages = upkeep.journalLog.pages
    guard pages > options.journalLogPages else { return }
    if upkeep.checkpointing.insert(.journal).inserted {
      folder.requestCheckpoint(of: .journal)
    } else if pages > 2 * options.journalLogPages {
      // The lock is not fair: without this pause the loop could take it again and again.
      folder.waitForCheckpoint(of: .journal)
    }
  }

  /// Asked for only between a slice and the next, and here, where this process reads nothing.
  ///
  /// So the loop's reads before the checkpoint see all of the log, and let it be copied as a
  /// whole; and those after it need nothing of the log, and let the next slice start it over.
  /// Without these two pauses a busy loop would keep the log growing for ever.
  private func copyStateLog() {
    guard upkeep.stateLog.pages > options.stateLogPages, upkeep.slice == nil,
      upkeep.checkpointing.insert(.state).inserted
    else { return }
    folder.requestCheckpoint(of: .state)
  }
}

extension SQLiteStore {
  package func close() throws(StoreError) {
    precondition(group == .none, "a group is ended before the store is closed")
    var taken: StoreError?
    if failure == nil {
      do throws(StoreError) { try checkFiles() } catch { taken = error }
    }
    // After a commit of unknown outcome the working set may hold what the journal does not.
    if failure == nil {
      settle()
      if isStateLost { heal() }
      if !isStateLost, !isStale { foldToTheEnd() }
    }
    folder.finish()
    upkeep.slice = nil
    failure = .failed("the store is closed")
    journal.connection.close()
    if let taken { throw taken }
  }

  private func foldToTheEnd() {
    folder.wait(patience: true)
    settle()
    // Twice: what came while a slice was under way, and what a busy lock kept back.
    for _ in 0..<2 where !isStateLost && !isStale {
      cut()
      folder.wait(patience: true)
      settle()
    }
  }
}

/// Milliseconds of a clock that only goes forward.
func milliseconds() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}
