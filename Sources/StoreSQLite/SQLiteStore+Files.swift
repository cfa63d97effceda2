// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite
import Store

// What happens when the journal's files are taken away, or others put in their place.
extension SQLiteStore {
  /// How long groups do not look again, in milliseconds: no engine starts in so short a time.
  private static let interval: Int64 = 5

  /// `checkFiles`, where that was not done a moment ago.
  func checkFilesNowAndThen() throws(StoreError) {
    let now = milliseconds()
    guard now - filesSeenAt >= Self.interval else { return }
    try checkFiles()
    filesSeenAt = now
  }

  /// Ends serving where what is written would go to files that nobody will find.
  ///
  /// What was answered from a log that is gone is copied into the database first.
  func checkFiles() throws(StoreError) {
    let findings = files.findings()
    guard let first = findings.first else { return }
    var reason = first.reason
    if findings.count == 1, first.path == files.log {
      if isLogCopied(first) {
        reason += "; what was in it is in \(directory.journal) now"
        if !first.isVoid { reason += ", and what stands there must go before the ledger is opened" }
      } else {
        reason += "; what was in it may be lost"
      }
    }
    failure = .failed(reason)
    throw .failed(reason)
  }

  /// Copies the log that is still open into its database; whether all of it is there now.
  ///
  /// Only where the log's index is still about that log: nobody has written to another one.
  private func isLogCopied(_ finding: JournalFiles.Finding) -> Bool {
    let known = newestVersion
    do {
      try journalLock.lock()
      defer { journalLock.unlock() }
      guard files.findings() == [finding] else { return false }
      try journal.begin()
      let isOwn = finding.isVoid || known != nil && journal.connection.dataVersion == known
      journal.rollback()
      guard isOwn else { return false }
      let (frames, copied) = try journal.connection.checkpoint(.passive)
      return frames == copied
    } catch {
      journal.rollback()
      return false
    }
  }
}
