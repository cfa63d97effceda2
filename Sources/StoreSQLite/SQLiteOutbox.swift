// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import SQLite
package import Store

/// Reads the outbox of a ledger in a directory while others serve it.
///
/// On a connection of its own that never holds a view, so that it keeps no log from starting over.
/// The events are in the entries: it walks the journal once, from where the wanted event is. One
/// thread at a time.
package final class SQLiteOutbox: Outbox {
  private let directory: LedgerDirectory
  private let connection: Connection
  private let range: Statement
  private let single: Statement
  private let newestEntry: Statement
  /// The last entry looked at.
  private var position: Int64 = 0
  /// The next event wanted.
  package private(set) var next: Int64
  package private(set) var newest: Int64 = 0

  /// Takes its place before event `first`.
  package init(directory path: String, from first: Int64) throws(StoreError) {
    directory = LedgerDirectory(path: path)
    let header = try JournalHeader(opening: directory, .readOnly)
    connection = header.connection
    next = max(1, first)
    do throws(SQLiteError) {
      range = try connection.prepare(
        """
        SELECT seq, at, kind, account, key, body, link
        FROM journal WHERE seq > ? ORDER BY seq LIMIT ?
        """)
      single = try connection.prepare(
        "SELECT seq, at, kind, account, key, body, link FROM journal WHERE seq = ?")
      newestEntry = try connection.prepare("SELECT max(seq) FROM journal")
    } catch {
      throw StoreError(error)
    }
    place()
  }

  /// Goes back, or on, to before this event.
  package func seek(_ first: Int64) {
    next = max(1, first)
    newest = 0
    position = 0
    place()
  }

  /// Finds by the folded state where to begin; without one, at the first entry.
  private func place() {
    guard next > 1, let inspection = try? SQLiteInspection(directory: directory.path) else {
      return
    }
    if let row = try? inspection.alert(next) {
      position = row.entry.sequence - 1
    } else if let point = try? inspection.foldPoint()?.point, point.alertSequence < next {
      // Beyond what is folded: at the head, unless it asks for what has not happened.
      position = point.alertSequence == next - 1 ? point.head.sequence : 0
    }
    if position > 0 { newest = next - 1 }
  }

  /// The newest entry of the journal.
  package func head() throws(StoreError) -> EntryID {
    try stored { () throws(SQLiteError) in
      defer { newestEntry.reset() }
      let isThere = try newestEntry.step() && !newestEntry.isNull(0)
      return EntryID(isThere ? newestEntry.integer(0) : 0)
    }
  }

  /// The next events, from at most `limit` entries; whether the end of the journal was reached.
  package func read(entries limit: Int) throws(StoreError) -> (events: [AlertEvent], isAtEnd: Bool)
  {
    let rows = try rows(after: position, limit: limit)
    var events: [AlertEvent] = []
    for row in rows {
      events += try self.events(in: row)
      position = row.sequence
    }
    return (events, rows.count < limit)
  }

  /// Walks on to an entry that is known to hold the next event, over others that hold none.
  package func skip(to entry: EntryID) { position = max(position, entry.sequence - 1) }

  private func events(in row: JournalRow) throws(StoreError) -> [AlertEvent] {
    let entry = try decoded(row)
    let all = try AlertEvent.events(of: entry) { id throws(StoreError) in try self.entry(id) }
    if let last = all.last { newest = last.sequence }
    let found = all.filter { $0.sequence >= next }
    if let last = found.last { next = last.sequence + 1 }
    return found
  }

  private func decoded(_ row: JournalRow) throws(StoreError) -> Entry {
    do throws(MalformedRecord) {
      return try row.entry()
    } catch {
      throw .damaged(entry: EntryID(row.sequence), reason: error.reason)
    }
  }

  private func entry(_ id: EntryID) throws(StoreError) -> Entry? {
    let row = try stored { () throws(SQLiteError) in
      single.bind(1, id.sequence)
      defer { single.reset() }
      return try single.step() ? Self.row(single) : nil
    }
    return try row.map { row throws(StoreError) in try decoded(row) }
  }

  private func rows(after sequence: Int64, limit: Int) throws(StoreError) -> [JournalRow] {
    try stored { () throws(SQLiteError) in
      range.bind(1, sequence)
      range.bind(2, Int64(limit))
      defer { range.reset() }
      var rows: [JournalRow] = []
      while try range.step() { rows.append(Self.row(range)) }
      return rows
    }
  }

  private static func row(_ statement: borrowing Statement) -> JournalRow {
    JournalRow(
      sequence: statement.integer(0), at: statement.integer(1), kind: statement.integer(2),
      account: statement.isNull(3) ? nil : statement.integer(3),
      key: statement.isNull(4) ? nil : statement.text(4), body: statement.blob(5),
      link: statement.blob(6))
  }
}
