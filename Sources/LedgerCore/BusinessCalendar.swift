// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Which business date an instant falls on, in the ledger's zone and day start.
///
/// Handed to the domain as two functions, so that it stays pure; `start(of:)` of one date is the
/// first instant after the date before it, and `date(at:)` never goes backwards.
package final class BusinessCalendar: Sendable {
  private let dateOf: @Sendable (Instant) -> BusinessDate
  private let startOf: @Sendable (BusinessDate) -> Instant
  private let wall: WallClock

  package init(
    date: @escaping @Sendable (Instant) -> BusinessDate,
    start: @escaping @Sendable (BusinessDate) -> Instant, wall: WallClock = .utc
  ) {
    dateOf = date
    startOf = start
    self.wall = wall
  }

  /// What the clocks on the wall show in the ledger's zone.
  package func wallTime(at instant: Instant) -> WallTime { wall.time(instant) }

  /// The first instant of a civil date in the ledger's zone.
  package func midnight(of date: CivilDate) -> Instant { wall.midnight(date) }

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
      start: { Instant(milliseconds: $0.daysSince1970 * 86_400_000 - shift) },
      wall: .fixed(offsetMinutes: offsetMinutes))
  }
}

/// A civil date and the time of day that a clock shows with it.
package struct WallTime: Equatable, Sendable {
  private let daysSince1970: Int64
  /// 0 … 86,399,999.
  package let millisecondsOfDay: Int64

  package init(date: CivilDate, millisecondsOfDay: Int64) {
    daysSince1970 = date.daysSince1970
    self.millisecondsOfDay = millisecondsOfDay
  }

  /// Counted when it is asked for: most who look at the clock want the time.
  package var date: CivilDate { CivilDate(daysSince1970: daysSince1970) }

  /// What a clock shows that is so many milliseconds after 1970 began on it.
  package init(local milliseconds: Int64) {
    daysSince1970 =
      milliseconds >= 0 ? milliseconds / 86_400_000 : (milliseconds - 86_399_999) / 86_400_000
    millisecondsOfDay = milliseconds - daysSince1970 * 86_400_000
  }
}

/// The clocks on the wall of a zone, handed to the domain as two functions.
package struct WallClock: Sendable {
  let time: @Sendable (Instant) -> WallTime
  let midnight: @Sendable (CivilDate) -> Instant

  package init(
    time: @escaping @Sendable (Instant) -> WallTime,
    midnight: @escaping @Sendable (CivilDate) -> Instant
  ) {
    self.time = time
    self.midnight = midnight
  }

  package static let utc = fixed(offsetMinutes: 0)

  /// Of a zone that never changes its offset; for tests and simulation.
  package static func fixed(offsetMinutes: Int64) -> WallClock {
    let shift = offsetMinutes * 60_000
    return WallClock(
      time: { WallTime(local: $0.milliseconds + shift) },
      midnight: { Instant(milliseconds: $0.daysSince1970 * 86_400_000 - shift) })
  }
}
