// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

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
    SELECT ledger, head, head_time, link, totals, program_version, program_document, checksum
    FROM meta WHERE id = 1
    """
  static let insertion = """
    INSERT OR REPLACE INTO meta (id, ledger, head, head_time, link, totals, program_version,
      program_document, checksum) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
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
    return Int64(bitPattern: Checksum.of(writer.bytes[...], seed: 1))
  }
}
