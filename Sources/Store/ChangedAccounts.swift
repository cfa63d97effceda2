// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
package import LedgerCore
package import StoredValue

/// The accounts that entries have changed since they were last folded, as rows.
///
/// As bytes they are nothing that must be given back piece by piece: a slice of thousands of them
/// is let go of at once, by whichever thread, and the folder writes them as they are.
package struct ChangedAccounts: Sendable {
  /// An account as it stands, and what rules remember of it, where that has changed as well.
  package struct Record {
    package let account: ArraySlice<UInt8>
    /// When something of it is due to lapse.
    package let due: Instant?
    package let watch: ArraySlice<UInt8>?
    /// When the first of its alerts ends of which something is untold.
    package let watchDue: Instant?
  }

  private struct Place {
    private let start: UInt32
    private let count: UInt32
    /// In milliseconds; the largest stands for never.
    private let dueAt: Int64
    private let watchDueAt: Int64

    init(offset: Int, length: Int, due: Instant?, watchDue: Instant?) {
      start = UInt32(offset)
      count = UInt32(length)
      dueAt = due?.milliseconds ?? .max
      watchDueAt = watchDue?.milliseconds ?? .max
    }

    var offset: Int { Int(start) }
    var length: Int { Int(count) }
    var due: Instant? { dueAt == .max ? nil : Instant(milliseconds: dueAt) }
    var watchDue: Instant? { watchDueAt == .max ? nil : Instant(milliseconds: watchDueAt) }

    /// The same row, elsewhere.
    func moved(to offset: Int) -> Place {
      Place(offset: offset, length: length, due: due, watchDue: watchDue)
    }
  }

  private var rows = AccountRows()
  private var index = AccountTable(filler: Place(offset: 0, length: 0, due: nil, watchDue: nil))
  /// How many bytes are the latest rows of their accounts.
  private var liveBytes = 0
  /// How many bytes beside those there may be before they are cleared away.
  private static let slack = 1 << 20

  package init() {}

  /// None yet, with room for about what `earlier` held.
  init(like earlier: ChangedAccounts) {
    index.reserve(earlier.index.count)
    rows.reserve(min(earlier.liveBytes + earlier.liveBytes / 8, Self.slack))
  }

  package var count: Int { index.count }

  /// How many bytes they take, with those of rows that were replaced and not cleared away yet.
  var byteCount: Int { rows.bytes.count }

  /// Where those are, for telling whether they have been moved.
  var address: UInt { rows.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }

  /// Whose they are, in ascending order.
  package var ids: [AccountID] { index.ids }

  package func holds(_ id: AccountID) -> Bool { index[id] != nil }

  /// The record; to be let go of before anything is kept.
  // In place: as a call it has all of this copied for its length.
  @inline(__always)
  package func find(_ id: AccountID) -> Record? {
    guard let place = index[id] else { return nil }
    let row = rows.row(at: place.offset)
    return Record(
      account: row.account, due: place.due, watch: row.watch.flatMap { $0 },
      watchDue: place.watchDue)
  }

  package func account(_ id: AccountID) -> Account? {
    guard let place = index[id] else { return nil }
    return Account(id: id, row: rows.row(at: place.offset).account)
  }

  /// What rules remember of an account, where that is in its row.
  package func watch(of id: AccountID) -> SubjectRecord? {
    guard let place = index[id], let watch = rows.row(at: place.offset).watch.flatMap({ $0 })
    else { return nil }
    return SubjectRecord(row: watch)
  }

  /// Those of which something is due to lapse by `instant`, in no order.
  package func due(by instant: Instant) -> [AccountID] { whose({ $0.due }, by: instant) }

  /// The first instant after `instant` at which something is due to lapse.
  package func firstDue(after instant: Instant) -> Instant? { first({ $0.due }, after: instant) }

  /// Those with an alert that ends untold by `instant`, in no order.
  package func watchDue(by instant: Instant) -> [AccountID] { whose({ $0.watchDue }, by: instant) }

  /// The first instant after `instant` at which one of their alerts ends untold.
  package func firstWatchDue(after instant: Instant) -> Instant? {
    first({ $0.watchDue }, after: instant)
  }

  private func whose(_ moment: (Place) -> Instant?, by instant: Instant) -> [AccountID] {
    var found: [AccountID] = []
    index.visit { id, place in
      if let moment = moment(place), moment <= instant { found.append(id) }
    }
    return found
  }

  private func first(_ moment: (Place) -> Instant?, after instant: Instant) -> Instant? {
    var next: Instant?
    index.visit { _, place in
      if let moment = moment(place), moment > instant {
        next = next.map { min($0, moment) } ?? moment
      }
    }
    return next
  }

  /// The latest rows of these accounts alone, in this order.
  package func rows(of ids: [AccountID]) -> AccountRows {
    var latest = AccountRows(reservingBytes: liveBytes)
    for id in ids { if let place = index[id] { latest.append(rowAt: place.offset, of: rows) } }
    return latest
  }
}

extension ChangedAccounts {
  /// Keeps an account, and what rules remember of it where that has changed; what is in its row of
  /// that otherwise stays.
  mutating func keep(
    _ account: Account, watch: SubjectRecord?, using writer: inout ByteWriter
  ) {
    writer.removeAll()
    account.write(to: &writer)
    let count = writer.count
    var (hasRecord, watchDue) = (false, Instant?.none)
    if let watch {
      watch.write(to: &writer)
      (hasRecord, watchDue) = (true, watch.due)
    } else if let old = find(account.id), let kept = old.watch {
      writer.append(kept)
      (hasRecord, watchDue) = (true, old.watchDue)
    }
    append(account.id, due: account.nextDue, watchDue: watchDue) { rows in
      writer.withBytes { rows.append(account.id, $0, account: count, hasRecord: hasRecord) }
    }
  }

  /// Changes what is remembered of an account that is here.
  mutating func keep(_ watch: SubjectRecord, of id: AccountID) {
    guard let own = copy(of: id) else { preconditionFailure("the account is here") }
    append(id, due: own.due, watchDue: watch.due) {
      $0.append(id, own.account, watch: .record(watch.encoded()))
    }
  }

  /// Lays a newer row over the one there is, which keeps what is remembered where the newer one
  /// says nothing of that; `older` was remembered beside it.
  mutating func lay(_ newer: Record, of id: AccountID, over older: SubjectRecord?) {
    let account = Array(newer.account)
    let own = copy(of: id)
    let watch = newer.watch.map { Array($0) } ?? older?.encoded() ?? own?.watch
    let watchDue = newer.watch != nil ? newer.watchDue : older.map(\.due) ?? own?.watchDue
    append(id, due: newer.due, watchDue: watchDue) { rows in
      rows.append(id, account, watch: watch.map { .record($0) } ?? .unknown)
    }
  }

  private typealias Copy = (
    account: [UInt8], due: Instant?, watch: [UInt8]?, watchDue: Instant?
  )

  /// The record, apart: all rows would be copied when one is added while a part of them is held.
  private func copy(of id: AccountID) -> Copy? {
    find(id).map { (Array($0.account), $0.due, $0.watch.map { Array($0) }, $0.watchDue) }
  }

  private mutating func append(
    _ id: AccountID, due: Instant?, watchDue: Instant?, _ write: (inout AccountRows) -> Void
  ) {
    let offset = rows.bytes.count
    write(&rows)
    let length = rows.bytes.count - offset
    let place = Place(offset: offset, length: length, due: due, watchDue: watchDue)
    if let old = index.update(place, for: id) { liveBytes -= old.length }
    liveBytes += length
    if rows.bytes.count > 2 * liveBytes + Self.slack { clearAway() }
  }

  /// Lets go of the rows that newer ones have replaced.
  private mutating func clearAway() {
    var kept = AccountRows(reservingBytes: 2 * liveBytes)
    let old = index
    old.visit { id, place in
      index.update(place.moved(to: kept.bytes.count), for: id)
      kept.append(rowAt: place.offset, of: rows)
    }
    rows = kept
  }
}

extension Account {
  /// What was encoded in memory, read back.
  init(id: AccountID, row: ArraySlice<UInt8>) {
    do {
      try self.init(id: id, encoded: row)
    } catch {
      preconditionFailure("an account does not decode from what it was encoded to")
    }
  }
}

extension SubjectRecord {
  /// What was encoded in memory, read back.
  init(row: ArraySlice<UInt8>) {
    do {
      try self.init(encoded: row)
    } catch {
      preconditionFailure("a record does not decode from what it was encoded to")
    }
  }
}
