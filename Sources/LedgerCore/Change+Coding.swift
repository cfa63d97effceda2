// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension Change {
  /// Tags stand in the journal and are never reused.
  func write(to writer: inout ByteWriter) {
    switch self {
    case .accountOpened(let opening):
      writer.byte(1)
      opening.write(to: &writer)
    case .cardReplaced(let number):
      writer.byte(2)
      writer.text(number.text)
    case .statusChanged(let status):
      writer.byte(3)
      writer.byte(status.rawValue)
    case .lotGranted(let grant):
      writer.byte(4)
      grant.write(to: &writer)
    case .lotCleared(let lot):
      writer.byte(5)
      lot.write(to: &writer)
    case .lotWithdrawn(let lot, let amount): writer.part(6, lot, amount)
    case .lotTaken(let lot, let amount): writer.part(7, lot, amount)
    case .lotReturned(let lot, let amount): writer.part(8, lot, amount)
    case .lotLapsed(let lot, let amount): writer.part(9, lot, amount)
    case .holdPlaced(let hold):
      writer.byte(10)
      hold.write(to: &writer)
    case .holdEnded(let hold):
      writer.byte(11)
      writer.unsigned(UInt64(hold.authorizedBy.sequence))
    case .daySpent(let date, let delta):
      writer.byte(12)
      writer.signed(date.daysSince1970)
      writer.signed(delta)
    case .pinSet(let verifier):
      writer.byte(13)
      writer.blob(verifier)
    case .pinFailed(let lock):
      writer.byte(14)
      writer.optional(lock) { $0.lock($1) }
    case .pinProbed(let entry):
      writer.byte(15)
      writer.unsigned(UInt64(entry.sequence))
    case .pinCleared: writer.byte(16)
    case .programSet(let document):
      writer.byte(17)
      writer.blob(document)
    case .keyBlocked(let key):
      writer.byte(18)
      writer.text(key.text)
    case .marked(let entry, let mark):
      writer.byte(19)
      writer.unsigned(UInt64(entry.sequence))
      mark.write(to: &writer)
    case .settled(let payout):
      writer.byte(20)
      writer.amount(payout)
    case .lotSettled(let lot, let amount): writer.part(21, lot, amount)
    case .campaignCreated, .campaignPaused, .campaignResumed, .couponsIssued, .couponReserved,
      .couponReleased, .couponRedeemed, .couponUnredeemed, .couponVoided, .couponKept, .checkedOut:
      writeOfCoupons(to: &writer)
    case .alertRaised, .alertCounted, .alertUpdated, .attemptDeclined, .alertAcknowledged,
      .codesFailed:
      writeOfAlert(to: &writer)
    }
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    switch try reader.byte() {
    case 1: self = .accountOpened(try Opening(from: &reader))
    case 2: self = .cardReplaced(try reader.cardNumber())
    case 3: self = .statusChanged(try reader.status())
    case 4: self = .lotGranted(try Grant(from: &reader))
    case 5: self = .lotCleared(try LotID(from: &reader))
    case 6: self = .lotWithdrawn(try LotID(from: &reader), try reader.amount())
    case 7: self = .lotTaken(try LotID(from: &reader), try reader.amount())
    case 8: self = .lotReturned(try LotID(from: &reader), try reader.amount())
    case 9: self = .lotLapsed(try LotID(from: &reader), try reader.amount())
    case 10: self = .holdPlaced(try Hold(from: &reader))
    case 11: self = .holdEnded(HoldID(try reader.entryID()))
    case 12:
      self = .daySpent(try reader.date(), try reader.signed())
    case 13: self = .pinSet(try reader.blob())
    case 14:
      self = .pinFailed(lock: try reader.optional { r throws(MalformedRecord) in try r.lock() })
    case 15: self = .pinProbed(try reader.entryID())
    case 16: self = .pinCleared
    case 17: self = .programSet(try reader.blob())
    case 18: self = .keyBlocked(try reader.key())
    case 19: self = .marked(try reader.entryID(), try Mark(from: &reader))
    case 20: self = .settled(payout: try reader.amount())
    case 21: self = .lotSettled(try LotID(from: &reader), try reader.amount())
    case let tag where (40...49).contains(tag): self = try Change(ofAlert: tag, from: &reader)
    case let tag: self = try Change(ofCoupons: tag, from: &reader)
    }
  }
}

extension Change.Opening {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.text(cardNumber.text)
    writer.bool(registered)
    writer.optional(level) { $0.text($1) }
    writer.optional(holderDigest) { $0.blob($1) }
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedRecord) {
    cardNumber = try reader.cardNumber()
    registered = try reader.bool()
    level = try reader.optional { r throws(MalformedRecord) in try r.text() }
    holderDigest = try reader.optional { r throws(MalformedRecord) in try r.blob() }
  }
}

extension Change.Grant {
  fileprivate func write(to writer: inout ByteWriter) {
    lot.write(to: &writer)
    writer.byte(kind.rawValue)
    writer.byte(asset.rawValue)
    writer.amount(amount)
    writer.optional(releasePerDebit) { $0.amount($1) }
    writer.optional(expiresAt) { $0.signed($1.milliseconds) }
    writer.optional(rule) { $0.text($1) }
    writer.bool(pending)
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedRecord) {
    lot = try LotID(from: &reader)
    kind = try reader.lotKind()
    guard let asset = Asset(rawValue: try reader.byte()) else {
      throw MalformedRecord("unknown asset")
    }
    self.asset = asset
    amount = try reader.amount()
    releasePerDebit = try reader.optional { r throws(MalformedRecord) in try r.amount() }
    expiresAt = try reader.optional { r throws(MalformedRecord) in try r.instant() }
    rule = try reader.optional { r throws(MalformedRecord) in try r.text() }
    pending = try reader.bool()
  }
}

extension Change.Hold {
  package func write(to writer: inout ByteWriter) {
    writer.unsigned(UInt64(id.authorizedBy.sequence))
    writer.list(parts) { writer, part in
      part.lot.write(to: &writer)
      writer.amount(part.amount)
    }
    writer.signed(expiresAt.milliseconds)
  }

  package init(from reader: inout ByteReader) throws(MalformedRecord) {
    id = HoldID(try reader.entryID())
    parts = try reader.list { r throws(MalformedRecord) in
      Change.Part(lot: try LotID(from: &r), amount: try r.amount())
    }
    expiresAt = try reader.instant()
  }
}

extension Change.Mark {
  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .refunded(let amount):
      writer.byte(1)
      writer.amount(amount)
    case .reversed: writer.byte(2)
    case .cleared: writer.byte(3)
    case .bounced: writer.byte(4)
    case .captured: writer.byte(5)
    case .released: writer.byte(6)
    case .returned(let goods):
      writer.byte(7)
      goods.write(to: &writer)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedRecord) {
    switch try reader.byte() {
    case 1: self = .refunded(try reader.amount())
    case 2: self = .reversed
    case 3: self = .cleared
    case 4: self = .bounced
    case 5: self = .captured
    case 6: self = .released
    case 7: self = .returned(try Change.GoodsReturn(from: &reader))
    default: throw MalformedRecord("unknown mark")
    }
  }
}

extension ByteWriter {
  fileprivate mutating func part(_ tag: UInt8, _ lot: LotID, _ amount: Amount) {
    byte(tag)
    lot.write(to: &self)
    self.amount(amount)
  }

  package mutating func lock(_ lock: PINLock) {
    switch lock {
    case .until(let instant): signed(instant.milliseconds)
    case .untilReset: signed(-1)
    }
  }
}

extension ByteReader {
  package mutating func entryID() throws(MalformedRecord) -> EntryID {
    guard let value = Int64(exactly: try unsigned()) else {
      throw MalformedRecord("entry out of range")
    }
    return EntryID(value)
  }

  package mutating func instant() throws(MalformedRecord) -> Instant {
    let value = try signed()
    guard (0...Instant.latest.milliseconds).contains(value) else {
      throw MalformedRecord("time out of range")
    }
    return Instant(milliseconds: value)
  }

  /// A business date from the day before 1970 to the day after 9999, as zones may have it.
  package mutating func date() throws(MalformedRecord) -> BusinessDate {
    let days = try signed()
    guard (-1...2_932_897).contains(days) else { throw MalformedRecord("date out of range") }
    return BusinessDate(daysSince1970: days)
  }

  package mutating func cardNumber() throws(MalformedRecord) -> CardNumber {
    guard let number = CardNumber(try text()) else { throw MalformedRecord("bad card number") }
    return number
  }

  package mutating func key() throws(MalformedRecord) -> IdempotencyKey {
    guard let key = IdempotencyKey(try text()) else { throw MalformedRecord("bad key") }
    return key
  }

  package mutating func status() throws(MalformedRecord) -> AccountStatus {
    guard let status = AccountStatus(rawValue: try byte()) else {
      throw MalformedRecord("unknown status")
    }
    return status
  }

  package mutating func lotKind() throws(MalformedRecord) -> LotKind {
    guard let kind = LotKind(rawValue: try byte()) else {
      throw MalformedRecord("unknown lot kind")
    }
    return kind
  }

  package mutating func lock() throws(MalformedRecord) -> PINLock {
    let value = try signed()
    guard (-1...Instant.latest.milliseconds).contains(value) else {
      throw MalformedRecord("lock out of range")
    }
    return value < 0 ? .untilReset : .until(Instant(milliseconds: value))
  }
}

extension LotID {
  package func write(to writer: inout ByteWriter) {
    writer.unsigned(UInt64(topUp.sequence))
    writer.byte(index)
  }

  package init(from reader: inout ByteReader) throws(MalformedRecord) {
    topUp = try reader.entryID()
    index = try reader.byte()
  }
}
