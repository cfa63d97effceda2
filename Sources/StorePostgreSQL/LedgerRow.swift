// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import LedgerCore
  import PostgreSQL
  package import Secrets
  package import Store

  /// The one row of `ledger`: what was fixed when it was made.
  struct LedgerRow {
    let identity: LedgerIdentity
    let genesis: [UInt8]
    /// The version of its layout; 0 while it is being imported.
    var version = Schema.version

    private static let reading = Statement(
      """
      SELECT version, name, currency, timezone, day_start_minutes, is_test, genesis
      FROM ledger WHERE id = 1
      """)
    private static let making = Statement(
      """
      INSERT INTO ledger
        (id, version, name, currency, timezone, day_start_minutes, is_test, genesis)
      VALUES (1, $1, $2, $3, $4, $5, $6, $7)
      """)

    /// Reads it.
    ///
    /// Throws `foreign` where there is none, or one that a newer version made.
    static func read(
      _ server: Server, isUnfinished: Bool = false
    ) throws(StoreError) -> LedgerRow {
      let rows = try server.read([reading.with()])[0]
      guard rows.count == 1 else { throw .foreign("there is no ledger on the server") }
      let version = rows.integer(0, 0)
      guard version <= Schema.version else {
        throw .foreign("the ledger is of version \(version), made by a newer Scrip")
      }
      guard version > 0 || isUnfinished else {
        throw .foreign(
          "the ledger was not moved here as a whole: remove its schema, and move again")
      }
      let identity = LedgerIdentity(
        id: rows.text(0, 1), currency: rows.text(0, 2), timezone: rows.text(0, 3),
        dayStartMinutes: Int(clamping: rows.integer(0, 4)), isTest: rows.integer(0, 5) != 0)
      return LedgerRow(identity: identity, genesis: rows.bytes(0, 6))
    }

    var insertion: Command {
      Self.making.with(
        .integer(version), .text(identity.id), .text(identity.currency),
        .text(identity.timezone), .integer(Int64(identity.dayStartMinutes)),
        .integer(identity.isTest ? 1 : 0), .bytes(genesis))
    }
  }

  // What concerns a server as such, without a store on it.
  extension PostgreSQLStore {
    /// The tables of ours that the schema holds.
    private static let existing = Statement(
      """
      SELECT table_name FROM information_schema.tables
      WHERE table_schema = current_schema() AND table_name = ANY($1)
      """)
    private static let schema = Statement(
      "SELECT current_schema(), current_setting('search_path')")

    /// Whether the connection string leads to a ledger.
    package static func exists(_ target: String) throws(StoreError) -> Bool {
      let server = Server(target)
      let rows = try server.read([existing.with(.texts(Schema.tables))])[0]
      return rows.count > 0
    }

    /// Whose ledger it is; needs no keys, and so proves nothing.
    package static func identity(_ target: String) throws(StoreError) -> LedgerIdentity {
      try LedgerRow.read(Server(target)).identity
    }

    /// Makes a new ledger in the first schema of the search path, and that where there is none.
    ///
    /// Throws `foreign` where there is a ledger, or anything that goes by the name of one of its
    /// tables. It is there, whole, or it is not: all is one database transaction.
    package static func create(
      _ target: String, identity: LedgerIdentity, chain: HashChain
    ) throws(StoreError) {
      let genesis = chain.genesis(over: identity.sealedBytes)
      try make(target, LedgerRow(identity: identity, genesis: genesis.bytes))
    }

    /// Makes the tables of a ledger, with nothing in its journal.
    static func make(_ target: String, _ row: LedgerRow) throws(StoreError) {
      guard let genesis = ChainLink(bytes: row.genesis) else {
        throw .damaged(entry: EntryID(1), reason: "the first link of the chain is none")
      }
      let server = Server(target)
      try makeSchema(server)
      let taken = try server.read([existing.with(.texts(Schema.tables))])[0]
      guard taken.count == 0 else {
        throw .foreign("the schema holds a ledger already, or tables of such names")
      }
      let all =
        [Statement("BEGIN").with()] + Schema.creation.map { Statement($0).with() }
        + [row.insertion, Head(point: FoldPoint(), link: genesis).insertion, Server.commit.with()]
      do throws(PostgreSQLError) {
        // The tables are not there yet when the insertions are prepared, unless by themselves.
        for command in all { _ = try server.run([command]) }
      } catch {
        if error.state.class == "42" || error.state == .uniqueViolation {
          throw .foreign("the ledger cannot be made: \(error)")
        }
        throw StoreError(error)
      }
    }

    private static func makeSchema(_ server: Server) throws(StoreError) {
      let rows = try server.read([schema.with()])[0]
      guard rows.isNull(0, 0) else { return }
      let names = rows.text(0, 1).split(separator: ",").map { name in
        name.drop { $0 == " " }
      }
      let isPlain = names.first?.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
      }
      guard let first = names.first, isPlain == true else {
        throw .foreign("the search path names no schema in which a ledger can be made")
      }
      _ = try server.read([Statement("CREATE SCHEMA IF NOT EXISTS \(first)").with()])
    }
  }

#endif
