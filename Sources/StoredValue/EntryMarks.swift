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
  /// The last entry folded in; applying an earlier one again does nothing.
  package private(set) var lastEntry = EntryID.none

  package init() {}

  package mutating func apply(_ mark: Change.Mark, of entry: EntryID) {
    guard entry > lastEntry else { return }
    lastEntry = entry
    switch mark {
    case .refunded(let amount): refunded = refunded.adding(amount) ?? .accountCeiling
    case .reversed: isReversed = true
    case .cleared: isCleared = true
    case .bounced: isBounced = true
    case .captured: isCaptured = true
    case .released: isReleased = true
    }
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 16)
    writer.byte(1)
    writer.amount(refunded)
    for flag in [isReversed, isCleared, isBounced, isCaptured, isReleased] { writer.bool(flag) }
    writer.unsigned(UInt64(lastEntry.sequence))
    return writer.bytes
  }

  package init(encoded: ArraySlice<UInt8>) throws(MalformedRecord) {
    var reader = ByteReader(encoded)
    guard try reader.byte() == 1 else { throw MalformedRecord("unknown version of marks") }
    refunded = try reader.amount()
    isReversed = try reader.bool()
    isCleared = try reader.bool()
    isBounced = try reader.bool()
    isCaptured = try reader.bool()
    isReleased = try reader.bool()
    lastEntry = try reader.entryID()
    try reader.finish()
  }
}
