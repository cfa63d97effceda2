// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension Change {
  /// Tags 40 … 49.
  func writeOfAlert(to writer: inout ByteWriter) {
    switch self {
    case .alertRaised(let raise):
      writer.byte(40)
      raise.write(to: &writer)
    case .alertCounted(let count):
      writer.byte(41)
      count.write(to: &writer)
    case .alertUpdated(let update):
      writer.byte(42)
      update.write(to: &writer)
    case .attemptDeclined(let attempt):
      writer.byte(43)
      attempt.write(to: &writer)
    case .alertAcknowledged(let acknowledgement):
      writer.byte(44)
      acknowledgement.write(to: &writer)
    case .codesFailed(let failures):
      writer.byte(45)
      failures.write(to: &writer)
    default: preconditionFailure("it is not about an alert")
    }
  }

  init(ofAlert tag: UInt8, from reader: inout ByteReader) throws(MalformedRecord) {
    switch tag {
    case 40: self = .alertRaised(try AlertRaise(from: &reader))
    case 41: self = .alertCounted(try AlertCount(from: &reader))
    case 42: self = .alertUpdated(try AlertUpdate(from: &reader))
    case 43: self = .attemptDeclined(try DeclinedAttempt(from: &reader))
    case 44: self = .alertAcknowledged(try AlertAcknowledgement(from: &reader))
    case 45: self = .codesFailed(try CodeFailures(from: &reader))
    default: throw MalformedRecord("unknown change")
    }
  }
}

extension Change.AlertRaise {
  func write(to writer: inout ByteWriter) {
    writer.signed(sequence)
    writer.text(rule)
    writer.byte(cause.rawValue)
    subject.write(to: &writer)
    writer.byte(severity.rawValue)
    writer.byte(action.rawValue)
    writer.optional(windowStart) { $0.signed($1.milliseconds) }
    writer.signed(observed)
    writer.signed(threshold)
    writer.list(evidence) { $0.unsigned(UInt64($1.sequence)) }
    writer.signed(suppressedUntil.milliseconds)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    sequence = try reader.count()
    rule = try reader.text()
    cause = try reader.choice()
    subject = try WatchedSubject(from: &reader)
    severity = try reader.choice()
    action = try reader.choice()
    // A window may reach back behind the first day there is.
    windowStart = try reader.optional { r throws(MalformedRecord) in
      try r.windowStart()
    }
    observed = try reader.signed()
    threshold = try reader.signed()
    evidence = try reader.list { r throws(MalformedRecord) in try r.entryID() }
    suppressedUntil = try reader.instant()
  }
}

extension Change.AlertCount {
  func write(to writer: inout ByteWriter) {
    writer.signed(alert)
    subject.write(to: &writer)
    writer.signed(count)
    writer.signed(observed)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    alert = try reader.count()
    subject = try WatchedSubject(from: &reader)
    count = try reader.count()
    observed = try reader.signed()
  }
}

extension Change.AlertUpdate {
  func write(to writer: inout ByteWriter) {
    writer.signed(sequence)
    writer.signed(alert)
    id.write(to: &writer)
    writer.signed(number)
    subject.write(to: &writer)
    writer.signed(count)
    writer.signed(observed)
    writer.unsigned(UInt64(newest.sequence))
    writer.signed(at.milliseconds)
    writer.bool(isFinal)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    sequence = try reader.count()
    alert = try reader.count()
    id = try AlertID(from: &reader)
    number = try reader.count()
    subject = try WatchedSubject(from: &reader)
    count = try reader.count()
    observed = try reader.signed()
    newest = try reader.entryID()
    at = try reader.instant()
    isFinal = try reader.bool()
  }
}

extension Change.DeclinedAttempt {
  func write(to writer: inout ByteWriter) {
    writer.byte(kind.rawValue)
    writer.optional(account) { $0.unsigned(UInt64($1.value)) }
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    kind = try reader.choice()
    account = try reader.optional { r throws(MalformedRecord) in try r.accountID() }
  }
}

extension Change.AlertAcknowledgement {
  func write(to writer: inout ByteWriter) {
    writer.signed(alert)
    id.write(to: &writer)
    writer.byte(disposition.rawValue)
    writer.optional(note) { $0.text($1) }
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    alert = try reader.count()
    id = try AlertID(from: &reader)
    disposition = try reader.choice()
    note = try reader.optional { r throws(MalformedRecord) in try r.text() }
  }
}

extension Change.CodeFailures {
  func write(to writer: inout ByteWriter) {
    subject.write(to: &writer)
    writer.signed(windowSeconds)
    writer.signed(observed)
    writer.signed(hits)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    subject = try WatchedSubject(from: &reader)
    windowSeconds = try reader.count()
    observed = try reader.signed()
    hits = try reader.count()
  }
}

extension WatchedSubject {
  package func write(to writer: inout ByteWriter) {
    writer.byte(kind.rawValue)
    switch self {
    case .account(let id): writer.unsigned(UInt64(id.value))
    case .terminal(let name), .operator(let name), .store(let name): writer.text(name)
    }
  }

  package init(from reader: inout ByteReader) throws(MalformedRecord) {
    let kind: SubjectKind = try reader.choice()
    switch kind {
    case .account: self = .account(try reader.accountID())
    case .terminal: self = .terminal(try reader.text())
    case .operator: self = .operator(try reader.text())
    case .store: self = .store(try reader.text())
    }
  }
}

extension AlertID {
  package func write(to writer: inout ByteWriter) {
    writer.unsigned(UInt64(entry.sequence))
    writer.unsigned(UInt64(rule))
  }

  package init(from reader: inout ByteReader) throws(MalformedRecord) {
    let entry = try reader.entryID()
    guard let rule = UInt32(exactly: try reader.unsigned()), rule < 1 << 30 else {
      throw MalformedRecord("bits of a rule out of range")
    }
    self.init(entry: entry, rule: rule)
  }
}

extension ByteReader {
  /// One of a type's raw values.
  package mutating func choice<Choice: RawRepresentable<UInt8>>() throws(MalformedRecord) -> Choice
  {
    guard let choice = Choice(rawValue: try byte()) else {
      throw MalformedRecord("unknown choice")
    }
    return choice
  }

  /// A number of things, in a range in which sums of a few cannot overflow.
  fileprivate mutating func count() throws(MalformedRecord) -> Int64 {
    let value = try signed()
    guard (0...1 << 53).contains(value) else { throw MalformedRecord("count out of range") }
    return value
  }

  /// The beginning of a window, which may lie up to a year before 1970.
  fileprivate mutating func windowStart() throws(MalformedRecord) -> Instant {
    let value = try signed()
    guard (-31_622_400_000...Instant.latest.milliseconds).contains(value) else {
      throw MalformedRecord("time out of range")
    }
    return Instant(milliseconds: value)
  }
}
