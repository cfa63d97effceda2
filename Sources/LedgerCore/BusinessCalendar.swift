// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Which business date an instant falls on, in the ledger's zone and day start.
///
/// Handed to the domain as two functions, so that it stays pure; `start(of:)` of one date is the
/// first instant after the date before it, and `date(at:)` never goes backwards.
package struct BusinessCalendar: Sendable {
  private let dateOf: @Sendable (Instant) -> BusinessDate
  private let startOf: @Sendable (BusinessDate) -> Instant

  package init(
    date: @escaping @Sendable (Instant) -> BusinessDate,
    start: @escaping @Sendable (BusinessDate) -> Instant
  ) {
    dateOf = date
    startOf = start
  }

  package func date(at instant: Instant) -> BusinessDate { dateOf(instant) }

  package func start(of date: BusinessDate) -> Instant { startOf(date) }

  /// The calendar of a zone that never changes its offset; for tests and simulation.
  package static func fixed(offsetMinutes: Int64, dayStartMinutes: Int64 = 0) -> BusinessCalendar {
    let shift = (offsetMinutes - dayStartMinutes) * 60_000
    return BusinessCalendar(
      date: { instant in
        let local = instant.milliseconds + shift
        let day = local >= 0 ? local / 86_400_000 : (local - 86_399_999) / 86_400_000
        return BusinessDate(daysSince1970: day)
      },
      start: { Instant(milliseconds: $0.daysSince1970 * 86_400_000 - shift) })
  }
}
