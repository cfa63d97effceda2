// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Secrets
import Store

/// A connection to journal.db, with the chain: whatever it reads it has checked.
final class Journal {
  /// The end of what has been read or written: a sequence number and the link there.
  struct Position {
    var entry: EntryID
    var link: ChainLink
  }

  static let settings = Database.Settings(
    synchronous: .full, cacheMebibytes: 2, writesEarly: true)

  let identity: LedgerIdentity
  var chain: HashChain
  /// An entry's body, while it is appended.
  private var body = ByteWriter(reserving: 1024)
  /// Asked for newer keys when an entry is linked under one that `chain` lacks.
  var renewal: (() -> HashChain?)?
  /// Before the first entry.
  let start: Position
  let connection: Connection
  private let beginStatement: Statement
  private let commitStatement: Statement
  private let newestStatement: Statement
  private let insertStatement: Statement
  let linkStatement: Statement
  let entryStatement: Statement
  let rangeStatement: Statement

  /// Opens the journal of a ledger and checks that the identity belongs to the keys.
  ///
  /// Throws `foreign` when there is none or it is not for us, `damaged` when the identity was
  /// changed or the key ring is another ledger's.
  init(_ directory: LedgerDirectory, chain: HashChain) throws(StoreError) {
    let header = try JournalHeader(opening: directory, .readWrite)
    self.chain = chain
    identity = header.identity
    guard let genesis = ChainLink(bytes: header.genesis) else {
      throw .damaged(entry: nil, reason: "the first link of the chain is none")
    }
    guard chain.check(genesis: genesis, over: identity.sealedBytes) == .intact else {
      throw .damaged(
        entry: nil, reason: "the ledger's identity does not belong to the keys of this key ring")
    }
    start = Position(entry: .none, link: genesis)
    connection = header.connection
    let problem = try stored { () throws(SQLiteError) in
      try Database.problem(of: header.connection, Self.settings)
    }
    if let problem { throw .failed("journal.db: \(problem)") }
    // SQLite believes whole groups in the log, synced or not: nothing is folded or answered from
    // them before they are (spec/model, NO_SYNC_AT_OPEN).
    try directory.synchronizeJournalLog()
    do throws(SQLiteError) {
      beginStatement = try connection.prepare("BEGIN IMMEDIATE")
      commitStatement = try connection.prepare("COMMIT")
      newestStatement = try connection.prepare(
        "SELECT seq, link FROM journal ORDER BY seq DESC LIMIT 1")
      insertStatement = try connection.prepare(
        "INSERT INTO journal (seq, at, kind, account, key, body, link) VALUES (?,?,?,?,?,?,?)")
      linkStatement = try connection.prepare("SELECT link FROM journal WHERE seq = ?")
      entryStatement = try connection.prepare(
        """
        SELECT seq, at, kind, account, key, body, link,
          (SELECT link FROM journal WHERE seq = ?1 - 1)
        FROM journal WHERE seq = ?1
        """)
      rangeStatement = try connection.prepare(
        """
        SELECT seq, at, kind, account, key, body, link
        FROM journal WHERE seq > ? ORDER BY seq LIMIT ?
        """)
    } catch {
      throw StoreError(error)
    }
  }

  /// The newest row; nil while there is none.
  func newest() throws(StoreError) -> Position? {
    do throws(SQLiteError) {
      guard try newestStatement.step() else { return nil }
    } catch {
      throw StoreError(error)
    }
    defer { newestStatement.reset() }
    let id = EntryID(newestStatement.integer(0))
    guard let link = newestStatement.link(1) else { throw .badLink(id) }
    return Position(entry: id, link: link)
  }
}

extension Journal {
  /// Throws `damaged` where the log shows that it held groups which are out of reach now.
  ///
  /// The caller holds journal.lock.
  func checkLog(of directory: LedgerDirectory) throws(StoreError) {
    let last = try newest()?.entry ?? .none
    guard let problem = directory.journalLogProblem(connection) else { return }
    throw .damaged(
      entry: last.next,
      reason:
        "journal.db: \(problem): entries are lost. Restore a backup, or accept the loss with: "
        + "scrip rebuild")
  }
}

// One transaction at a time; the caller holds journal.lock around those that write.
extension Journal {
  /// Starts a transaction that writes.
  func begin() throws(SQLiteError) { try beginStatement.run() }

  /// Makes the transaction durable, and does `work` while the disk takes it in, or not at all.
  func commit(meanwhile work: () -> Void) throws(SQLiteError) {
    try EarlyWrites.using(work, during: { () throws(SQLiteError) in try commitStatement.run() })
  }

  /// Drops the transaction, if there is one.
  ///
  /// What cannot be rolled back has been already: SQLite does so by itself on some errors.
  func rollback() {
    guard connection.isInTransaction else { return }
    try? connection.execute("ROLLBACK")
  }

  /// Writes an entry after `position` and moves that on; answers the bytes it took, about.
  func append(_ entry: Entry, at position: inout Position) throws(SQLiteError) -> Int {
    body.removeAll()
    entry.writeBody(to: &body)
    let count = body.count
    let key = entry.key?.text ?? ""
    position.link = try body.withBytes { (body) throws(SQLiteError) in
      let link = chain.next(
        after: position.link, seq: entry.id.sequence, at: entry.at.milliseconds,
        kind: entry.kind.rawValue, account: entry.account?.value ?? 0,
        key: key.utf8.span.bytes, body: body.bytes)
      try insert(entry, key, body.bytes, link)
      return link
    }
    position.entry = entry.id
    return count + key.utf8.count + 48
  }

  private func insert(
    _ entry: Entry, _ key: String, _ body: RawSpan, _ link: ChainLink
  ) throws(SQLiteError) {
    insertStatement.bind(1, entry.id.sequence)
    insertStatement.bind(2, entry.at.milliseconds)
    insertStatement.bind(3, Int64(entry.kind.rawValue))
    if let account = entry.account {
      insertStatement.bind(4, account.value)
    } else {
      insertStatement.bindNull(4)
    }
    if key.isEmpty {
      insertStatement.bindNull(5)
    } else {
      insertStatement.bind(5, text: key)
    }
    insertStatement.bind(7, link: link)
    try insertStatement.run(borrowing: body, at: 6)
  }
}
