// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import SQLite
import Secrets
import Store

/// The reads of what is remembered for the rules, and of the outbox.
final class WatchStatements {
  let besideAccount: Statement
  let subject: Statement
  let chunk: Statement
  let alert: Statement
  let due: Statement
  let firstDue: Statement

  init(_ connection: Connection) throws(SQLiteError) {
    besideAccount = try connection.prepare("SELECT watch FROM accounts WHERE id = ?")
    subject = try connection.prepare("SELECT record FROM subjects WHERE name = ?")
    chunk = try connection.prepare(
      "SELECT items FROM chunks WHERE series = ? AND subject = ? AND number = ?")
    alert = try connection.prepare("SELECT record FROM alerts WHERE seq = ?")
    due = try connection.prepare(
      """
      SELECT name, NULL, due FROM subjects WHERE due <= ?1
      UNION ALL SELECT NULL, id, watch_due FROM accounts WHERE watch_due <= ?1
      ORDER BY 3, 1, 2 LIMIT ?2
      """)
    firstDue = try connection.prepare(
      """
      SELECT min(first) FROM (SELECT min(due) AS first FROM subjects WHERE due > ?1
      UNION ALL SELECT min(watch_due) FROM accounts WHERE watch_due > ?1)
      """)
  }
}

extension StateReader {
  func subject(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
    if case .account(let id) = subject, let sealed = try watch(beside: id) {
      return try record(sealed, of: subject.rowName)
    }
    // An account that was never opened has no row of its own.
    let name = subject.rowName
    watch.subject.bind(1, blob: name)
    guard try step(watch.subject) else { return nil }
    defer { watch.subject.reset() }
    return try record(watch.subject.blob(0), of: name)
  }

  private func watch(beside id: AccountID) throws(StoreError) -> [UInt8]? {
    if let besideAccount, besideAccount.id == id { return besideAccount.watch }
    watch.besideAccount.bind(1, id.value)
    guard try step(watch.besideAccount) else { return nil }
    defer { watch.besideAccount.reset() }
    return watch.besideAccount.isNull(0) ? nil : watch.besideAccount.blob(0)
  }

  private func record(
    _ sealed: [UInt8], of name: [UInt8]
  ) throws(StoreError) -> SubjectRecord {
    guard let record = Checksum.open(sealed, seed: Checksum.ofName(name)),
      let found = try? SubjectRecord(encoded: record)
    else { throw damage("what is remembered of a subject is garbled") }
    return found
  }

  func chunk(_ key: ChunkKey) throws(StoreError) -> [EventLog.Item]? {
    watch.chunk.bind(1, key.series)
    watch.chunk.bind(2, blob: key.subject.rowName)
    watch.chunk.bind(3, key.number)
    guard try step(watch.chunk) else { return nil }
    defer { watch.chunk.reset() }
    guard let items = key.items(stored: watch.chunk.blob(0)) else {
      throw damage("a part of what is remembered of a subject is garbled")
    }
    return items
  }

  func alert(_ sequence: Int64) throws(StoreError) -> AlertRow? {
    watch.alert.bind(1, sequence)
    guard try step(watch.alert) else { return nil }
    defer { watch.alert.reset() }
    guard let record = Checksum.open(watch.alert.blob(0), seed: sequence),
      let row = try? AlertRow(encoded: record)
    else { throw damage("event \(sequence) of the outbox is garbled") }
    return row
  }

  func subjects(dueBy instant: Instant, limit: Int) throws(StoreError) -> [WatchedSubject] {
    watch.due.bind(1, instant.milliseconds)
    watch.due.bind(2, Int64(limit))
    defer { watch.due.reset() }
    var subjects: [WatchedSubject] = []
    while try step(watch.due) {
      let subject =
        watch.due.isNull(0)
        ? AccountID(stored: watch.due.integer(1)).map { WatchedSubject.account($0) }
        : WatchedSubject(rowName: watch.due.blob(0))
      guard let subject else { throw damage("a subject has no name") }
      subjects.append(subject)
    }
    return subjects
  }

  func firstAlertEnd(after instant: Instant) throws(StoreError) -> Instant? {
    watch.firstDue.bind(1, instant.milliseconds)
    guard try step(watch.firstDue) else { return nil }
    defer { watch.firstDue.reset() }
    return watch.firstDue.isNull(0) ? nil : Instant(milliseconds: watch.firstDue.integer(0))
  }
}

/// Writes what is remembered for the rules, and the outbox.
final class WatchWriter {
  private let besideAccount: Statement
  private let subject: Statement
  private let chunk: Statement
  private let dropChunk: Statement
  private let dropSeries: Statement
  private let alert: Statement

  init(_ connection: Connection) throws(SQLiteError) {
    besideAccount = try connection.prepare(
      "UPDATE accounts SET watch_due = ?, watch = ? WHERE id = ? RETURNING 1")
    subject = try connection.prepare(
      """
      INSERT INTO subjects (name, due, record) VALUES (?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET due = excluded.due, record = excluded.record
      """)
    chunk = try connection.prepare(
      "INSERT OR REPLACE INTO chunks (series, subject, number, items) VALUES (?, ?, ?, ?)")
    dropChunk = try connection.prepare(
      "DELETE FROM chunks WHERE series = ? AND subject = ? AND number = ?")
    dropSeries = try connection.prepare("DELETE FROM chunks WHERE series = ?")
    alert = try connection.prepare("INSERT OR REPLACE INTO alerts (seq, record) VALUES (?, ?)")
  }

  func write(_ records: Unfolded) throws(SQLiteError) {
    try writeSubjects(records)
    for (key, items) in records.chunks {
      if let items {
        chunk.bind(1, key.series)
        chunk.bind(2, blob: key.subject.rowName)
        chunk.bind(3, key.number)
        chunk.bind(4, blob: key.stored(items))
        try chunk.run()
      } else {
        dropChunk.bind(1, key.series)
        dropChunk.bind(2, blob: key.subject.rowName)
        dropChunk.bind(3, key.number)
        try dropChunk.run()
      }
    }
    for series in records.droppedSeries {
      dropSeries.bind(1, series)
      try dropSeries.run()
    }
    for (sequence, row) in records.alerts.sorted(by: { $0.key < $1.key }) {
      alert.bind(1, sequence)
      alert.bind(2, blob: Checksum.seal(row.encoded(), seed: sequence))
      try alert.run()
    }
  }
}

extension WatchWriter {
  /// Writes what is remembered of subjects that have no account's row, or whose account did not
  /// change: the others were written with their accounts.
  private func writeSubjects(_ records: Unfolded) throws(SQLiteError) {
    var others: [(name: [UInt8], record: SubjectRecord)] = []
    for (subject, record) in records.subjects {
      if case .account(let id) = subject, try write(record, beside: id) { continue }
      others.append((subject.rowName, record))
    }
    for (name, record) in others.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
      subject.bind(1, blob: name)
      if let due = record.due { subject.bind(2, due.milliseconds) } else { subject.bindNull(2) }
      let sealed = record.sealed(of: name)
      try subject.run(borrowing: sealed.span.bytes, at: 3)
    }
  }

  /// False where the account has no row.
  private func write(
    _ record: SubjectRecord, beside id: AccountID
  ) throws(SQLiteError) -> Bool {
    if let due = record.due {
      besideAccount.bind(1, due.milliseconds)
    } else {
      besideAccount.bindNull(1)
    }
    besideAccount.bind(2, blob: record.sealed(of: WatchedSubject.account(id).rowName))
    besideAccount.bind(3, id.value)
    var isThere = false
    while try besideAccount.step() { isThere = true }
    return isThere
  }
}

extension SubjectRecord {
  /// As its row keeps it.
  func sealed(of name: [UInt8]) -> [UInt8] {
    Checksum.seal(encoded(), seed: Checksum.ofName(name))
  }
}

/// Whole tables, for those who check them.
enum WatchTables {
  static func subjects(
    _ state: Connection
  ) throws(StoreError) -> [WatchedSubject: SubjectRecord] {
    var subjects: [WatchedSubject: SubjectRecord] = [:]
    let found = try stored { () throws(SQLiteError) -> [([UInt8], [UInt8], Int64?)] in
      let named = try rows(
        of: state, "SELECT name, record, due FROM subjects",
        { ($0.blob(0), $0.blob(1), $0.isNull(2) ? nil : $0.integer(2)) })
      return try named
        + rows(
          of: state,
          """
          SELECT id, watch, watch_due FROM accounts
          WHERE watch IS NOT NULL OR watch_due IS NOT NULL
          """,
          { (rowName(ofAccount: $0.integer(0)), $0.blob(1), $0.isNull(2) ? nil : $0.integer(2)) })
    }
    for (name, sealed, due) in found {
      guard let subject = WatchedSubject(rowName: name),
        let record = Checksum.open(sealed, seed: Checksum.ofName(name)),
        let found = try? SubjectRecord(encoded: record)
      else {
        throw .damaged(entry: nil, reason: "state.db: what is remembered of a subject is garbled")
      }
      guard found.due?.milliseconds == due else {
        throw .damaged(
          entry: nil,
          reason: "state.db: \(subject.kind.name) \(subject.text) is due at another time than its "
            + "alerts end")
      }
      subjects[subject] = found
    }
    return subjects
  }

  /// Empty for what is no account.
  private static func rowName(ofAccount id: Int64) -> [UInt8] {
    AccountID(stored: id).map { WatchedSubject.account($0).rowName } ?? []
  }

  static func chunks(_ state: Connection) throws(StoreError) -> [ChunkKey: [EventLog.Item]] {
    var chunks: [ChunkKey: [EventLog.Item]] = [:]
    let found = try stored { () throws(SQLiteError) -> [(Int64, [UInt8], Int64, [UInt8])] in
      try rows(
        of: state, "SELECT series, subject, number, items FROM chunks",
        { ($0.integer(0), $0.blob(1), $0.integer(2), $0.blob(3)) })
    }
    for (series, name, number, sealed) in found {
      let subject = WatchedSubject(rowName: name)
      let key = subject.map { ChunkKey(subject: $0, series: series, number: number) }
      guard let key, let items = key.items(stored: sealed) else {
        throw .damaged(
          entry: nil, reason: "state.db: a part of what is remembered of a subject is garbled")
      }
      chunks[key] = items
    }
    return chunks
  }

  static func alerts(_ state: Connection) throws(StoreError) -> [Int64: AlertRow] {
    var alerts: [Int64: AlertRow] = [:]
    let found = try stored { () throws(SQLiteError) -> [(Int64, [UInt8])] in
      try rows(of: state, "SELECT seq, record FROM alerts", { ($0.integer(0), $0.blob(1)) })
    }
    for (sequence, sealed) in found {
      guard let record = Checksum.open(sealed, seed: sequence),
        let row = try? AlertRow(encoded: record)
      else {
        throw .damaged(
          entry: nil, reason: "state.db: event \(sequence) of the outbox is garbled")
      }
      alerts[sequence] = row
    }
    return alerts
  }

  private static func rows<Row>(
    of state: Connection, _ sql: String, _ read: (borrowing Statement) -> Row
  ) throws(SQLiteError) -> [Row] {
    let select = try state.prepare(sql)
    var rows: [Row] = []
    while try select.step() { rows.append(read(select)) }
    return rows
  }
}

extension WatchedSubject {
  /// What its row goes by.
  var rowName: [UInt8] {
    var writer = ByteWriter(reserving: 16)
    if case .account(let id) = self {
      // Of one length and in the order of the accounts, so that neighbours share pages.
      writer.byte(kind.rawValue)
      writer.fixed(UInt64(id.value))
    } else {
      writer.byte(kind.rawValue)
      for byte in text.utf8 { writer.byte(byte) }
    }
    return writer.bytes
  }

  /// nil for what `rowName` does not make.
  init?(rowName: [UInt8]) {
    guard let first = rowName.first, let kind = SubjectKind(rawValue: first) else { return nil }
    let rest = rowName.dropFirst()
    if kind == .account {
      guard rest.count == 8 else { return nil }
      let value = rest.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard let id = Int64(exactly: value).flatMap({ AccountID(stored: $0) }) else { return nil }
      self = .account(id)
      return
    }
    guard let text = String(validating: rest, as: UTF8.self) else { return nil }
    switch kind {
    case .account: return nil
    case .terminal: self = .terminal(text)
    case .operator: self = .operator(text)
    case .store: self = .store(text)
    }
  }
}

extension Checksum {
  static func ofName(_ name: [UInt8]) -> Int64 {
    Int64(bitPattern: of(name[...], seed: 2))
  }
}

extension ChunkKey {
  private var seed: Int64 { series &* 1_000_003 &+ number }

  fileprivate func stored(_ items: [EventLog.Item]) -> [UInt8] {
    var writer = ByteWriter(reserving: 2048)
    EventLog.write(items, to: &writer)
    return Checksum.seal(writer.bytes, seed: seed)
  }

  fileprivate func items(stored: [UInt8]) -> [EventLog.Item]? {
    guard let record = Checksum.open(stored, seed: seed) else { return nil }
    var reader = ByteReader(record)
    return try? EventLog.items(from: &reader)
  }
}
