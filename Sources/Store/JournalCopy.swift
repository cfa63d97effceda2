// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// A ledger's journal on its way into another store: its rows as they are, links and all, with the
/// particulars of the holders.
package final class JournalCopy {
  /// Some rows that follow each other, with the particulars of those whose cards they open.
  package struct Part {
    package let rows: [JournalRow]
    package let people: [AccountID: Person]
  }

  private let source: any LedgerInspection
  private let limit: Int
  /// The last row that was handed out.
  package private(set) var last: Int64 = 0

  /// Takes its place before the first row.
  package init(of source: any LedgerInspection, limit: Int = 500) {
    self.source = source
    self.limit = limit
  }

  package var identity: LedgerIdentity { source.identity }

  /// The link before the first row, as stored.
  package var genesisLink: [UInt8] { source.genesisLink }

  /// The next rows; none at the end of what the view shows.
  package func next() throws(StoreError) -> Part {
    let rows = try source.rows(after: last, limit: limit)
    var people: [AccountID: Person] = [:]
    for row in rows where row.kind == Int64(EntryKind.open.rawValue) {
      guard let id = row.account.flatMap({ AccountID(stored: $0) }) else { continue }
      people[id] = try source.person(of: id)
    }
    last = rows.last?.sequence ?? last
    return Part(rows: rows, people: people)
  }

  /// Where another ledger first differs from this one, row by row and person by person; nil where
  /// it does not.
  package static func difference(
    of copy: any LedgerInspection, from source: any LedgerInspection
  ) throws(StoreError) -> String? {
    guard copy.identity == source.identity, copy.genesisLink == source.genesisLink else {
      return "the copy is not of this ledger"
    }
    let (one, two) = (JournalCopy(of: source), JournalCopy(of: copy))
    while true {
      let (part, other) = (try one.next(), try two.next())
      for (row, copied) in zip(part.rows, other.rows) where !row.isSame(as: copied) {
        return "entry \(row.sequence) is not the same in the copy"
      }
      guard part.rows.count == other.rows.count else {
        return "entry \(min(one.last, two.last) + 1) is missing on one side"
      }
      guard part.people == other.people else {
        return "a holder's particulars up to entry \(one.last) are not the same in the copy"
      }
      if part.rows.isEmpty { return nil }
    }
  }
}

extension JournalRow {
  fileprivate func isSame(as other: JournalRow) -> Bool {
    sequence == other.sequence && at == other.at && kind == other.kind
      && account == other.account && key == other.key && body == other.body && link == other.link
  }
}
