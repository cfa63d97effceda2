// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite
import Store

/// What journal.db says of itself, read before anything is believed or written.
struct JournalHeader {
  let connection: Connection
  let identity: LedgerIdentity
  /// The stored bytes of the link before the first entry.
  let genesis: [UInt8]

  /// The rows of `meta` that make the ledger's identity, and the link that is made over it.
  static let sealedNames: Set<String> = [
    "id", "currency", "timezone", "day_start_minutes", "is_test", "genesis",
  ]

  /// Opens the journal and reads its header.
  ///
  /// Throws `foreign` when there is none, it is none, or a newer version made it.
  init(opening directory: LedgerDirectory, _ mode: Connection.Mode) throws(StoreError) {
    guard LedgerDirectory.exists(directory.journal) else {
      throw .foreign("there is no ledger in \(directory.path)")
    }
    let opened: (connection: Connection, origin: Database.Origin)
    do throws(SQLiteError) {
      opened = try Database.open(
        directory.journal, mode, Journal.settings, application: JournalSchema.applicationID,
        version: JournalSchema.version)
    } catch {
      guard error.code == .notADatabase else { throw StoreError(error) }
      throw .foreign("journal.db is not a database")
    }
    switch opened.origin {
    case .ours: break
    case .older(let version):
      // Version 1 is the first; whoever writes version 2 brings one of version 1 up before this
      // (spec/storage.md, Versions).
      throw .foreign("journal.db is of version \(version), which no Scrip has made")
    case .newer(let version):
      throw .foreign("journal.db is of version \(version), made by a newer Scrip")
    case .foreign: throw .foreign("journal.db is not a ledger of Scrip")
    }
    connection = opened.connection
    guard
      let (identity, genesis) = try stored({ () throws(SQLiteError) in
        try Self.meta(of: opened.connection)
      })
    else {
      throw .damaged(entry: nil, reason: "journal.db does not say whose it is")
    }
    self.identity = identity
    self.genesis = genesis
  }

  /// Writes what a new ledger is.
  static func write(
    _ identity: LedgerIdentity, genesis: [UInt8], to connection: Connection
  ) throws(SQLiteError) {
    let insert = try connection.prepare("INSERT INTO meta (name, value) VALUES (?, ?)")
    let texts = [
      "id": identity.id, "currency": identity.currency, "timezone": identity.timezone,
    ]
    for (name, value) in texts {
      insert.bind(1, text: name)
      insert.bind(2, text: value)
      try insert.run()
    }
    let numbers = [
      "schema": JournalSchema.version, "day_start_minutes": Int64(identity.dayStartMinutes),
      "is_test": identity.isTest ? 1 : 0,
    ]
    for (name, value) in numbers {
      insert.bind(1, text: name)
      insert.bind(2, value)
      try insert.run()
    }
    insert.bind(1, text: "genesis")
    insert.bind(2, blob: genesis)
    try insert.run()
  }

  private static func meta(
    of connection: Connection
  ) throws(SQLiteError) -> (LedgerIdentity, genesis: [UInt8])? {
    let select = try connection.prepare("SELECT value FROM meta WHERE name = ?")
    func text(_ name: String) throws(SQLiteError) -> String? {
      select.bind(1, text: name)
      defer { select.reset() }
      return try select.step() ? select.text(0) : nil
    }
    func number(_ name: String) throws(SQLiteError) -> Int64? {
      select.bind(1, text: name)
      defer { select.reset() }
      return try select.step() ? select.integer(0) : nil
    }
    guard let id = try text("id"), let currency = try text("currency"),
      let timezone = try text("timezone"),
      let dayStart = try number("day_start_minutes"), (0..<1440).contains(dayStart),
      let isTest = try number("is_test"), (0...1).contains(isTest)
    else { return nil }
    select.bind(1, text: "genesis")
    defer { select.reset() }
    guard try select.step() else { return nil }
    let identity = LedgerIdentity(
      id: id, currency: currency, timezone: timezone, dayStartMinutes: Int(dayStart),
      isTest: isTest != 0)
    return (identity, select.blob(0))
  }
}
