// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Store

extension StateReader {
  /// The row of each run in which a hash must be, NULL where that is missing; the hash comes
  /// without its lowest bit, because SQLite's integers have a sign.
  static let keySelection = """
    SELECT bits, items FROM key_runs
    LEFT JOIN key_pages ON place = (run << \(KeyRun.placeBits)) + (?1 >> (63 - bits))
    """

  /// The entries under this hash, in ascending order.
  func entries(keyHash: Int64) throws(StoreError) -> [EntryID] {
    let hash = UInt64(bitPattern: keyHash)
    keyStatement.bind(1, Int64(hash >> 1))
    defer { keyStatement.reset() }
    var entries: [EntryID] = []
    while try step(keyStatement) {
      guard !keyStatement.isNull(1) else { throw damage("a page of the key index is missing") }
      keyStatement.withBlob(1) { bytes in
        var index = KeyRun.firstIndex(of: hash, in: bytes)
        while index < bytes.count / KeyRun.itemBytes {
          let item = KeyRun.item(index, of: bytes)
          guard item.hash == hash else { return }
          entries.append(EntryID(item.entry))
          index += 1
        }
      }
    }
    entries.sort()
    guard entries.first.map({ $0 > .none }) ?? true else { throw damage("a key names no entry") }
    return entries
  }
}

/// Reads all of the index of idempotency keys, as a lookup would find it.
enum KeyRuns {
  /// Gives `body` every item.
  ///
  /// Throws `damaged` where a lookup could miss one: a row that is missing, or an item that is not
  /// in the row, or not in the order, in which it is looked for.
  static func forEach(
    _ connection: Connection, _ body: (KeyRun.Item) -> Void
  ) throws(StoreError) {
    let problem = try stored { () throws(SQLiteError) -> String? in
      let runs = try connection.prepare("SELECT run, bits, count FROM key_runs ORDER BY run")
      let pages = try connection.prepare(
        "SELECT place, items FROM key_pages WHERE place BETWEEN ? AND ? ORDER BY place")
      var rows: Int64 = 0
      while try runs.step() {
        let run = KeyRun(number: runs.integer(0), bits: runs.integer(1), count: runs.integer(2))
        guard run.isSound else { return "a run of the key index is garbled" }
        if let problem = try read(run, pages, body) { return problem }
        rows += Int64(run.places.count)
      }
      let all = try connection.integer("SELECT count(*) FROM key_pages")
      return all == rows ? nil : "the key index has pages of no run"
    }
    if let problem { throw .damaged(entry: nil, reason: "state.db: \(problem)") }
  }

  private static func read(
    _ run: KeyRun, _ pages: borrowing Statement, _ body: (KeyRun.Item) -> Void
  ) throws(SQLiteError) -> String? {
    pages.bind(1, run.places.lowerBound)
    pages.bind(2, run.places.upperBound)
    defer { pages.reset() }
    var place = run.places.lowerBound
    var count: Int64 = 0
    while try pages.step() {
      guard pages.integer(0) == place else { return "a page of the key index is missing" }
      let row = place - run.places.lowerBound
      let isSound = pages.withBlob(1) { bytes in
        var last: KeyRun.Item?
        for index in 0..<(bytes.count / KeyRun.itemBytes) {
          let item = KeyRun.item(index, of: bytes)
          guard KeyRun.row(of: item.hash, bits: run.bits) == row, last.map({ $0 < item }) ?? true
          else { return false }
          last = item
          body(item)
        }
        count += Int64(bytes.count / KeyRun.itemBytes)
        return bytes.count.isMultiple(of: KeyRun.itemBytes)
      }
      guard isSound else { return "a page of the key index is garbled" }
      place += 1
    }
    guard place == run.places.upperBound + 1, count == run.count else {
      return "a run of the key index is not whole"
    }
    return nil
  }
}
