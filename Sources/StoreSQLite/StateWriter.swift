// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import SQLite
import Secrets
import Store
import StoredValue

/// A slice of the journal folded, on its way into state.db.
struct Slice: Sendable {
  let records: Unfolded
  /// What the records were folded on top of: everything up to here was in the state before.
  let base: EntryID
  /// Where the state stands once they are in.
  let meta: StateMeta
}

/// Writes slices into the folded tables; the caller holds fold.lock.
final class StateWriter {
  let connection: Connection
  private let begin: Statement
  private let commit: Statement
  private let account: Statement
  private let watchedAccount: Statement
  private let card: Statement
  private let keys: KeyRunWriter
  private let marks: Statement
  private let coupons: CouponWriter
  private let head: Statement
  private let meta: Statement
  private let watch: WatchWriter

  init(_ connection: Connection) throws(StoreError) {
    self.connection = connection
    do throws(SQLiteError) {
      begin = try connection.prepare("BEGIN IMMEDIATE")
      commit = try connection.prepare("COMMIT")
      account = try connection.prepare(
        """
        INSERT INTO accounts (id, due, record) VALUES (?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET due = excluded.due, record = excluded.record
        """)
      watchedAccount = try connection.prepare(
        """
        INSERT INTO accounts (id, due, record, watch_due, watch) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (id) DO UPDATE SET due = excluded.due, record = excluded.record,
        watch_due = excluded.watch_due, watch = excluded.watch
        """)
      card = try connection.prepare(
        "INSERT OR REPLACE INTO cards (number, account, checksum) VALUES (?, ?, ?)")
      keys = try KeyRunWriter(connection)
      marks = try connection.prepare(
        "INSERT OR REPLACE INTO marks (entry, record) VALUES (?, ?)")
      coupons = try CouponWriter(connection)
      head = try connection.prepare("SELECT head FROM meta WHERE id = 1")
      meta = try connection.prepare(StateMeta.insertion)
      watch = try WatchWriter(connection)
    } catch {
      throw StoreError(error)
    }
  }

  /// What became of a slice.
  enum Outcome: Sendable {
    /// Its records are in the state.
    case written(FoldedSlice)
    /// Newer ones of another process are.
    case superseded
    /// The state lacks what the slice stands on; it is not the one the slice was cut for.
    case gap
  }

  /// Writes a slice, whole or not at all, unless the state is already past it.
  ///
  /// No record replaces a newer one: a slice holds all that changed between its base and its
  /// head, and is written only while the state's head lies between the two.
  func write(_ slice: Slice) throws(SQLiteError) -> Outcome {
    try begin.run()
    do throws(SQLiteError) {
      let outcome = try writeIfNext(slice)
      try commit.run()
      return outcome
    } catch {
      // What cannot be rolled back has been already: SQLite does so by itself on some errors.
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      throw error
    }
  }

  /// Where the accounts are in the file, all of whose log is copied; nil where that cannot be told.
  func accountLeaves() throws(SQLiteError) -> AccountLeaves? {
    guard let leaves = try TableLeaves(of: "accounts", in: connection), try head.step() else {
      return nil
    }
    defer { head.reset() }
    return AccountLeaves(leaves: leaves, head: EntryID(head.integer(0)))
  }

  /// Writes where a state stands that holds nothing yet.
  func write(_ first: StateMeta) throws(SQLiteError) {
    first.bind(to: meta)
    try meta.run()
  }

  private func writeIfNext(_ slice: Slice) throws(SQLiteError) -> Outcome {
    let found = try head.step() ? EntryID(head.integer(0)) : .none
    head.reset()
    if found >= slice.meta.point.head { return .superseded }
    guard found >= slice.base else { return .gap }
    let rows = try writeAccounts(slice.records)
    let hashes = try writeKeys(slice.records, after: found)
    try writeOthers(slice.records)
    try coupons.write(slice.records)
    try watch.write(slice.records)
    slice.meta.bind(to: meta)
    try meta.run()
    return .written(FoldedSlice(of: slice.records, rows: rows, keyHashes: hashes))
  }

  /// In the order of the keys, so that rows of one page come together.
  private func writeAccounts(_ records: Unfolded) throws(SQLiteError) -> AccountRows {
    let ids = records.accounts.ids
    for id in ids {
      guard let record = records.accounts.find(id) else { continue }
      let sealed = Checksum.seal(Array(record.account), seed: id.value)
      guard let watch = record.watch else {
        bind(id, due: record.due, to: account)
        try account.run(borrowing: sealed.span.bytes, at: 3)
        continue
      }
      bind(id, due: record.due, to: watchedAccount)
      if let due = record.watchDue {
        watchedAccount.bind(4, due.milliseconds)
      } else {
        watchedAccount.bindNull(4)
      }
      watchedAccount.bind(3, blob: sealed)
      let name = WatchedSubject.account(id).rowName
      let sealedWatch = Checksum.seal(Array(watch), seed: Checksum.ofName(name))
      try watchedAccount.run(borrowing: sealedWatch.span.bytes, at: 5)
    }
    return records.accounts.rows(of: ids)
  }

  private func bind(_ id: AccountID, due: Instant?, to statement: borrowing Statement) {
    statement.bind(1, id.value)
    if let due { statement.bind(2, due.milliseconds) } else { statement.bindNull(2) }
  }

  /// Writes the keys of entries that the state has not folded yet, and answers the hashes of all.
  ///
  /// Where another process has folded some of the slice, their keys are in its runs.
  private func writeKeys(
    _ records: Unfolded, after head: EntryID
  ) throws(SQLiteError) -> [Int64] {
    let all = records.keys.items
    try keys.add(
      all.filter { $0.entry > head }.map { item in
        KeyRun.Item(hash: UInt64(bitPattern: item.hash), entry: item.entry.sequence)
      })
    return all.map(\.hash)
  }

  private func writeOthers(_ records: Unfolded) throws(SQLiteError) {
    for (number, standing) in records.cards.sorted(by: { $0.key.text < $1.key.text }) {
      card.bind(1, text: number.text)
      let account: Int64? =
        switch standing {
        case .unknown, .retired: nil
        case .names(let account): account.value
        }
      if let account { card.bind(2, account) } else { card.bindNull(2) }
      card.bind(3, Checksum.ofCard(number.text, account: account))
      try card.run()
    }
    for (entry, record) in records.marks.sorted(by: { $0.key < $1.key }) {
      marks.bind(1, entry.sequence)
      marks.bind(2, blob: Checksum.seal(record.encoded(), seed: entry.sequence))
      try marks.run()
    }
  }
}
