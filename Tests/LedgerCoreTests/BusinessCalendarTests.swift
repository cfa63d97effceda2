// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

@Suite struct BusinessCalendarTests {
  /// The table of spec/stored-value.md, Business date, and its edges to the millisecond.
  @Test(arguments: [
    ("2026-03-01T15:59:59.999Z", "2026-03-01", "2026-03-01"),
    ("2026-03-01T16:00:00.000Z", "2026-03-02", "2026-03-01"),
    ("2026-03-01T19:59:59.999Z", "2026-03-02", "2026-03-01"),
    ("2026-03-01T20:00:00.000Z", "2026-03-02", "2026-03-02"),
  ])
  func `the date is the local one, and the one before until the day starts`(
    text: String, midnight: String, four: String
  ) throws {
    let instant = try #require(Instant(text: text))
    let plain = BusinessCalendar.fixed(offsetMinutes: 480)
    let late = BusinessCalendar.fixed(offsetMinutes: 480, dayStartMinutes: 240)
    #expect(plain.date(at: instant).text == midnight)
    #expect(late.date(at: instant).text == four)
  }

  @Test(arguments: [(0, 0), (480, 0), (480, 240), (-300, 0), (-300, 360), (330, 1439)])
  func `a date begins at the first instant that falls on it`(offset: Int64, start: Int64) {
    let calendar = BusinessCalendar.fixed(offsetMinutes: offset, dayStartMinutes: start)
    for day in [Int64(-1), 0, 1, 20_514, 2_932_000] {
      let date = BusinessDate(daysSince1970: day)
      let first = calendar.start(of: date)
      #expect(calendar.date(at: first) == date)
      let before = Instant(milliseconds: first.milliseconds - 1)
      #expect(calendar.date(at: before) == date.advanced(byDays: -1))
    }
  }

  @Test(
    arguments: [
      (0, 0, 0), (1, 0, 1), (86_399_999, 0, 86_399_999), (86_400_000, 1, 0),
      (1_772_417_700_123, 20_514, 8_100_123), (-1, -1, 86_399_999), (-86_400_000, -1, 0),
      (-86_400_001, -2, 86_399_999),
    ] as [(Int64, Int64, Int64)])
  func `a clock on the wall shows the civil date and the time of day`(
    local: Int64, day: Int64, time: Int64
  ) {
    let shown = WallTime(date: CivilDate(daysSince1970: day), millisecondsOfDay: time)
    #expect(WallTime(local: local) == shown)
    let calendar = BusinessCalendar.fixed(offsetMinutes: 480, dayStartMinutes: 240)
    let instant = Instant(milliseconds: local - 28_800_000)
    #expect(calendar.wallTime(at: instant) == shown)
    #expect(calendar.midnight(of: shown.date).milliseconds == instant.milliseconds - time)
  }

  @Test func `a calendar is the two functions it is made of`() {
    let calendar = BusinessCalendar(
      date: { BusinessDate(daysSince1970: $0.milliseconds) },
      start: { Instant(milliseconds: $0.daysSince1970 * 2) })
    #expect(calendar.date(at: Instant(milliseconds: 9)) == BusinessDate(daysSince1970: 9))
    #expect(calendar.start(of: BusinessDate(daysSince1970: 9)) == Instant(milliseconds: 18))
  }
}
