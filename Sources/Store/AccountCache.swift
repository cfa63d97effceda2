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

  private struct Place: Equatable {
    let segment: Int
    let offset: Int
  }

  private var index: [AccountID: Place] = [:]
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

  /// Keeps all these rows, each in the place of the one there was.
  func adopt(_ rows: consuming AccountRows) {
    if rows.bytes.count < segmentLimit / 4 {
      let rows = rows  // so that the closure can have it
      for (id, offset) in rows.places { takeIn(id) { $0.append(rowAt: offset, of: rows) } }
    } else {
      let segment = freeSegment()
      for (id, offset) in rows.places {
        note(id, Place(segment: segment, offset: offset), of: rows.length(at: offset))
      }
      bytes += rows.bytes.count
      segments[segment] = rows
      order.append(segment)
    }
    makeRoom()
  }

  func remove(_ id: AccountID) {
    if let place = index.removeValue(forKey: id) { liveBytes -= length(at: place) }
  }

  private func length(at place: Place) -> Int {
    segments[place.segment].length(at: place.offset)
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
    note(id, Place(segment: own, offset: offset), of: length)
  }

  /// The latest row of the account is there from now on.
  private func note(_ id: AccountID, _ place: Place, of length: Int) {
    if let old = index.updateValue(place, forKey: id) { liveBytes -= self.length(at: old) }
    liveBytes += length
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
      for (id, offset) in rows.places
      where index[id] == Place(segment: segment, offset: offset) {
        if areKept {
          takeIn(id) { $0.append(rowAt: offset, of: rows) }
        } else {
          remove(id)
        }
      }
      bytes -= rows.bytes.count
      segments[segment] = AccountRows()
      free.append(segment)
    }
  }
}
