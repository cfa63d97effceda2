// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import SQLite
import Secrets
import Store

/// The one row of state.db's `meta`: up to where which ledger is folded, with the small records.
struct StateMeta: Sendable {
  let ledger: String
  let point: FoldPoint
  /// The chain's link at the head.
  let link: ChainLink

  static let selection = """
    SELECT ledger, head, head_time, link, totals, program_version, program_document, checksum,
      alert_seq, series
    FROM meta WHERE id = 1
    """
  static let insertion = """
    INSERT OR REPLACE INTO meta (id, ledger, head, head_time, link, totals, program_version,
      program_document, checksum, alert_seq, series) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  init(ledger: String, point: FoldPoint, link: ChainLink) {
    self.ledger = ledger
    self.point = point
    self.link = link
  }

  /// Reads a row of `selection`; nil when it is not what `bind` wrote.
  init?(_ row: borrowing Statement) {
    ledger = row.text(0)
    guard let link = row.link(3), let totals = try? Totals(encoded: row.blob(4)[...]) else {
      return nil
    }
    self.link = link
    var point = FoldPoint()
    point.head = EntryID(row.integer(1))
    point.headTime = Instant(milliseconds: row.integer(2))
    point.totals = totals
    point.programVersion = row.integer(5)
    point.programDocument = row.blob(6)
    point.alertSequence = row.integer(8)
    guard let series = Self.series(row.blob(9)) else { return nil }
    point.series = series
    self.point = point
    guard row.integer(7) == checksum else { return nil }
  }

  /// Binds the parameters of `insertion`.
  func bind(to statement: borrowing Statement) {
    statement.bind(1, text: ledger)
    statement.bind(2, point.head.sequence)
    statement.bind(3, point.headTime.milliseconds)
    statement.bind(4, link: link)
    statement.bind(5, blob: point.totals.encoded())
    statement.bind(6, point.programVersion)
    statement.bind(7, blob: point.programDocument)
    statement.bind(8, checksum)
    statement.bind(9, point.alertSequence)
    statement.bind(10, blob: seriesBytes)
  }

  private var checksum: Int64 {
    var writer = ByteWriter()
    writer.text(ledger)
    writer.signed(point.head.sequence)
    writer.signed(point.headTime.milliseconds)
    writer.blob(link.bytes)
    writer.blob(point.totals.encoded())
    writer.signed(point.programVersion)
    writer.blob(point.programDocument)
    writer.signed(point.alertSequence)
    writer.blob(seriesBytes)
    return Int64(bitPattern: Checksum.of(writer.bytes[...], seed: 1))
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
    var reader = ByteReader(bytes)
    return try? reader.list { r throws(MalformedRecord) in
      SeriesStanding(definition: try r.blob(), number: try r.signed())
    }
  }
}
