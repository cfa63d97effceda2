// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What a subject did within a window, newest last: exact to the entry, in bounded memory.
///
/// The oldest and the newest entries stand here; what lies between stands in chunks of its own,
/// each read once, when the window's edge comes to it. So a hit costs the same however much the
/// window holds.
package struct EventLog: Hashable, Sendable {
  /// One entry of the log.
  package struct Item: Hashable, Sendable {
    package let entry: EntryID
    package let at: Instant
    package let amount: Amount

    package init(entry: EntryID, at: Instant, amount: Amount) {
      self.entry = entry
      self.at = at
      self.amount = amount
    }
  }

  /// How many entries stand in the window.
  package private(set) var count: Int64 = 0
  package private(set) var sum: Int128 = 0
  /// The oldest chunk, where it is not also the newest; those before `start` have left the window.
  private var first: [Item] = []
  private var start = 0
  private var firstNumber: Int64 = 0
  private var lastNumber: Int64 = 0
  private var last: [Item] = []

  package init() {}

  private var isSingle: Bool { firstNumber == lastNumber }

  /// Small while there is little, so that most records are; then large, so that chunks are few.
  private var capacity: Int { lastNumber - firstNumber < 2 ? 32 : 256 }

  /// The numbers of the chunks that stand by themselves.
  package var storedChunks: Range<Int64> {
    isSingle ? lastNumber..<lastNumber : firstNumber + 1..<lastNumber
  }

  /// Drops what lies at or before `edge`; `load` brings a chunk that stands by itself, which then
  /// does so no longer.
  package mutating func advance<Failure: Error>(
    past edge: Instant, load: (Int64) throws(Failure) -> [Item]
  ) throws(Failure) {
    if let newest = last.last, newest.at <= edge {
      // All of it is old: what stands between need not even be read.
      self = EventLog(after: lastNumber)
      return
    }
    while count > 0 {
      let chunk = isSingle ? last : first
      while start < chunk.count, chunk[start].at <= edge {
        count -= 1
        sum -= Int128(chunk[start].amount.minorUnits)
        start += 1
      }
      guard start == chunk.count else { return }
      start = 0
      if isSingle {
        last = []
        return
      }
      firstNumber += 1
      first = isSingle ? [] : try load(firstNumber)
    }
  }

  private init(after number: Int64) {
    firstNumber = number
    lastNumber = number
  }

  /// Adds the newest; answers a chunk that stands by itself from now on.
  package mutating func append(_ item: Item) -> (number: Int64, items: [Item])? {
    var full: (number: Int64, items: [Item])?
    if last.count >= capacity {
      if isSingle {
        first = last
      } else {
        full = (lastNumber, last)
      }
      lastNumber += 1
      last = []
    }
    last.append(item)
    count += 1
    sum += Int128(item.amount.minorUnits)
    return full
  }

  /// The newest entries, ascending, at most `limit`.
  package func newest<Failure: Error>(
    _ limit: Int, load: (Int64) throws(Failure) -> [Item]
  ) throws(Failure) -> [EntryID] {
    let own = isSingle ? last[start...] : last[...]
    var found = own.suffix(limit).map(\.entry)
    guard found.count < limit, !isSingle else { return found }
    let before = lastNumber - 1
    let chunk = before == firstNumber ? first[start...] : try load(before)[...]
    found = chunk.suffix(limit - found.count).map(\.entry) + found
    return found
  }
}

extension EventLog {
  func write(to writer: inout ByteWriter) {
    writer.signed(count)
    writer.fixed(UInt64(truncatingIfNeeded: sum >> 64))
    writer.fixed(UInt64(truncatingIfNeeded: sum))
    writer.unsigned(UInt64(start))
    writer.signed(firstNumber)
    writer.signed(lastNumber)
    EventLog.write(first, to: &writer)
    EventLog.write(last, to: &writer)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    count = try reader.signed()
    sum = Int128(try reader.fixed()) << 64 | Int128(try reader.fixed())
    let before = try reader.unsigned()
    firstNumber = try reader.signed()
    lastNumber = try reader.signed()
    first = try EventLog.items(from: &reader)
    last = try EventLog.items(from: &reader)
    let oldest = firstNumber == lastNumber ? last : first
    guard count >= 0, firstNumber >= 0, lastNumber >= firstNumber, before <= UInt64(oldest.count)
    else { throw MalformedRecord("log out of range") }
    start = Int(before)
  }

  /// Each item by what it is past the one before.
  package static func write(_ items: [Item], to writer: inout ByteWriter) {
    writer.unsigned(UInt64(items.count))
    var (entry, at) = (Int64(0), Int64(0))
    for item in items {
      writer.signed(item.entry.sequence - entry)
      writer.signed(item.at.milliseconds - at)
      writer.amount(item.amount)
      (entry, at) = (item.entry.sequence, item.at.milliseconds)
    }
  }

  package static func items(from reader: inout ByteReader) throws(MalformedRecord) -> [Item] {
    var (entry, at) = (Int64(0), Int64(0))
    let count = try reader.count()
    guard count > 0 else { return [] }
    var items: [Item] = []
    // Where it is the newest chunk, one more is what it is read for.
    items.reserveCapacity(count + 1)
    for _ in 0..<count {
      let (next, overflow) = entry.addingReportingOverflow(try reader.signed())
      let (time, overflow2) = at.addingReportingOverflow(try reader.signed())
      guard !overflow, !overflow2, next > 0 else { throw MalformedRecord("log out of range") }
      (entry, at) = (next, time)
      items.append(
        Item(
          entry: EntryID(next), at: Instant(milliseconds: time), amount: try reader.amount()))
    }
    return items
  }
}
