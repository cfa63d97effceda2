// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite

/// The least that a ledger in place can do for a debit: SQLite and nothing else.
///
/// A card is read by its row id, two accounts are updated and two transfers inserted, the
/// idempotency key (16 random bytes) goes into a unique index, and the card's count of the day is
/// updated. WAL, `synchronous=FULL`, so many debits a commit, each in its own savepoint. No PIN, no
/// JSON, no pipe.
final class FloorLedger {
  private let connection: Connection
  private let steps: Steps
  private let cards: Int
  private var random: SplitMix64
  private var transfers: Int64

  /// What a debit is made of, prepared once.
  private final class Steps {
    let begin: Statement
    let commit: Statement
    let savepoint: Statement
    let release: Statement
    let card: Statement
    let take: Statement
    let give: Statement
    let transfer: Statement
    let key: Statement
    let velocity: Statement

    init(_ connection: Connection) throws(SQLiteError) {
      begin = try connection.prepare("BEGIN IMMEDIATE")
      commit = try connection.prepare("COMMIT")
      savepoint = try connection.prepare("SAVEPOINT debit")
      release = try connection.prepare("RELEASE debit")
      card = try connection.prepare("SELECT account, status FROM card WHERE id = ?1")
      take = try connection.prepare(
        "UPDATE account SET balance = balance - ?2, version = version + 1 WHERE id = ?1 "
          + "AND balance >= ?2 RETURNING balance")
      give = try connection.prepare(
        "UPDATE account SET balance = balance + ?2, version = version + 1 WHERE id = ?1 "
          + "RETURNING balance")
      transfer = try connection.prepare(
        "INSERT INTO transfer (account, amount, balance, at) VALUES (?1, ?2, ?3, ?4)")
      key = try connection.prepare("INSERT INTO idempotency (key, transfer) VALUES (?1, ?2)")
      velocity = try connection.prepare(
        "INSERT INTO velocity (card, day, count, total) VALUES (?1, ?2, 1, ?3) "
          + "ON CONFLICT (card, day) DO UPDATE SET count = count + 1, total = total + ?3")
    }
  }

  private static let shops = 1_000
  private static let schema = """
    CREATE TABLE card (id INTEGER PRIMARY KEY, account INTEGER NOT NULL, status INTEGER NOT NULL,
      number TEXT NOT NULL);
    CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL,
      version INTEGER NOT NULL);
    CREATE TABLE transfer (id INTEGER PRIMARY KEY, account INTEGER NOT NULL,
      amount INTEGER NOT NULL, balance INTEGER NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE idempotency (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,
      transfer INTEGER NOT NULL);
    CREATE TABLE velocity (card INTEGER NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL,
      total INTEGER NOT NULL, PRIMARY KEY (card, day));
    """

  /// Opens the file, which `make` has made.
  init(path: String, cards: Int, seed: UInt64) throws(SQLiteError) {
    connection = try Connection(path: path, mode: .readWrite, automaticCheckpoint: 1000)
    try connection.execute("PRAGMA journal_mode = WAL")
    try connection.execute("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536")
    steps = try Steps(connection)
    transfers = try connection.integer("SELECT max(id) FROM transfer") ?? 0
    self.cards = cards
    random = SplitMix64(seed: seed)
  }

  /// Makes a file with so many cards and debits.
  static func make(path: String, cards: Int, history: Int) throws(SQLiteError) {
    let connection = try Connection(path: path, mode: .create, automaticCheckpoint: 1000)
    try connection.execute("PRAGMA journal_mode = WAL; " + schema + "BEGIN")
    let card = try connection.prepare("INSERT INTO card VALUES (?1, ?1, 1, ?2)")
    let account = try connection.prepare("INSERT INTO account VALUES (?1, 1000000000000, 0)")
    for id in 1...Int64(cards + shops) {
      account.bind(1, id)
      try account.run()
      guard id <= cards else { continue }
      card.bind(1, id)
      card.bind(2, text: "62250000\(10_000_000 + id)")
      try card.run()
    }
    try connection.execute("COMMIT")
    connection.close()
    let ledger = try FloorLedger(path: path, cards: cards, seed: 1)
    try ledger.connection.execute("PRAGMA synchronous = OFF")
    var left = history
    while left > 0 {
      let count = min(left, 10_000)
      try ledger.debit(count)
      left -= count
    }
    _ = try ledger.connection.checkpoint(.truncate)
    ledger.connection.close()
  }

  /// So many debits and one commit.
  func debit(_ count: Int) throws(SQLiteError) {
    try steps.begin.run()
    for _ in 0..<count { try debit() }
    try steps.commit.run()
  }

  private func debit() throws(SQLiteError) {
    try steps.savepoint.run()
    let card = Int64(random.below(cards) + 1)
    let shop = Int64(cards + random.below(Self.shops) + 1)
    let amount = Int64(1_000 + random.below(1_000))
    steps.card.bind(1, card)
    guard try steps.card.step(), steps.card.integer(1) == 1 else { Self.missing() }
    let account = steps.card.integer(0)
    steps.card.reset()
    let taken = try balance(steps.take, account, amount)
    try transfer(account, -amount, taken)
    let given = try balance(steps.give, shop, amount)
    try transfer(shop, amount, given)
    var key = (random.next(), random.next())
    withUnsafeBytes(of: &key) { steps.key.bind(1, blob: $0) }
    steps.key.bind(2, transfers)
    try steps.key.run()
    steps.velocity.bind(1, card)
    steps.velocity.bind(2, 20_000)
    steps.velocity.bind(3, amount)
    try steps.velocity.run()
    try steps.release.run()
  }

  private func balance(
    _ statement: borrowing Statement, _ account: Int64, _ amount: Int64
  ) throws(SQLiteError) -> Int64 {
    statement.bind(1, account)
    statement.bind(2, amount)
    guard try statement.step() else { Self.missing() }
    let balance = statement.integer(0)
    try statement.run()
    return balance
  }

  private func transfer(
    _ account: Int64, _ amount: Int64, _ balance: Int64
  ) throws(SQLiteError) {
    transfers += 1
    steps.transfer.bind(1, account)
    steps.transfer.bind(2, amount)
    steps.transfer.bind(3, balance)
    steps.transfer.bind(4, 1_750_000_000_000 + transfers)
    try steps.transfer.run()
  }

  private static func missing() -> Never {
    preconditionFailure("the floor's file holds every card and account, with enough in it")
  }
}
