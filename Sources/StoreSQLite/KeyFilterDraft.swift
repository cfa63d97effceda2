// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite
import Store

/// A filter of the keys in the state, on its way.
///
/// Filled a run at a time, and slices are folded in between. A run that is merged meanwhile is in
/// one with a higher number, which is met later: so all that was there at the beginning gets in.
struct KeyFilterDraft {
  /// What asked for it.
  let number: Int
  private(set) var filter: KeyFilter
  private var lastRun: Int64 = 0

  init(number: Int, keys: Int) {
    self.number = number
    filter = KeyFilter(for: keys)
  }

  /// Takes in the next run, as of one moment; true when there is none.
  mutating func takeMore(of connection: Connection) throws(SQLiteError) -> Bool {
    try connection.execute("BEGIN")
    // Nothing was written, so there is nothing that ending could lose.
    defer { try? connection.execute("COMMIT") }
    return try takeNext(of: connection)
  }

  private mutating func takeNext(of connection: Connection) throws(SQLiteError) -> Bool {
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
          filter.insert(Int64(bitPattern: KeyRun.hash(index, of: bytes)))
          count += 1
        }
      }
    }
    guard count == run.count else { throw KeyRun.damage("a run is not whole") }
    lastRun = run.number
    return false
  }
}
