// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Coupon {
  private static let version: UInt8 = 1

  /// The folded record as the state table keeps it; deterministic.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 64)
    writer.byte(Self.version)
    writer.campaign(campaign)
    writer.optional(owner) { $0.unsigned(UInt64($1.value)) }
    writer.signed(issuedAt.milliseconds)
    writer.optional(instant: end)
    writer.byte(keyID)
    writer.optional(entry: topUp)
    state.write(to: &writer)
    writer.unsigned(UInt64(lastEntry.sequence))
    return writer.bytes
  }

  /// Reads a folded record; throws `MalformedRecord` for anything `encoded` does not write.
  package init(serial: CouponSerial, encoded: ArraySlice<UInt8>) throws(MalformedRecord) {
    var reader = ByteReader(encoded)
    guard try reader.byte() == Self.version else {
      throw MalformedRecord("unknown version of a coupon")
    }
    self.serial = serial
    campaign = try reader.campaign()
    owner = try reader.bool() ? try reader.accountID() : nil
    issuedAt = try reader.instant()
    end = try reader.optionalInstant()
    keyID = try reader.byte()
    topUp = try reader.optionalEntryID()
    state = try State(from: &reader)
    lastEntry = try reader.entryID()
    try reader.finish()
  }
}

extension Coupon.State {
  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .free: writer.byte(0)
    case .reserved(let reservation, let until):
      writer.byte(1)
      writer.unsigned(UInt64(reservation.madeBy.sequence))
      writer.signed(until.milliseconds)
    case .redeemed(let use):
      writer.byte(2)
      use.write(to: &writer)
    case .void(let at):
      writer.byte(3)
      writer.signed(at.milliseconds)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedRecord) {
    switch try reader.byte() {
    case 0: self = .free
    case 1: self = .reserved(ReservationID(try reader.entryID()), until: try reader.instant())
    case 2: self = .redeemed(try Coupon.Use(from: &reader))
    case 3: self = .void(at: try reader.instant())
    default: throw MalformedRecord("unknown state of a coupon")
    }
  }
}

extension Coupon.Use {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.unsigned(UInt64(redemption.madeBy.sequence))
    writer.byte(redemption.index)
    writer.signed(at.milliseconds)
    writer.signed(date.daysSince1970)
    writer.optional(text: store)
    writer.optional(text: terminal)
    writer.optional(account) { $0.unsigned(UInt64($1.value)) }
    writer.optional(amount: discount)
    writer.bool(inCheckout)
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedRecord) {
    redemption = RedemptionID(try reader.entryID(), index: try reader.byte())
    at = try reader.instant()
    date = try reader.date()
    store = try reader.optionalText()
    terminal = try reader.optionalText()
    account = try reader.optional { r throws(MalformedRecord) in try r.accountID() }
    discount = try reader.optionalAmount()
    inCheckout = try reader.bool()
  }
}
