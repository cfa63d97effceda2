// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Store

/// Aids for lookups in the state, on their way.
///
/// Filled in pieces, and slices are folded in between. First the keys, a run at a time: one that is
/// merged meanwhile is in one with a higher number, which is met later, so all that was there at
/// the beginning gets in. Then the cards are counted and taken in in their order; of them none need
/// be there.
struct LookupAidsDraft {
  private enum Stage {
    case keys
    case counting
    case cards(CardDirectory)
  }

  /// What asked for it.
  let number: Int
  private var stage = Stage.keys
  private var keys: KeyFilter
  private var lastRun: Int64 = 0
  private var cardCount = 0
  private var lastCard = ""
  private static let countedAtOnce: Int64 = 65_536
  private static let cardsAtOnce: Int64 = 16_384

  init(number: Int, of connection: Connection) throws(SQLiteError) {
    self.number = number
    keys = KeyFilter(for: Int(try connection.integer("SELECT sum(count) FROM key_runs") ?? 0))
  }

  /// Takes in the next piece, as of one moment; the aids when there is none.
  mutating func takeMore(of connection: Connection) throws(SQLiteError) -> LookupAids? {
    try connection.execute("BEGIN")
    // Nothing was written, so there is nothing that ending could lose.
    defer { try? connection.execute("COMMIT") }
    switch stage {
    case .keys:
      if try takeRun(of: connection) { stage = .counting }
    case .counting:
      if try countCards(of: connection) {
        stage = .cards(CardDirectory(for: cardCount))
        lastCard = ""
      }
    case .cards(var cards):
      stage = .counting  // so that the directory is only here, and not copied
      if try takeCards(of: connection, into: &cards) { return LookupAids(keys: keys, cards: cards) }
      stage = .cards(cards)
    }
    return nil
  }

  /// Counts the next cards; true when those were the last.
  private mutating func countCards(of connection: Connection) throws(SQLiteError) -> Bool {
    let rows = try connection.prepare(
      """
      SELECT count(*), max(number)
      FROM (SELECT number FROM cards WHERE number > ? ORDER BY number LIMIT ?)
      """)
    rows.bind(1, text: lastCard)
    rows.bind(2, Self.countedAtOnce)
    guard try rows.step() else { return true }
    cardCount += Int(rows.integer(0))
    if !rows.isNull(1) { lastCard = rows.text(1) }
    return rows.integer(0) < Self.countedAtOnce
  }

  /// Takes in the next cards; true when those were the last, or no more fit.
  private mutating func takeCards(
    of connection: Connection, into cards: inout CardDirectory
  ) throws(SQLiteError) -> Bool {
    let rows = try connection.prepare(
      "SELECT number, account FROM cards WHERE number > ? ORDER BY number LIMIT ?")
    rows.bind(1, text: lastCard)
    rows.bind(2, Self.cardsAtOnce)
    var count: Int64 = 0
    while try rows.step() {
      count += 1
      lastCard = rows.text(0)
      guard !rows.isNull(1), let id = AccountID(stored: rows.integer(1)) else { continue }
      cards.note(id, for: StableHash.of(lastCard))
    }
    return count < Self.cardsAtOnce || !cards.hasRoom
  }

  /// Takes in the next run of keys; true when there is none.
  private mutating func takeRun(of connection: Connection) throws(SQLiteError) -> Bool {
    let runs = try connection.prepare(
      "SELECT run, bits, count FROM key_runs WHERE run > ? ORDER BY run LIMIT 1")
    runs.bind(1, lastRun)
    guard try runs.step() else { return true }
    let run = KeyRun(number: runs.integer(0), bits: runs.integer(1), count: runs.integer(2))
    runs.reset()
    guard run.isSound else { throw KeyRun.damage("a run is garbled") }
    let pages = try connection.prepare(
      "SELECT items FROM key_pages WHERE place BETWEEN ? AND ?")
    pages.bind(1, run.places.lowerBound)
    pages.bind(2, run.places.upperBound)
    var count: Int64 = 0
    while try pages.step() {
      pages.withBlob(0) { bytes in
        for index in 0..<(bytes.count / KeyRun.itemBytes) {
          keys.insert(Int64(bitPattern: KeyRun.hash(index, of: bytes)))
          count += 1
        }
      }
    }
    guard count == run.count else { throw KeyRun.damage("a run is not whole") }
    lastRun = run.number
    return false
  }
}
