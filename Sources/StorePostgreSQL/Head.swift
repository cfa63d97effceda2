// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import Anomalies
  import LedgerCore
  import PostgreSQL
  import Secrets
  import Store

  /// The one row of `head`: how far the journal goes, with the small records that go with it.
  struct Head {
    var point: FoldPoint
    let link: ChainLink

    static let reading = Statement(
      "SELECT seq, at, link, totals, program_version, alert_seq, series FROM head WHERE id = 1")

    /// As `reading`, and no other transaction gets it until this one ends.
    static let locking = Statement(reading.sql + " FOR UPDATE")

    /// Has sessions that want the head wait in a line, the first of which gets it.
    ///
    /// `head` has a new row version with each group. All who wait for an old one would be woken by
    /// each commit, to wait again for the new one, in any order. This row is never written
    /// (decision 0056).
    static let lining = Statement(
      "SELECT id FROM barriers WHERE id = \(Schema.lineBarrier) FOR UPDATE")

    private static let writing = Statement(
      """
      UPDATE head SET seq = $1, at = $2, link = $3, totals = $4, program_version = $5,
        alert_seq = $6, series = $7
      WHERE id = 1
      """)

    private static let making = Statement(
      """
      INSERT INTO head (id, seq, at, link, totals, program_version, alert_seq, series)
      VALUES (1, $1, $2, $3, $4, $5, $6, $7)
      """)

    init(point: FoldPoint, link: ChainLink) {
      self.point = point
      self.link = link
    }

    /// Reads a row of `reading`; the program's document stands elsewhere and is not set.
    init(_ rows: Rows) throws(StoreError) {
      guard rows.count == 1, let link = ChainLink(bytes: rows.bytes(0, 2)),
        let totals = try? Totals(encoded: rows.bytes(0, 3)[...]),
        let series = Self.series(rows.bytes(0, 6))
      else { throw .damaged(entry: EntryID(1), reason: "the row of head is garbled") }
      var point = FoldPoint()
      point.head = EntryID(rows.integer(0, 0))
      point.headTime = Instant(milliseconds: rows.integer(0, 1))
      point.totals = totals
      point.programVersion = rows.integer(0, 4)
      point.alertSequence = rows.integer(0, 5)
      point.series = series
      self.point = point
      self.link = link
    }

    var update: Command { command(Self.writing) }

    var insertion: Command { command(Self.making) }

    private func command(_ statement: Statement) -> Command {
      statement.with(
        .integer(point.head.sequence), .integer(point.headTime.milliseconds),
        .bytes(link.bytes), .bytes(point.totals.encoded()), .integer(point.programVersion),
        .integer(point.alertSequence), .bytes(seriesBytes))
    }

    private var seriesBytes: [UInt8] {
      var writer = ByteWriter(reserving: 64)
      writer.list(point.series) { writer, standing in
        writer.blob(standing.definition)
        writer.signed(standing.number)
      }
      return writer.bytes
    }

    private static func series(_ bytes: [UInt8]) -> [SeriesStanding]? {
      var reader = ByteReader(bytes[...])
      return try? reader.list { r throws(MalformedRecord) in
        SeriesStanding(definition: try r.blob(), number: try r.signed())
      }
    }
  }

#endif
