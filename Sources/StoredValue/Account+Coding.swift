// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Account {
  private static let version: UInt8 = 1

  /// The folded record as the state table keeps it; deterministic.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 160)
    write(to: &writer)
    return writer.bytes
  }

  /// As `encoded`, behind what was written before.
  package func write(to writer: inout ByteWriter) {
    writer.byte(Self.version)
    writer.text(cardNumber.text)
    writer.byte(status.rawValue)
    writer.bool(registered)
    writer.optional(text: level)
    writer.optional(blob: holderDigest)
    writer.signed(openedAt.milliseconds)
    writer.signed(openedOn.daysSince1970)
    let lots = lots
    writer.count(lots.count)
    for index in lots.indices { lots[index].write(to: &writer) }
    writer.count(holds.count)
    for hold in holds { hold.write(to: &writer) }
    pin.write(to: &writer)
    writer.amount(used)
    writer.bool(day != nil)
    if let day {
      writer.signed(day.date.daysSince1970)
      writer.signed(day.spent)
    }
    writer.unsigned(UInt64(lastEntry.sequence))
  }

  /// Reads a folded record; throws `MalformedRecord` for anything `encoded` does not write.
  package init(id: AccountID, encoded: ArraySlice<UInt8>) throws(MalformedRecord) {
    var reader = ByteReader(encoded)
    guard try reader.byte() == Self.version else {
      throw MalformedRecord("unknown version of an account")
    }
    // What has been read is put in place at once: fields gathered beside it would be copied.
    self.init(
      Fields(
        id: id, cardNumber: try reader.cardNumber(), status: try reader.status(),
        registered: try reader.bool(), level: try reader.optionalText(),
        holderDigest: try reader.optionalBlob(), openedAt: try reader.instant(),
        openedOn: try reader.date(), lastEntry: .none))
    try Self.read(&fields, from: &reader)
    try reader.finish()
    guard grantsAreInRange, lotsAreInRange, countersAreInRange else {
      throw MalformedRecord("amounts out of range")
    }
  }

  private static func read(
    _ fields: inout Fields, from reader: inout ByteReader
  ) throws(MalformedRecord) {
    let lotCount = try reader.count()
    fields.lots.reserveCapacity(lotCount)
    for _ in 0..<lotCount { fields.lots.append(try Lot(from: &reader)) }
    for _ in 0..<(try reader.count()) { fields.holds.append(try Change.Hold(from: &reader)) }
    fields.pin = try PINState(from: &reader)
    fields.used = try reader.amount()
    fields.day =
      try reader.bool() ? DaySpend(date: try reader.date(), spent: try reader.signed()) : nil
    fields.lastEntry = try reader.entryID()
  }

  /// Whether the sums kept beside the lots are ones that lots in range can give.
  private var countersAreInRange: Bool {
    used <= .accountCeiling
      && (day?.spent.magnitude ?? 0) <= Amount.accountCeiling.minorUnits
      && (holds.isEmpty || holds.allSatisfy { $0.parts.allSatisfy { lot($0.lot) != nil } })
  }

  /// Whether no lot holds more than was granted, nor a hold more than its lots: INV-2 and INV-6.
  private var lotsAreInRange: Bool {
    let lots = lots
    for index in lots.indices {
      guard let gone = lots[index].remaining.adding(lots[index].lapsed),
        gone <= lots[index].granted
      else { return false }
    }
    guard !holds.isEmpty else { return true }
    for index in lots.indices {
      var held = Amount.zero
      for hold in holds {
        for part in hold.parts where part.lot == lots[index].id {
          guard let more = held.adding(part.amount), more <= lots[index].remaining
          else { return false }
          held = more
        }
      }
    }
    return true
  }
}
