// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  package import LedgerCore
  import PostgreSQL
  package import Store

  /// Reads the outbox of a ledger on a server while others serve it.
  package final class PostgreSQLOutbox: Outbox {
    private static let range = Statement(
      """
      SELECT seq, at, kind, account, key, body, link FROM journal
      WHERE seq > $1 ORDER BY seq LIMIT $2
      """)
    private static let place = Statement(
      """
      SELECT (SELECT record FROM alerts WHERE seq = $1), seq, alert_seq FROM head WHERE id = 1
      """)
    private let server: Server
    /// The last entry looked at.
    private var position: Int64 = 0
    package private(set) var next: Int64
    package private(set) var newest: Int64 = 0

    /// Takes its place before event `first`.
    package init(_ target: String, from first: Int64) throws(StoreError) {
      server = Server(target)
      next = max(1, first)
      guard next > 1 else { return }
      let rows = try server.read([Self.place.with(.integer(next))])[0]
      guard rows.count == 1 else { return }
      if !rows.isNull(0, 0) {
        guard let row = try? AlertRow(encoded: rows.bytes(0, 0)[...]) else {
          throw StateReading.garbled("event \(next) of the outbox")
        }
        position = row.entry.sequence - 1
      } else if rows.integer(0, 2) == next - 1 {
        position = rows.integer(0, 1)
      }
      if position > 0 { newest = next - 1 }
    }

    package func read(
      entries limit: Int
    ) throws(StoreError) -> (events: [AlertEvent], isAtEnd: Bool) {
      let rows = try rows(after: position, limit: limit)
      // An alert that was told must not be taken back.
      if rows.count > 0 { try server.passBarrier() }
      var events: [AlertEvent] = []
      for index in 0..<rows.count {
        events += try self.events(in: JournalRows.row(rows, index))
        position = rows.integer(index, 0)
      }
      return (events, rows.count < limit)
    }

    package func skip(to entry: EntryID) { position = max(position, entry.sequence - 1) }

    private func rows(after sequence: Int64, limit: Int) throws(StoreError) -> Rows {
      try server.read([Self.range.with(.integer(sequence), .integer(Int64(limit)))])[0]
    }

    private func events(in row: JournalRow) throws(StoreError) -> [AlertEvent] {
      let all = try AlertEvent.events(of: try decoded(row)) { id throws(StoreError) in
        let rows = try rows(after: id.sequence - 1, limit: 1)
        guard rows.count == 1, rows.integer(0, 0) == id.sequence else { return nil }
        return try decoded(JournalRows.row(rows, 0))
      }
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
  }

#endif
