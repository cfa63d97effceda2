// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension AccountSnapshot {
  func write(to writer: inout ByteWriter) {
    writer.text(cardNumber.text)
    writer.byte(status.rawValue)
    writer.list(lots) { writer, lot in
      lot.id.write(to: &writer)
      writer.byte(lot.kind.rawValue)
      writer.amount(lot.granted)
      writer.amount(lot.remaining)
      writer.optional(lot.releasePerDebit) { $0.amount($1) }
      writer.optional(lot.expiresAt) { $0.signed($1.milliseconds) }
      writer.bool(lot.pending)
    }
    writer.amount(held)
    writer.amount(spendable)
    writer.optional(firstDay) { writer, firstDay in
      writer.amount(firstDay.cap)
      writer.amount(firstDay.spent)
    }
    writer.bool(pinSet)
    writer.signed(Int64(pinAttemptsLeft))
    writer.optional(pinLock) { $0.lock($1) }
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    cardNumber = try reader.cardNumber()
    status = try reader.status()
    lots = try reader.list { r throws(MalformedRecord) in
      Lot(
        id: try LotID(from: &r), kind: try r.lotKind(), granted: try r.amount(),
        remaining: try r.amount(),
        releasePerDebit: try r.optional { r throws(MalformedRecord) in try r.amount() },
        expiresAt: try r.optional { r throws(MalformedRecord) in try r.instant() },
        pending: try r.bool())
    }
    held = try reader.amount()
    spendable = try reader.amount()
    firstDay = try reader.optional { r throws(MalformedRecord) in
      FirstDay(cap: try r.amount(), spent: try r.amount())
    }
    pinSet = try reader.bool()
    guard let left = Int32(exactly: try reader.signed()) else {
      throw MalformedRecord("attempts out of range")
    }
    pinAttemptsLeft = left
    pinLock = try reader.optional { r throws(MalformedRecord) in try r.lock() }
  }
}
