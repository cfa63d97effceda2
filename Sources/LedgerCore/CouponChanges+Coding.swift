// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension Change {
  /// Writes a change of campaigns and coupons; traps for any other.
  func writeOfCoupons(to writer: inout ByteWriter) {
    switch self {
    case .campaignCreated(let document):
      writer.byte(22)
      writer.blob(document)
    case .campaignPaused(let campaign):
      writer.byte(23)
      writer.campaign(campaign)
    case .campaignResumed(let campaign):
      writer.byte(24)
      writer.campaign(campaign)
    case .couponsIssued(let issue):
      writer.byte(25)
      issue.write(to: &writer)
    case .couponReserved(let coupon, let end):
      writer.byte(26)
      writer.serial(coupon)
      writer.signed(end.milliseconds)
    case .couponReleased(let coupon):
      writer.byte(27)
      writer.serial(coupon)
    case .couponRedeemed(let redemption):
      writer.byte(28)
      redemption.write(to: &writer)
    case .couponUnredeemed(let unredemption):
      writer.byte(29)
      unredemption.write(to: &writer)
    case .couponVoided(let voiding):
      writer.byte(30)
      voiding.write(to: &writer)
    case .couponKept(let coupon):
      writer.byte(31)
      writer.serial(coupon)
    case .checkedOut(let checkout):
      writer.byte(32)
      checkout.write(to: &writer)
    default: preconditionFailure("not a change of coupons")
    }
  }

  /// Reads what stands behind a tag that no other change has.
  init(ofCoupons tag: UInt8, from reader: inout ByteReader) throws(MalformedRecord) {
    switch tag {
    case 22: self = .campaignCreated(try reader.blob())
    case 23: self = .campaignPaused(try reader.campaign())
    case 24: self = .campaignResumed(try reader.campaign())
    case 25: self = .couponsIssued(try Issue(from: &reader))
    case 26: self = .couponReserved(try reader.serial(), until: try reader.instant())
    case 27: self = .couponReleased(try reader.serial())
    case 28: self = .couponRedeemed(try Redemption(from: &reader))
    case 29: self = .couponUnredeemed(try Unredemption(from: &reader))
    case 30: self = .couponVoided(try Voiding(from: &reader))
    case 31: self = .couponKept(try reader.serial())
    case 32: self = .checkedOut(try Checkout(from: &reader))
    default: throw MalformedRecord("unknown change")
    }
  }
}

extension Change.Issue {
  func write(to writer: inout ByteWriter) {
    writer.campaign(campaign)
    writer.optional(owner) { $0.unsigned(UInt64($1.value)) }
    writer.list(coupons) { $0.serial($1) }
    writer.optional(end) { $0.signed($1.milliseconds) }
    writer.byte(keyID)
    writer.optional(topUp) { $0.unsigned(UInt64($1.sequence)) }
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    campaign = try reader.campaign()
    owner = try reader.optional { r throws(MalformedRecord) in try r.accountID() }
    coupons = try reader.list { r throws(MalformedRecord) in try r.serial() }
    end = try reader.optional { r throws(MalformedRecord) in try r.instant() }
    keyID = try reader.byte()
    topUp = try reader.optional { r throws(MalformedRecord) in try r.entryID() }
  }
}

extension Change.Redemption {
  func write(to writer: inout ByteWriter) {
    writer.serial(coupon)
    writer.campaign(campaign)
    writer.optional(account) { $0.unsigned(UInt64($1.value)) }
    writer.byte(index)
    writer.optional(discount) { $0.amount($1) }
    writer.list(shares) { writer, share in
      writer.unsigned(UInt64(share.line))
      writer.amount(share.amount)
    }
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    coupon = try reader.serial()
    campaign = try reader.campaign()
    account = try reader.optional { r throws(MalformedRecord) in try r.accountID() }
    index = try reader.byte()
    discount = try reader.optional { r throws(MalformedRecord) in try r.amount() }
    shares = try reader.list { r throws(MalformedRecord) in
      Change.Share(line: try r.line(), amount: try r.amount())
    }
  }
}

extension Change.Unredemption {
  func write(to writer: inout ByteWriter) {
    writer.unsigned(UInt64(redemption.madeBy.sequence))
    writer.byte(redemption.index)
    writer.serial(coupon)
    writer.campaign(campaign)
    writer.optional(account) { $0.unsigned(UInt64($1.value)) }
    writer.optional(discount) { $0.amount($1) }
    writer.signed(date.daysSince1970)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    redemption = RedemptionID(try reader.entryID(), index: try reader.byte())
    coupon = try reader.serial()
    campaign = try reader.campaign()
    account = try reader.optional { r throws(MalformedRecord) in try r.accountID() }
    discount = try reader.optional { r throws(MalformedRecord) in try r.amount() }
    date = try reader.date()
  }
}

extension Change.Voiding {
  func write(to writer: inout ByteWriter) {
    writer.serial(coupon)
    writer.campaign(campaign)
    writer.optional(owner) { $0.unsigned(UInt64($1.value)) }
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    coupon = try reader.serial()
    campaign = try reader.campaign()
    owner = try reader.optional { r throws(MalformedRecord) in try r.accountID() }
  }
}

extension Change.Checkout {
  func write(to writer: inout ByteWriter) {
    writer.blob(cart)
    writer.amount(subtotal)
    writer.amount(payable)
    writer.amount(storedValue)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    cart = try reader.blob()
    subtotal = try reader.amount()
    payable = try reader.amount()
    storedValue = try reader.amount()
  }
}

extension Change.GoodsReturn {
  func write(to writer: inout ByteWriter) {
    writer.list(units) { writer, units in
      writer.unsigned(UInt64(units.line))
      writer.unsigned(UInt64(units.quantity))
    }
    writer.amount(amount)
    writer.amount(toCard)
    writer.bool(isWhole)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    units = try reader.list { r throws(MalformedRecord) in
      let line = try r.line()
      guard let quantity = Int64(exactly: try r.unsigned()) else {
        throw MalformedRecord("quantity out of range")
      }
      return Units(line: line, quantity: quantity)
    }
    amount = try reader.amount()
    toCard = try reader.amount()
    isWhole = try reader.bool()
  }
}

extension ByteWriter {
  package mutating func campaign(_ number: CampaignNumber) {
    unsigned(UInt64(number.createdBy.sequence))
  }
}

extension ByteReader {
  package mutating func campaign() throws(MalformedRecord) -> CampaignNumber {
    CampaignNumber(try entryID())
  }

  package mutating func accountID() throws(MalformedRecord) -> AccountID {
    guard let value = Int64(exactly: try unsigned()), let id = AccountID(stored: value) else {
      throw MalformedRecord("bad account")
    }
    return id
  }

  /// The index of a line in a cart, which has at most 500.
  fileprivate mutating func line() throws(MalformedRecord) -> Int {
    let value = try unsigned()
    guard value < 500 else { throw MalformedRecord("line out of range") }
    return Int(value)
  }
}
