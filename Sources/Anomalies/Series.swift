// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// What a rule must remember of a subject, whatever its threshold: rules that remember the same
/// share it.
package struct SeriesDefinition: Hashable, Sendable {
  let subject: SubjectKind
  let kinds: [EntryKind]
  let shape: Shape

  enum Shape: Hashable, Sendable {
    case log(window: Int64)
    case terminals(window: Int64)
    case drain(within: Int64)
    case mean
  }

  /// nil for a rule that looks at one entry alone.
  init?(_ rule: Rule) {
    switch rule.test {
    case .amount, .timeOfDay, .codeFailures: return nil
    case .count(let window, _), .sum(let window, _), .pinFailures(let window, _):
      shape = .log(window: window)
    case .distinctTerminals(let window, _): shape = .terminals(window: window)
    case .drain(let within, _, _): shape = .drain(within: within)
    case .deviation: shape = .mean
    }
    subject = rule.subject
    kinds = rule.kinds
  }

  /// The kinds of entries that change it.
  var countedKinds: [EntryKind] {
    if case .drain = shape { return kinds + [.topUp, .topUpClear] }
    return kinds
  }

  /// How many seconds back it looks; nil for all there is.
  package var reach: Int64? {
    switch shape {
    case .log(let seconds), .terminals(let seconds), .drain(let seconds): seconds
    case .mean: nil
    }
  }

  /// The same bytes for the same definition, on every machine and for ever.
  package var bytes: [UInt8] {
    var writer = ByteWriter(reserving: 32)
    writer.byte(subject.rawValue)
    writer.list(kinds) { $0.byte($1.rawValue) }
    switch shape {
    case .log(let window):
      writer.byte(1)
      writer.signed(window)
    case .terminals(let window):
      writer.byte(2)
      writer.signed(window)
    case .drain(let within):
      writer.byte(3)
      writer.signed(within)
    case .mean: writer.byte(4)
    }
    return writer.bytes
  }
}

/// A series in force and the number its records go by.
///
/// A number is given when a program brings the series in and stays until one leaves it out.
package struct SeriesStanding: Hashable, Sendable {
  package let definition: [UInt8]
  package let number: Int64

  package init(definition: [UInt8], number: Int64) {
    self.definition = definition
    self.number = number
  }
}

/// What is remembered of one subject in one series.
package enum Series: Hashable, Sendable {
  case log(EventLog)
  case terminals(TerminalSet)
  case drain(TopUpDrain)
  case mean(Mean)
}

/// The terminals a subject was seen at, the latest last.
package struct TerminalSet: Hashable, Sendable {
  /// More than so many are not told apart: the count stays at this.
  package static let limit = 256

  struct Visit: Hashable, Sendable {
    let terminal: String
    let entry: EntryID
    let at: Instant
  }

  private(set) var visits: [Visit] = []

  package init() {}

  mutating func advance(past edge: Instant) {
    guard let oldest = visits.first, oldest.at <= edge else { return }
    visits.removeFirst(visits.firstIndex { $0.at > edge } ?? visits.count)
  }

  mutating func add(_ terminal: String, _ entry: EntryID, _ at: Instant) {
    visits.removeAll { $0.terminal.utf8.elementsEqual(terminal.utf8) }
    visits.append(Visit(terminal: terminal, entry: entry, at: at))
    if visits.count > Self.limit { visits.removeFirst() }
  }
}

/// A subject's latest top-up and what was spent of it since.
package struct TopUpDrain: Hashable, Sendable {
  let topUp: EntryID
  let at: Instant
  let amount: Amount
  var spent: Int128 = 0
}

/// How many entries there were, and what they came to.
package struct Mean: Hashable, Sendable {
  var count: Int64 = 0
  var sum: Int128 = 0
}

extension Series {
  func write(to writer: inout ByteWriter) {
    switch self {
    case .log(let log):
      writer.byte(1)
      log.write(to: &writer)
    case .terminals(let terminals):
      writer.byte(2)
      writer.list(terminals.visits) { writer, visit in
        writer.text(visit.terminal)
        writer.unsigned(UInt64(visit.entry.sequence))
        writer.signed(visit.at.milliseconds)
      }
    case .drain(let drain):
      writer.byte(3)
      writer.unsigned(UInt64(drain.topUp.sequence))
      writer.signed(drain.at.milliseconds)
      writer.amount(drain.amount)
      writer.wide(drain.spent)
    case .mean(let mean):
      writer.byte(4)
      writer.signed(mean.count)
      writer.wide(mean.sum)
    }
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    switch try reader.byte() {
    case 1: self = .log(try EventLog(from: &reader))
    case 2:
      let visits = try reader.list { r throws(MalformedRecord) in
        TerminalSet.Visit(
          terminal: try r.text(), entry: try r.entryID(),
          at: Instant(milliseconds: try r.signed()))
      }
      self = .terminals(TerminalSet(visits: visits))
    case 3:
      self = .drain(
        TopUpDrain(
          topUp: try reader.entryID(), at: Instant(milliseconds: try reader.signed()),
          amount: try reader.amount(), spent: try reader.wide()))
    case 4: self = .mean(Mean(count: try reader.signed(), sum: try reader.wide()))
    default: throw MalformedRecord("unknown series")
    }
  }
}

extension TerminalSet {
  fileprivate init(visits: [Visit]) { self.visits = visits }
}

extension ByteWriter {
  fileprivate mutating func wide(_ value: Int128) {
    signed(Int64(truncatingIfNeeded: value >> 63))
    unsigned(UInt64(truncatingIfNeeded: value) & (1 << 63 - 1))
  }
}

extension ByteReader {
  fileprivate mutating func wide() throws(MalformedRecord) -> Int128 {
    let high = Int128(try signed())
    let low = try unsigned()
    guard low < 1 << 63, high >= 0 else { throw MalformedRecord("sum out of range") }
    return high << 63 | Int128(low)
  }
}
