// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoreSQLite

#if PostgreSQL
  import StorePostgreSQL
#endif

/// Where a ledger is kept: in a directory, or on a server.
enum LedgerPlace: Sendable {
  case directory(String)
  /// A connection string; it may hold a password and is never shown.
  case server(String)

  /// A URI of PostgreSQL is a server, anything else a path.
  init(_ text: String) {
    let isServer = ["postgresql://", "postgres://"].contains { text.hasPrefix($0) }
    self = isServer ? .server(text) : .directory(text)
  }

  var isServer: Bool { if case .server = self { true } else { false } }

  /// The place for people: a server's without who connects and how.
  var name: String {
    switch self {
    case .directory(let path): return path
    case .server(let target):
      let end = target.firstIndex(of: "?") ?? target.endIndex
      guard let start = target.firstRange(of: "://")?.upperBound, start <= end else { return "" }
      let rest = target[start..<end]
      let hosts = rest.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
      return "postgresql://\(hosts)"
    }
  }

  /// A view of the ledger for those who check it.
  func inspection() throws(StoreError) -> any LedgerInspection {
    switch self {
    case .directory(let path): return try SQLiteInspection(directory: path)
    case .server(let target):
      #if PostgreSQL
        return try PostgreSQLInspection(target)
      #else
        throw Self.unavailable(target)
      #endif
    }
  }

  /// A reader of the outbox, before event `first`.
  func outbox(from first: Int64) throws(StoreError) -> any Outbox {
    switch self {
    case .directory(let path): return try SQLiteOutbox(directory: path, from: first)
    case .server(let target):
      #if PostgreSQL
        return try PostgreSQLOutbox(target, from: first)
      #else
        throw Self.unavailable(target)
      #endif
    }
  }

  /// Opens the ledger for serving.
  func open(chain: HashChain) throws(StoreError) -> any RekeyedStore {
    switch self {
    case .directory(let path):
      var options = SQLiteStore.Options()
      options.notice = { StandardError.write("scrip: \($0)") }
      return try SQLiteStore(directory: path, chain: chain, options: options)
    case .server(let target):
      #if PostgreSQL
        var options = PostgreSQLStore.Options()
        options.notice = { StandardError.write("scrip: " + $0) }
        return try PostgreSQLStore(target, chain: chain, options: options)
      #else
        throw Self.unavailable(target)
      #endif
    }
  }

  /// Whether there is a ledger.
  func exists() throws(StoreError) -> Bool {
    switch self {
    case .directory(let path): return SQLiteStore.exists(directory: path)
    case .server(let target):
      #if PostgreSQL
        return try PostgreSQLStore.exists(target)
      #else
        throw Self.unavailable(target)
      #endif
    }
  }

  /// Whose ledger it is; needs no keys, and so proves nothing.
  func identity() throws(StoreError) -> LedgerIdentity {
    switch self {
    case .directory(let path): return try SQLiteStore.identity(directory: path)
    case .server(let target):
      #if PostgreSQL
        return try PostgreSQLStore.identity(target)
      #else
        throw Self.unavailable(target)
      #endif
    }
  }

  /// Makes a new, empty ledger.
  func create(identity: LedgerIdentity, chain: HashChain) throws(StoreError) {
    switch self {
    case .directory(let path):
      try SQLiteStore.create(directory: path, identity: identity, chain: chain)
    case .server(let target):
      #if PostgreSQL
        try PostgreSQLStore.create(target, identity: identity, chain: chain)
      #else
        throw Self.unavailable(target)
      #endif
    }
  }

  #if !PostgreSQL
    private static func unavailable(_ target: String) -> StoreError {
      .foreign("\(LedgerPlace(target).name): this scrip was built without PostgreSQL")
    }
  #endif
}

extension LedgerPlace {
  /// The newest entry with its link; nothing yet: 0 and the first link.
  func head() throws(StoreError) -> (entry: EntryID, at: Instant, link: [UInt8]) {
    if case .directory(let path) = self { return try SQLiteStore.head(directory: path) }
    let view = try inspection()
    guard let row = try view.rows(after: view.head.sequence - 1, limit: 1).last else {
      return (.none, Instant(milliseconds: 0), view.genesisLink)
    }
    return (EntryID(row.sequence), Instant(milliseconds: row.at), row.link)
  }

  /// The link of an entry; nil when there is no such entry.
  func link(of entry: EntryID) throws(StoreError) -> [UInt8]? {
    if case .directory(let path) = self { return try SQLiteStore.link(of: entry, directory: path) }
    let view = try inspection()
    guard entry > .none else { return view.genesisLink }
    let row = try view.rows(after: entry.sequence - 1, limit: 1).first
    return row.flatMap { $0.sequence == entry.sequence ? $0.link : nil }
  }
}
