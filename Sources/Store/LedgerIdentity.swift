// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// What a ledger is, fixed when it was made and sealed by the first link of its chain.
package struct LedgerIdentity: Hashable, Sendable {
  /// 32 lower-case hexadecimal digits, random.
  package let id: String
  /// ISO 4217.
  package let currency: String
  /// A name of the tz database.
  package let timezone: String
  /// Minutes after midnight at which a business date begins; 0 … 1439.
  package let dayStartMinutes: Int
  /// Whether its clock is moved by hand; such a ledger holds no entry dated by the wall clock.
  package let isTest: Bool

  package init(
    id: String, currency: String, timezone: String, dayStartMinutes: Int, isTest: Bool
  ) {
    self.id = id
    self.currency = currency
    self.timezone = timezone
    self.dayStartMinutes = dayStartMinutes
    self.isTest = isTest
  }

  /// `HH:MM` of the day start.
  package var dayStart: String {
    let parts = [dayStartMinutes / 60, dayStartMinutes % 60]
    return parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }

  /// What the chain's first link is made over; deterministic.
  package var sealedBytes: [UInt8] {
    var writer = ByteWriter(reserving: 96)
    writer.byte(1)
    writer.text(id)
    writer.text(currency)
    writer.text(timezone)
    writer.unsigned(UInt64(dayStartMinutes))
    writer.bool(isTest)
    return writer.bytes
  }
}
