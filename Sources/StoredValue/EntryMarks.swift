// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What later entries have done to one entry; the fold of every `Change.marked` that names it.
package struct EntryMarks: Hashable, Sendable {
  package private(set) var refunded = Amount.zero
  package private(set) var isReversed = false
  package private(set) var isCleared = false
  package private(set) var isBounced = false
  package private(set) var isCaptured = false
  package private(set) var isReleased = false
  /// The entry that cleared it.
  package private(set) var clearedBy = EntryID.none
  /// Of a checkout: how many units of each line have come back.
  package private(set) var returned: [Int: Int64] = [:]
  /// Of a checkout: what was given back in all; `refunded` is what of it went to the card.
  package private(set) var paidBack = Amount.zero
  /// Of a checkout: everything has come back.
  package private(set) var isReturned = false
  /// The last entry folded in; applying an earlier one again does nothing.
  package private(set) var lastEntry = EntryID.none

  package init() {}

  package mutating func apply(_ mark: Change.Mark, of entry: EntryID) {
    guard entry > lastEntry else { return }
    lastEntry = entry
    switch mark {
    case .refunded(let amount): refunded = refunded.adding(amount) ?? .accountCeiling
    case .reversed: isReversed = true
    case .cleared:
      isCleared = true
      clearedBy = entry
    case .bounced: isBounced = true
    case .captured: isCaptured = true
    case .released: isReleased = true
    case .returned(let goods):
      for units in goods.units {
        let sum = (returned[units.line] ?? 0).addingReportingOverflow(units.quantity)
        returned[units.line] = sum.overflow ? .max : sum.partialValue
      }
      paidBack = paidBack.adding(goods.amount) ?? .accountCeiling
      refunded = refunded.adding(goods.toCard) ?? .accountCeiling
      isReturned = isReturned || goods.isWhole
    }
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 16)
    writer.byte(2)
    writer.amount(refunded)
    for flag in [isReversed, isCleared, isBounced, isCaptured, isReleased] { writer.bool(flag) }
    writer.unsigned(UInt64(clearedBy.sequence))
    writer.list(returned.sorted { $0.key < $1.key }) { writer, units in
      writer.unsigned(UInt64(units.key))
      writer.unsigned(UInt64(units.value))
    }
    writer.amount(paidBack)
    writer.bool(isReturned)
    writer.unsigned(UInt64(lastEntry.sequence))
    return writer.bytes
  }

  package init(encoded: ArraySlice<UInt8>) throws(MalformedRecord) {
    var reader = ByteReader(encoded)
    guard try reader.byte() == 2 else { throw MalformedRecord("unknown version of marks") }
    refunded = try reader.amount()
    isReversed = try reader.bool()
    isCleared = try reader.bool()
    isBounced = try reader.bool()
    isCaptured = try reader.bool()
    isReleased = try reader.bool()
    clearedBy = try reader.entryID()
    for (line, quantity) in try reader.list({ r throws(MalformedRecord) in
      (Int(clamping: try r.unsigned()), Int64(clamping: try r.unsigned()))
    }) {
      returned[line] = quantity
    }
    paidBack = try reader.amount()
    isReturned = try reader.bool()
    lastEntry = try reader.entryID()
    try reader.finish()
  }
}
