// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
package import LedgerCore
import SQLite
package import Store

// Copies of a journal, for backups and what is restored from them.
extension SQLiteStore {
  /// Copies the journal, as it stands at one moment, into another directory as its journal.db.
  ///
  /// Takes a read transaction of the source and no lock, so tills go on meanwhile; as long as it
  /// lasts their log cannot start over. Whatever `last` is not nil leaves out goes with it: entries
  /// after it and the particulars of cards opened after it. The copy is whole and durable when it
  /// has its name. Checks nothing of what it copies but the structure of the pages.
  ///
  /// Throws `foreign` when the source holds no ledger for this version, or the target has one;
  /// `damaged` when the log of the source has lost groups.
  package static func copyJournal(
    from source: String, to target: String, upTo last: EntryID? = nil
  ) throws(StoreError) {
    let from = LedgerDirectory(path: source)
    let to = LedgerDirectory(path: target)
    let header = try JournalHeader(opening: from, .readOnly)
    guard !LedgerDirectory.exists(to.journal) else {
      throw .foreign("there is a ledger in \(target) already")
    }
    if let problem = try SQLiteInspection.logProblem(of: from, header.connection) {
      throw .damaged(entry: nil, reason: "journal.db: \(problem)")
    }
    let temporary = to.journal + ".new"
    try to.removeDatabase(temporary)
    // SQLite takes an empty file that stands already, and leaves it the mode it has.
    Glibc.close(open(temporary, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
    try stored { () throws(SQLiteError) in
      let copy = try header.connection.prepare("VACUUM INTO ?")
      copy.bind(1, text: temporary)
      try copy.run()
      if let last { try cut(temporary, after: last) }
    }
    try to.publish(temporary, as: to.journal)
  }

  private static func cut(_ path: String, after last: EntryID) throws(SQLiteError) {
    let connection = try Connection(path: path, mode: .readWrite)
    try connection.execute(
      """
      PRAGMA secure_delete = ON;
      BEGIN IMMEDIATE;
      DROP TRIGGER journal_is_never_deleted;
      DELETE FROM journal WHERE seq > \(last.sequence);
      DELETE FROM people WHERE account NOT IN
        (SELECT account FROM journal WHERE account IS NOT NULL);
      \(JournalSchema.deletionTrigger);
      COMMIT;
      """)
  }

  /// The link of an entry's row, read without keys; nil when there is no such row.
  package static func link(
    of entry: EntryID, directory path: String
  ) throws(StoreError) -> [UInt8]? {
    let header = try JournalHeader(opening: LedgerDirectory(path: path), .readOnly)
    guard entry > .none else { return header.genesis }
    return try stored { () throws(SQLiteError) in
      let select = try header.connection.prepare("SELECT link FROM journal WHERE seq = ?")
      select.bind(1, entry.sequence)
      return try select.step() ? select.blob(0) : nil
    }
  }

  /// The newest entry with its link, read without keys; nothing yet: 0 and the first link.
  package static func head(
    directory path: String
  ) throws(StoreError) -> (entry: EntryID, at: Instant, link: [UInt8]) {
    let header = try JournalHeader(opening: LedgerDirectory(path: path), .readOnly)
    return try stored { () throws(SQLiteError) in
      let select = try header.connection.prepare(
        "SELECT seq, at, link FROM journal ORDER BY seq DESC LIMIT 1")
      guard try select.step() else {
        return (.none, Instant(milliseconds: 0), header.genesis)
      }
      return (
        EntryID(select.integer(0)), Instant(milliseconds: select.integer(1)), select.blob(2)
      )
    }
  }
}
