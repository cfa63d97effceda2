// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// The accounts that were folded or read lately, as bytes.
///
/// Rows lie in segments: the folder hands over one with each slice, and rows that were read go to
/// one of the loop's own. When there are too many bytes the oldest segment goes; those of its rows
/// that are the latest of their accounts are moved, unless nearly all rows are.
final class AccountCache {
  /// How many bytes all segments may have together: those of 100,000 cards of a shop take 19 MiB.
  static let standardLimit = 26 << 20
  private let limit: Int
  /// How many bytes the loop's own segment takes before the next is begun.
  private let segmentLimit: Int

  /// Where a row is, and how many bytes it takes.
  private struct Place: Equatable {
    private let number: UInt32
    private let start: UInt32
    private let count: UInt32

    init(segment: Int, offset: Int, length: Int) {
      number = UInt32(segment)
      start = UInt32(offset)
      count = UInt32(length)
    }

    var segment: Int { Int(number) }
    var offset: Int { Int(start) }
    var length: Int { Int(count) }
  }

  private var index = AccountTable(filler: Place(segment: 0, offset: 0, length: 0))
  private var segments: [AccountRows] = [AccountRows()]
  /// The segments in use but the loop's own, the oldest first, and those that may be used again.
  private var order: [Int] = []
  private var free: [Int] = []
  private var own = 0
  private var bytes = 0
  /// How many bytes are the latest rows of their accounts.
  private var liveBytes = 0

  init(limit: Int = standardLimit) {
    self.limit = limit
    segmentLimit = limit / 32
  }

  /// The bytes of all segments.
  var byteCount: Int { bytes }

  /// The account's row; to be let go of before anything is kept.
  func find(_ id: AccountID) -> AccountRows.Found? {
    guard let place = index[id] else { return nil }
    return segments[place.segment].row(at: place.offset)
  }

  /// Reads one byte of each line of the processor's cache that these accounts' rows lie in, so that
  /// they are there when the rows are read; answers a sum of them, which means nothing.
  func touch(_ ids: [AccountID]) -> UInt8 {
    // Places first and then rows: none of the reads of a loop waits for another of it.
    let places = ids.compactMap { index[$0] }
    var sum: UInt8 = 0
    for place in places {
      let bytes = segments[place.segment].bytes
      for offset in stride(from: place.offset, to: place.offset + place.length, by: 64) {
        sum &+= bytes[offset]
      }
    }
    return sum
  }

  /// Whether the account's row is here.
  func holds(_ id: AccountID) -> Bool { index[id] != nil }

  /// Keeps a row in the place of the one there was.
  func keep(_ id: AccountID, _ account: [UInt8], watch: AccountRows.Watch) {
    takeIn(id) { $0.append(id, account, watch: watch) }
    makeRoom()
  }

  /// Adds to the account's row, where there is one, what rules remember.
  func learn(_ watch: AccountRows.Watch, of id: AccountID) {
    if let account = copy(of: id) { keep(id, account, watch: watch) }
  }

  /// The account's bytes, apart: a slice of a segment would have all of that copied when a row is
  /// added to it.
  private func copy(of id: AccountID) -> [UInt8]? { find(id).map { Array($0.account) } }

  /// Keeps all these rows, which are at these places, each in the place of the one there was.
  func adopt(_ rows: consuming AccountRows, at places: [AccountRows.Place]) {
    if rows.bytes.count < segmentLimit / 4 {
      let rows = rows  // so that the closure can have it
      for place in places { takeIn(place.id) { $0.append(rowAt: place.offset, of: rows) } }
    } else {
      let segment = freeSegment()
      for place in places {
        note(place.id, Place(segment: segment, offset: place.offset, length: place.length))
      }
      bytes += rows.bytes.count
      segments[segment] = rows
      order.append(segment)
    }
    makeRoom()
  }

  func remove(_ id: AccountID) {
    if let place = index.remove(id) { liveBytes -= place.length }
  }

  /// Adds a row to the loop's own segment.
  private func takeIn(_ id: AccountID, _ append: (inout AccountRows) -> Void) {
    if segments[own].bytes.count >= segmentLimit {
      order.append(own)
      own = freeSegment()
    }
    let offset = segments[own].bytes.count
    append(&segments[own])
    // At once, where it is going to be full: by doubling, half of it could stay empty.
    if offset < segmentLimit / 16, segments[own].bytes.count >= segmentLimit / 16 {
      segments[own].reserve(segmentLimit + segmentLimit / 16)
    }
    let length = segments[own].bytes.count - offset
    bytes += length
    note(id, Place(segment: own, offset: offset, length: length))
  }

  /// The latest row of the account is there from now on.
  private func note(_ id: AccountID, _ place: Place) {
    if let old = index.update(place, for: id) { liveBytes -= old.length }
    liveBytes += place.length
  }

  private func freeSegment() -> Int {
    if let segment = free.popLast() { return segment }
    segments.append(AccountRows())
    return segments.count - 1
  }

  private func makeRoom() {
    while bytes > limit, !order.isEmpty {
      let segment = order.removeFirst()
      let rows = segments[segment]
      let areKept = liveBytes <= limit / 4 * 3
      for row in rows.places {
        let place = Place(segment: segment, offset: row.offset, length: row.length)
        guard index[row.id] == place else { continue }
        if areKept {
          takeIn(row.id) { $0.append(rowAt: row.offset, of: rows) }
        } else {
          remove(row.id)
        }
      }
      bytes -= rows.bytes.count
      segments[segment] = AccountRows()
      free.append(segment)
    }
  }
}
