// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// An alert whose further hits are counted: it is live until its end.
package struct LiveAlert: Hashable, Sendable {
  /// The number of the event that raised it.
  package let alert: Int64
  package let id: AlertID
  /// First instant at which it is live no more.
  package let end: Instant
  package internal(set) var count: Int64
  /// The count that was told last.
  package internal(set) var reported: Int64
  /// When something was told of it last.
  package internal(set) var toldAt: Instant
  package internal(set) var updates: Int64
  package internal(set) var observed: Int64
  package internal(set) var newest: EntryID

  /// Whether its end is an event of its own.
  package var hasNews: Bool { count > reported }
}

/// Everything that is remembered of one subject; the fold of the entries that concern it.
package struct SubjectRecord: Hashable, Sendable {
  /// The last entry folded in; folding an earlier one again does nothing.
  package internal(set) var lastEntry = EntryID.none
  package internal(set) var live: [LiveAlert] = []
  /// By number, ascending.
  var series: [NumberedSeries] = []

  struct NumberedSeries: Hashable, Sendable {
    let number: Int64
    var series: Series
  }

  package init() {}

  /// When the first of its alerts ends that has something untold; nil when none has.
  package var due: Instant? {
    var first: Instant?
    for alert in live where alert.hasNews { first = first.map { min($0, alert.end) } ?? alert.end }
    return first
  }

  /// The alert of this rule that is live at that time.
  func live(_ rule: UInt32, at now: Instant) -> LiveAlert? {
    live.isEmpty ? nil : live.first { $0.id.rule == rule && now < $0.end }
  }

  func series(_ number: Int64) -> Series? {
    for index in series.indices where series[index].number == number {
      return series[index].series
    }
    return nil
  }

  /// The log of this number; an empty one where there is none.
  func log(_ number: Int64) -> EventLog {
    for index in series.indices where series[index].number == number {
      if case .log(let log) = series[index].series { return log }
    }
    return EventLog()
  }

  /// The series, to be changed and put back: an empty one is left in its place, so that one that
  /// nobody else has is not copied.
  mutating func take(_ number: Int64) -> Series? {
    for index in series.indices where series[index].number == number {
      let taken = series[index].series
      series[index].series = .mean(Mean())
      return taken
    }
    return nil
  }

  /// Whether it has a series of another number than these.
  func hasSeries(beside numbers: [Int64]) -> Bool {
    for index in series.indices where !numbers.contains(series[index].number) { return true }
    return false
  }

  mutating func put(_ value: Series, number: Int64) {
    for index in series.indices where series[index].number == number {
      series[index].series = value
      return
    }
    series.append(NumberedSeries(number: number, series: value))
    series.sort { $0.number < $1.number }
  }

  /// Folds in what an entry says of an alert on this subject; passes over the rest.
  mutating func apply(_ change: Change, of entry: EntryID, at: Instant) {
    switch change {
    case .alertRaised(let raise):
      let id = AlertID(entry: entry, rule: AlertID.bits(ofRule: raise.rule))
      guard raise.suppressedUntil > at else { return }
      live.removeAll { $0.id.rule == id.rule }
      live.append(
        LiveAlert(
          alert: raise.sequence, id: id, end: raise.suppressedUntil, count: 1, reported: 1,
          toldAt: at, updates: 0, observed: raise.observed, newest: entry))
    case .alertCounted(let count):
      guard let index = live.firstIndex(where: { $0.alert == count.alert }) else { return }
      live[index].count = count.count
      live[index].observed = count.observed
      live[index].newest = entry
    case .alertUpdated(let update):
      guard let index = live.firstIndex(where: { $0.alert == update.alert }) else { return }
      if update.isFinal {
        live.remove(at: index)
        return
      }
      live[index].count = update.count
      live[index].reported = update.count
      live[index].toldAt = update.at
      live[index].updates = update.number
      live[index].observed = update.observed
      live[index].newest = update.newest
    default: break
    }
  }

  /// Forgets alerts of which nothing will be told any more.
  mutating func forgetEnded(by now: Instant) {
    if !live.isEmpty { live.removeAll { $0.end <= now && !$0.hasNews } }
  }
}

extension SubjectRecord {
  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 128)
    write(to: &writer)
    return writer.bytes
  }

  /// As `encoded`, behind what was written before.
  package func write(to writer: inout ByteWriter) {
    writer.byte(1)
    writer.unsigned(UInt64(lastEntry.sequence))
    writer.count(live.count)
    for alert in live {
      writer.signed(alert.alert)
      alert.id.write(to: &writer)
      writer.signed(alert.end.milliseconds)
      writer.signed(alert.count)
      writer.signed(alert.reported)
      writer.signed(alert.toldAt.milliseconds)
      writer.signed(alert.updates)
      writer.signed(alert.observed)
      writer.unsigned(UInt64(alert.newest.sequence))
    }
    writer.count(series.count)
    for numbered in series {
      writer.signed(numbered.number)
      numbered.series.write(to: &writer)
    }
  }

  package init(encoded: ArraySlice<UInt8>) throws(MalformedRecord) {
    var reader = ByteReader(encoded)
    guard try reader.byte() == 1 else { throw MalformedRecord("unknown version of a subject") }
    lastEntry = try reader.entryID()
    for _ in 0..<(try reader.count()) {
      live.append(
        LiveAlert(
          alert: try reader.signed(), id: try AlertID(from: &reader), end: try reader.instant(),
          count: try reader.signed(), reported: try reader.signed(), toldAt: try reader.instant(),
          updates: try reader.signed(), observed: try reader.signed(),
          newest: try reader.entryID()))
    }
    let seriesCount = try reader.count()
    series.reserveCapacity(seriesCount)
    for _ in 0..<seriesCount {
      series.append(
        NumberedSeries(number: try reader.signed(), series: try Series(from: &reader)))
    }
    try reader.finish()
  }
}
