// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Store

/// Folds the journal into a state from where that stands; from nothing, when it is to be new.
enum StateBuilder {
  /// How many entries are read in one go: the log cannot start over while one is under way.
  private static let readingLimit = 4096

  /// Makes a new state and puts it in the place of the one that is there; answers its head.
  ///
  /// The caller holds fold.lock. A process that has the old file open goes on with it: its
  /// content stays right for whoever has it open, since it is only a fold. Its folder finds
  /// before its next slice that the name stands for another file, and opens that. The file is
  /// replaced, and not emptied and filled in one transaction, because a damaged one cannot be
  /// emptied and because a log of the size of the whole state would stay behind.
  static func replace(
    _ directory: LedgerDirectory, _ journal: Journal, slice: Int
  ) throws(StoreError) -> EntryID {
    let temporary = directory.state + ".new"
    try directory.removeDatabase(temporary)
    let meta = try build(temporary, journal, slice: slice)
    try directory.remove(temporary + "-wal")
    try directory.remove(temporary + "-shm")
    // The old log must not lie beside the new file for one moment: SQLite would replay it.
    try directory.removeDatabase(directory.state)
    try directory.publish(temporary, as: directory.state)
    return meta.point.head
  }

  /// All that is opened here is closed on return, so that the file can be renamed.
  private static func build(
    _ path: String, _ journal: Journal, slice: Int
  ) throws(StoreError) -> StateMeta {
    let connection = try stored { () throws(SQLiteError) in
      let connection = try Connection(path: path, mode: .create, pageSums: true)
      // Whoever dies on the way leaves a file that nobody opens, so nothing need be synced.
      try connection.execute(
        "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")
      try connection.execute(StateSchema.creation)
      return connection
    }
    let reader = try StateReader(connection)
    let writer = try StateWriter(connection)
    var meta = StateMeta(
      ledger: journal.identity.id, point: FoldPoint(), link: journal.start.link)
    try stored { () throws(SQLiteError) in try writer.write(meta) }
    meta = try advance(
      FoldedRecords(journal: journal, state: reader), writer, from: meta, slice: slice)
    let mode = try stored { () throws(SQLiteError) in
      try connection.text("PRAGMA journal_mode = WAL")
    }
    guard mode == "wal" else { throw .failed("state.db keeps no log") }
    return meta
  }

  /// Folds all that the journal has after `meta`, `slice` entries at a time; answers where the
  /// state stands then.
  static func advance(
    _ records: FoldedRecords, _ writer: StateWriter, from meta: StateMeta, slice: Int
  ) throws(StoreError) -> StateMeta {
    var meta = meta
    let working = try WorkingSet(source: records, at: meta.point)
    var position = Journal.Position(entry: meta.point.head, link: meta.link)
    while true {
      let count = try records.journal.forEach(after: &position, limit: readingLimit) {
        entry throws(StoreError) in try working.apply(entry)
      }
      if count == 0 || working.unfoldedCount >= slice, let cut = working.cutSlice() {
        let next = StateMeta(ledger: meta.ledger, point: cut.point, link: position.link)
        let folded = Slice(records: cut.records, base: meta.point.head, meta: next)
        let outcome = try stored { () throws(SQLiteError) in try writer.write(folded) }
        guard case .written(let written) = outcome else {
          throw .failed("the state changed under its lock")
        }
        working.confirmSlice(written)
        meta = next
      }
      if count == 0 { return meta }
    }
  }
}
