// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// A part of an account's value that came by one top-up, of one kind, with its own terms.
///
/// 0 ≤ remaining ≤ granted (INV-2); kept when empty, because a refund gives back to the same lot.
package struct Lot: Hashable, Sendable {
  package let id: LotID
  package let kind: LotKind
  package let asset: Asset
  package let granted: Amount
  package internal(set) var remaining: Amount
  /// What expired of it.
  package internal(set) var lapsed: Amount
  package let releasePerDebit: Amount?
  package let expiresAt: Instant?
  package let rule: String?
  package internal(set) var state: State
  /// The entry that credited it; nil while pending.
  package internal(set) var creditedBy: EntryID?

  package enum State: UInt8, Sendable {
    case pending = 1
    case credited = 2
    /// Its top-up bounced or was reversed.
    case withdrawn = 3
  }

  init(_ grant: Change.Grant, by entry: EntryID) {
    id = grant.lot
    kind = grant.kind
    asset = grant.asset
    granted = grant.amount
    remaining = grant.amount
    lapsed = .zero
    releasePerDebit = grant.releasePerDebit
    expiresAt = grant.expiresAt
    rule = grant.rule
    state = grant.pending ? .pending : .credited
    creditedBy = grant.pending ? nil : entry
  }

  /// Credited and neither bounced nor reversed.
  package var stands: Bool { state == .credited }

  /// What debits took and refunds have not given back.
  package var spent: Amount { granted.clampedSubtracting(remaining + lapsed) }

  package func hasExpired(at now: Instant) -> Bool { expiresAt.map { $0 <= now } ?? false }
}

extension Lot {
  func write(to writer: inout ByteWriter) {
    id.write(to: &writer)
    writer.byte(kind.rawValue)
    writer.byte(asset.rawValue)
    writer.amount(granted)
    writer.amount(remaining)
    writer.amount(lapsed)
    writer.optional(amount: releasePerDebit)
    writer.optional(instant: expiresAt)
    writer.optional(text: rule)
    writer.byte(state.rawValue)
    writer.optional(entry: creditedBy)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    id = try LotID(from: &reader)
    kind = try reader.lotKind()
    guard let asset = Asset(rawValue: try reader.byte()) else {
      throw MalformedRecord("unknown asset")
    }
    self.asset = asset
    granted = try reader.amount()
    remaining = try reader.amount()
    lapsed = try reader.amount()
    releasePerDebit = try reader.optionalAmount()
    expiresAt = try reader.optionalInstant()
    rule = try reader.optionalText()
    guard let state = State(rawValue: try reader.byte()) else {
      throw MalformedRecord("unknown lot state")
    }
    self.state = state
    creditedBy = try reader.optionalEntryID()
  }
}
