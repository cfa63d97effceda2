// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import LedgerCore
  import PostgreSQL
  import Secrets
  import Store

  /// The rows of the journal: how they are read, with their links checked, and how they are made.
  final class JournalRows {
    /// The keys it links and checks under; newer ones are adopted.
    var chain: HashChain
    /// Asked for newer keys when an entry is linked under one that `chain` lacks.
    var renewal: (() -> HashChain?)?

    init(chain: HashChain) { self.chain = chain }

    /// A row with the link before it; column 7 is NULL for the first.
    static let single = Statement(
      """
      SELECT j.seq, j.at, j.kind, j.account, j.key, j.body, j.link, p.link
      FROM journal j LEFT JOIN journal p ON p.seq = j.seq - 1
      WHERE j.seq = ANY($1)
      """)
    static let range = Statement(
      """
      SELECT j.seq, j.at, j.kind, j.account, j.key, j.body, j.link, p.link
      FROM journal j LEFT JOIN journal p ON p.seq = j.seq - 1
      WHERE j.seq > $1 ORDER BY j.seq LIMIT $2
      """)
    static let link = Statement("SELECT link FROM journal WHERE seq = $1")
    private static let insertion = Statement(
      """
      INSERT INTO journal (seq, at, kind, account, key, body, link)
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
        $5::text[], $6::bytea[], $7::bytea[])
      """)

    /// A row as it stands, with nothing believed of it.
    static func row(_ rows: Rows, _ index: Int) -> JournalRow {
      JournalRow(
        sequence: rows.integer(index, 0), at: rows.integer(index, 1),
        kind: rows.integer(index, 2), account: rows.optionalInteger(index, 3),
        key: rows.isNull(index, 4) ? nil : rows.text(index, 4), body: rows.bytes(index, 5),
        link: rows.bytes(index, 6))
    }

    /// The entry of a row of `single` or `range`, its link checked; `genesis` is before the first.
    func entry(_ rows: Rows, _ index: Int, genesis: ChainLink) throws(StoreError) -> Entry {
      let row = Self.row(rows, index)
      let before = row.sequence == 1 ? genesis : ChainLink(bytes: rows.bytes(index, 7))
      guard let before else {
        throw .damaged(entry: EntryID(row.sequence - 1), reason: "it is missing")
      }
      return try entry(row, after: before)
    }

    /// The entry of a row that must follow a link.
    func entry(_ row: JournalRow, after before: ChainLink) throws(StoreError) -> Entry {
      let id = EntryID(row.sequence)
      guard let link = ChainLink(bytes: row.link), let kind = UInt8(exactly: row.kind) else {
        throw .damaged(entry: id, reason: "its link or kind is none")
      }
      func check() -> HashChain.Check {
        chain.check(
          link, after: before, seq: row.sequence, at: row.at, kind: kind,
          account: row.account ?? 0, key: (row.key ?? "").utf8.span.bytes,
          body: row.body.span.bytes)
      }
      var found = check()
      // Another process may have been quicker to take up a key that was made a moment ago.
      if case .unknownKey = found, let renewed = renewal?() {
        chain = renewed
        found = check()
      }
      switch found {
      case .intact: break
      case .broken:
        throw .damaged(entry: id, reason: "its link does not fit it and the entry before it")
      case .unknownKey(let key):
        throw .damaged(
          entry: id, reason: "it was linked under journal key \(key), which the key ring lacks")
      }
      do throws(MalformedRecord) {
        return try row.entry()
      } catch {
        throw .damaged(entry: id, reason: error.reason)
      }
    }

    /// The row of an entry that follows `link`.
    func row(of entry: Entry, after link: ChainLink) -> (row: JournalRow, link: ChainLink) {
      let body = entry.encodedBody()
      let key = entry.key?.text
      let next = chain.next(
        after: link, seq: entry.id.sequence, at: entry.at.milliseconds,
        kind: entry.kind.rawValue, account: entry.account?.value ?? 0,
        key: (key ?? "").utf8.span.bytes, body: body.span.bytes)
      let row = JournalRow(
        sequence: entry.id.sequence, at: entry.at.milliseconds,
        kind: Int64(entry.kind.rawValue), account: entry.account?.value, key: key, body: body,
        link: next.bytes)
      return (row, next)
    }

    /// Inserts all of them; fails where one of these numbers is taken.
    static func insert(_ rows: [JournalRow]) -> Command {
      insertion.with(
        .integers(rows.map(\.sequence)), .integers(rows.map(\.at)), .integers(rows.map(\.kind)),
        .integers(rows.map(\.account)), .texts(rows.map(\.key)), .blobs(rows.map(\.body)),
        .blobs(rows.map(\.link)))
    }
  }

#endif
