// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite

/// Adds runs to the index of idempotency keys, and merges those of a size.
///
/// Inside the transaction of the slice that brings the keys. Throws `corrupt` where a run is not
/// what was written: what is merged is not looked at again, so nothing may get lost on the way.
final class KeyRunWriter {
  private let runs: Statement
  private let addRun: Statement
  private let dropRun: Statement
  private let addPage: Statement
  private let pages: Statement
  private let dropPages: Statement

  init(_ connection: Connection) throws(SQLiteError) {
    runs = try connection.prepare("SELECT run, bits, count FROM key_runs ORDER BY run")
    addRun = try connection.prepare("INSERT INTO key_runs (run, bits, count) VALUES (?, ?, ?)")
    dropRun = try connection.prepare("DELETE FROM key_runs WHERE run = ?")
    addPage = try connection.prepare("INSERT INTO key_pages (place, items) VALUES (?, ?)")
    pages = try connection.prepare(
      "SELECT place, items FROM key_pages WHERE place BETWEEN ? AND ? ORDER BY place")
    dropPages = try connection.prepare("DELETE FROM key_pages WHERE place BETWEEN ? AND ?")
  }

  /// Adds items in whatever order; then no class but the heavy one has more runs than it may.
  func add(_ items: consuming [KeyRun.Item]) throws(SQLiteError) {
    guard !items.isEmpty else { return }
    items.sort()
    let isQuiet = items.count < KeyRun.quietItems
    var standing = try standingRuns()
    let number = (standing.last?.number ?? 0) + 1
    var draft = Draft(number: number, bits: KeyRun.bits(for: items.count))
    for item in items { try take(item, into: &draft) }
    standing.append(try finish(&draft))
    while let crowd = Self.crowd(of: standing, in: 0..<KeyRun.heavyClass) {
      try replace(crowd, in: &standing)
    }
    // One of these a slice, so that none takes longer than that.
    let heavy = KeyRun.heavyClass..<KeyRun.lastClass
    if isQuiet, let crowd = Self.crowd(of: standing, in: heavy) {
      try replace(crowd, in: &standing)
    }
  }

  private func replace(_ crowd: [KeyRun], in standing: inout [KeyRun]) throws(SQLiteError) {
    let merged = try merge(crowd, as: (standing.last?.number ?? 0) + 1)
    standing.removeAll { run in crowd.contains { $0.number == run.number } }
    standing.append(merged)
  }

  private func standingRuns() throws(SQLiteError) -> [KeyRun] {
    var found: [KeyRun] = []
    while try runs.step() {
      let run = KeyRun(number: runs.integer(0), bits: runs.integer(1), count: runs.integer(2))
      guard run.isSound else {
        runs.reset()
        throw KeyRun.damage("a run is garbled")
      }
      found.append(run)
    }
    return found
  }

  /// The oldest runs of the smallest class that has too many, as many as become one.
  private static func crowd(of runs: [KeyRun], in classes: Range<Int>) -> [KeyRun]? {
    for rank in classes {
      let peers = runs.filter { KeyRun.sizeClass(of: $0.count) == rank }
      if peers.count >= KeyRun.fanout { return Array(peers.prefix(KeyRun.fanout)) }
    }
    return nil
  }

  /// Puts one run in the place of several, a part of the hashes at a time.
  private func merge(
    _ parts: [KeyRun], as number: Int64
  ) throws(SQLiteError) -> KeyRun {
    let total = parts.reduce(0) { $0 + Int($1.count) }
    var draft = Draft(number: number, bits: KeyRun.bits(for: total))
    let common = min(draft.bits, parts.map(\.bits).min() ?? 0)
    var merged = 0
    for part in 0..<(Int64(1) << common) {
      var items: [KeyRun.Item] = []
      for run in parts { try read(run, part, of: common, into: &items) }
      merged += items.count
      items.sort()
      for item in items { try take(item, into: &draft) }
    }
    guard merged == total else { throw KeyRun.damage("a run is not whole") }
    for run in parts {
      dropPages.bind(1, run.places.lowerBound)
      dropPages.bind(2, run.places.upperBound)
      try dropPages.run()
      dropRun.bind(1, run.number)
      try dropRun.run()
    }
    return try finish(&draft)
  }

  /// Reads a run's items whose hashes begin with these bits.
  private func read(
    _ run: KeyRun, _ part: Int64, of common: Int64, into items: inout [KeyRun.Item]
  ) throws(SQLiteError) {
    let width = Int64(1) << (run.bits - common)
    let first = run.places.lowerBound + part * width
    pages.bind(1, first)
    pages.bind(2, first + width - 1)
    while try pages.step() {
      let row = pages.integer(0) - run.places.lowerBound
      let isSound = pages.withBlob(1) { bytes in
        for index in 0..<(bytes.count / KeyRun.itemBytes) {
          let item = KeyRun.item(index, of: bytes)
          guard KeyRun.row(of: item.hash, bits: run.bits) == row else { return false }
          items.append(item)
        }
        return true
      }
      guard isSound else {
        pages.reset()
        throw KeyRun.damage("a page is garbled")
      }
    }
  }
}

extension KeyRunWriter {
  /// A run on its way into the table.
  private struct Draft {
    let number: Int64
    let bits: Int64
    var row: Int64 = 0
    var bytes: [UInt8] = []
    var count: Int64 = 0

    init(number: Int64, bits: Int64) {
      self.number = number
      self.bits = bits
    }
  }

  /// Takes the next item in order.
  private func take(_ item: KeyRun.Item, into draft: inout Draft) throws(SQLiteError) {
    let row = KeyRun.row(of: item.hash, bits: draft.bits)
    while draft.row < row { try finishRow(&draft) }
    KeyRun.append(item, to: &draft.bytes)
    draft.count += 1
  }

  /// Rows without items are written too, so that a missing one is noticed.
  private func finishRow(_ draft: inout Draft) throws(SQLiteError) {
    addPage.bind(1, draft.number << KeyRun.placeBits + draft.row)
    try addPage.run(borrowing: draft.bytes.span.bytes, at: 2)
    draft.bytes.removeAll(keepingCapacity: true)
    draft.row += 1
  }

  private func finish(_ draft: inout Draft) throws(SQLiteError) -> KeyRun {
    while draft.row < Int64(1) << draft.bits { try finishRow(&draft) }
    let run = KeyRun(number: draft.number, bits: draft.bits, count: draft.count)
    addRun.bind(1, run.number)
    addRun.bind(2, run.bits)
    addRun.bind(3, run.count)
    try addRun.run()
    return run
  }
}
