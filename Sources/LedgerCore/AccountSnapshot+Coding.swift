// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension AccountSnapshot {
  func write(to writer: inout ByteWriter) {
    writer.text(cardNumber.text)
    writer.byte(status.rawValue)
    let lots = lots
    writer.count(lots.count)
    for lot in lots {
      lot.id.write(to: &writer)
      writer.byte(lot.kind.rawValue)
      writer.amount(lot.granted)
      writer.amount(lot.remaining)
      writer.optional(amount: lot.releasePerDebit)
      writer.optional(instant: lot.expiresAt)
      writer.bool(lot.pending)
    }
    writer.amount(held)
    writer.amount(spendable)
    writer.bool(firstDay != nil)
    if let firstDay {
      writer.amount(firstDay.cap)
      writer.amount(firstDay.spent)
    }
    writer.bool(pinSet)
    writer.signed(Int64(pinAttemptsLeft))
    writer.bool(pinLock != nil)
    if let pinLock { writer.lock(pinLock) }
  }

  convenience init(from reader: inout ByteReader) throws(MalformedRecord) {
    let cardNumber = try reader.cardNumber()
    let status = try reader.status()
    let lots = try reader.list { r throws(MalformedRecord) in
      Lot(
        id: try LotID(from: &r), kind: try r.lotKind(), granted: try r.amount(),
        remaining: try r.amount(), releasePerDebit: try r.optionalAmount(),
        expiresAt: try r.optionalInstant(), pending: try r.bool())
    }
    let held = try reader.amount()
    let spendable = try reader.amount()
    let firstDay = try reader.optional { r throws(MalformedRecord) in
      FirstDay(cap: try r.amount(), spent: try r.amount())
    }
    let pinSet = try reader.bool()
    guard let left = Int32(exactly: try reader.signed()) else {
      throw MalformedRecord("attempts out of range")
    }
    let pinLock = try reader.optional { r throws(MalformedRecord) in try r.lock() }
    self.init(
      cardNumber: cardNumber, status: status, lots: lots, held: held, spendable: spendable,
      firstDay: firstDay, pinSet: pinSet, pinAttemptsLeft: left, pinLock: pinLock)
  }
}
