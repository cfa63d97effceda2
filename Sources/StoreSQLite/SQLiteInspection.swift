// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
package import LedgerCore
import SQLite
import Secrets
package import Store
package import StoredValue

/// A standing view of a ledger in a directory, for those who check it.
///
/// Two read transactions, that on the state begun first: the journal's view holds all that the
/// state's was folded from. Needs no keys and believes nothing. While it lasts, the logs of both
/// databases cannot start over and so may grow.
package final class SQLiteInspection: LedgerInspection {
  package let identity: LedgerIdentity
  package let genesisLink: [UInt8]
  package let head: EntryID
  let directory: LedgerDirectory
  let journal: Connection
  private let people: People
  private let rowStatement: Statement
  let state: Connection?
  private let reader: StateReader?
  /// Why the state cannot be looked at; nil when it can.
  let stateProblem: String?
  private static let settings = Database.Settings(synchronous: .normal, cacheMebibytes: 16)

  /// Takes the view.
  ///
  /// Throws `foreign` as opening does. A state that is missing or cannot be read is not an error
  /// but one of the `integrityProblems`.
  package init(directory path: String) throws(StoreError) {
    let directory = LedgerDirectory(path: path)
    self.directory = directory
    var state: Connection?
    var stateProblem: String?
    do throws(StoreError) {
      state = try Self.state(of: directory)
    } catch {
      stateProblem = "state.db: \(error.message)"
    }
    self.state = state
    self.stateProblem = stateProblem
    reader = if let state { try StateReader(state) } else { nil }
    let header = try JournalHeader(opening: directory, .readOnly)
    identity = header.identity
    genesisLink = header.genesis
    journal = header.connection
    people = try People(journal)
    do throws(SQLiteError) {
      try journal.execute("BEGIN")
      head = EntryID(try journal.integer("SELECT max(seq) FROM journal") ?? 0)
      rowStatement = try journal.prepare(
        """
        SELECT seq, at, kind, account, key, body, link
        FROM journal WHERE seq > ? ORDER BY seq LIMIT ?
        """)
    } catch {
      throw StoreError(error)
    }
  }

  /// Opens the state and takes its view, while nobody puts another in its place.
  private static func state(of directory: LedgerDirectory) throws(StoreError) -> Connection {
    try FileLock.open(directory.foldLock).holding { () throws(StoreError) in
      // Without the pages' sums, so that what was changed by hand is read, and named row by row.
      let opened = try stored { () throws(SQLiteError) in
        try Database.open(
          directory.state, .readOnly, settings, application: StateSchema.applicationID,
          version: StateSchema.version)
      }
      guard case .ours = opened.origin else {
        throw .damaged(entry: nil, reason: "it is of another version, or none of ours")
      }
      try stored { () throws(SQLiteError) in
        try opened.connection.execute("BEGIN; SELECT count(*) FROM meta")
      }
      return opened.connection
    }
  }
}

extension SQLiteInspection {
  package func rows(after sequence: Int64, limit: Int) throws(StoreError) -> [JournalRow] {
    try stored { () throws(SQLiteError) in
      rowStatement.bind(1, sequence)
      rowStatement.bind(2, Int64(limit))
      defer { rowStatement.reset() }
      var rows: [JournalRow] = []
      while try rowStatement.step() {
        rows.append(
          JournalRow(
            sequence: rowStatement.integer(0), at: rowStatement.integer(1),
            kind: rowStatement.integer(2),
            account: rowStatement.isNull(3) ? nil : rowStatement.integer(3),
            key: rowStatement.isNull(4) ? nil : rowStatement.text(4),
            body: rowStatement.blob(5), link: rowStatement.blob(6)))
      }
      return rows
    }
  }

  package func foldPoint() throws(StoreError) -> (point: FoldPoint, link: [UInt8])? {
    try reader?.meta().map { ($0.point, $0.link.bytes) }
  }

  package func accounts(
    after cursor: AccountID?, limit: Int
  ) throws(StoreError) -> [(account: Account, due: Instant?)] {
    guard let state else { return [] }
    let rows = try stored { () throws(SQLiteError) in
      let select = try state.prepare(
        "SELECT id, due, record FROM accounts WHERE id > ? ORDER BY id LIMIT ?")
      select.bind(1, cursor?.value ?? .min)
      select.bind(2, Int64(limit))
      var rows: [(id: Int64, due: Int64?, record: [UInt8])] = []
      while try select.step() {
        rows.append(
          (select.integer(0), select.isNull(1) ? nil : select.integer(1), select.blob(2)))
      }
      return rows
    }
    var accounts: [(account: Account, due: Instant?)] = []
    for (id, due, sealed) in rows {
      guard let name = AccountID(stored: id), let record = Checksum.open(sealed, seed: id),
        let account = try? Account(id: name, encoded: record)
      else {
        throw .damaged(entry: nil, reason: "state.db: the record of account \(id) is garbled")
      }
      accounts.append((account, due.map { Instant(milliseconds: $0) }))
    }
    return accounts
  }

  package func cards() throws(StoreError) -> [CardNumber: CardStanding] {
    var cards: [CardNumber: CardStanding] = [:]
    let rows = try pairs(
      "SELECT number, account, checksum FROM cards",
      {
        (text: $0.text(0), checksum: $0.integer(2))
      })
    for ((text, checksum), account) in rows {
      guard Checksum.ofCard(text, account: account) == checksum else {
        throw .damaged(entry: nil, reason: "state.db: the row of a card is garbled")
      }
      guard let number = CardNumber(text) else {
        throw .damaged(entry: nil, reason: "state.db: a card has no number")
      }
      if let account {
        guard let id = AccountID(stored: account) else {
          throw .damaged(entry: nil, reason: "state.db: card \(text) names no account")
        }
        cards[number] = .names(id)
      } else {
        cards[number] = .retired
      }
    }
    return cards
  }

  package func keys() throws(StoreError) -> [(hash: Int64, entry: EntryID)] {
    guard let state else { return [] }
    var keys: [(hash: Int64, entry: EntryID)] = []
    try KeyRuns.forEach(state) { item in
      keys.append((Int64(bitPattern: item.hash), EntryID(item.entry)))
    }
    return keys
  }

  package func marks() throws(StoreError) -> [EntryID: EntryMarks] {
    var marks: [EntryID: EntryMarks] = [:]
    for (sealed, entry) in try pairs("SELECT record, entry FROM marks", { $0.blob(0) }) {
      guard let entry, let record = Checksum.open(sealed, seed: entry),
        let found = try? EntryMarks(encoded: record)
      else { throw .damaged(entry: nil, reason: "state.db: the marks of an entry are garbled") }
      marks[EntryID(entry)] = found
    }
    return marks
  }

  package func subjects() throws(StoreError) -> [WatchedSubject: SubjectRecord]? {
    guard let state else { return nil }
    return try WatchTables.subjects(state)
  }

  package func chunks() throws(StoreError) -> [ChunkKey: [EventLog.Item]]? {
    guard let state else { return nil }
    return try WatchTables.chunks(state)
  }

  package func peopleAccounts() throws(StoreError) -> [Int64] {
    try stored { () throws(SQLiteError) in
      let select = try journal.prepare("SELECT account FROM people ORDER BY account")
      var accounts: [Int64] = []
      while try select.step() { accounts.append(select.integer(0)) }
      return accounts
    }
  }

  package func alerts() throws(StoreError) -> [Int64: AlertRow]? {
    guard let state else { return nil }
    return try WatchTables.alerts(state)
  }

  /// The event of the outbox with this number, where it is folded.
  package func alert(_ sequence: Int64) throws(StoreError) -> AlertRow? {
    try reader?.alert(sequence)
  }

  package func person(of account: AccountID) throws(StoreError) -> Person? {
    try stored { () throws(SQLiteError) in try people.person(of: account) }
  }

  /// All rows of two columns; the second is an integer or NULL.
  func pairs<First>(
    _ sql: String, _ first: (borrowing Statement) -> First
  ) throws(StoreError) -> [(First, Int64?)] {
    guard let state else { return [] }
    return try stored { () throws(SQLiteError) in
      let select = try state.prepare(sql)
      var rows: [(First, Int64?)] = []
      while try select.step() {
        rows.append((first(select), select.isNull(1) ? nil : select.integer(1)))
      }
      return rows
    }
  }
}
