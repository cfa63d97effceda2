// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

@Suite struct CivilDateTests {
  private static func isLeap(_ year: Int64) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func length(of month: Int64, in year: Int64) -> Int64 {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  @Test func `the days of a whole Gregorian cycle follow one another`() {
    // The calendar repeats after 400 years, so this is every day there is.
    var (year, month, day): (Int64, Int64, Int64) = (1970, 1, 1)
    for number in Int64(0)...146_097 {
      let date = CivilDate(daysSince1970: number)
      if date.year != year || date.month != month || date.day != day
        || date.daysSince1970 != number
      {
        Issue.record("day \(number) is not \(year)-\(month)-\(day)")
        return
      }
      day += 1
      if day > Self.length(of: month, in: year) { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect((year, month, day) == (2370, 1, 2))
  }

  @Test func `every year to 9999 begins and ends a February where it should`() {
    var days: Int64 = 0
    for year in Int64(1970)...9999 {
      let first = CivilDate(year: year, month: 1, day: 1)
      let leapDay = CivilDate(year: year, month: 2, day: 29)
      if first?.daysSince1970 != days || (leapDay != nil) != Self.isLeap(year) {
        Issue.record("year \(year)")
      }
      days += Self.isLeap(year) ? 366 : 365
    }
    #expect(days == 2_932_897)
    #expect(CivilDate(year: 9999, month: 12, day: 31)?.daysSince1970 == 2_932_896)
  }

  @Test func `days before 1970 are negative and come back`() {
    #expect(CivilDate(year: 1969, month: 12, day: 31)?.daysSince1970 == -1)
    #expect(CivilDate(year: 1600, month: 2, day: 29)?.daysSince1970 == -135_081)
    for number in stride(from: Int64(-800_000), to: 0, by: 997) {
      #expect(CivilDate(daysSince1970: number).daysSince1970 == number)
    }
  }

  @Test(
    arguments: [
      (2023, 2, 29), (1900, 2, 29), (2100, 2, 29), (2024, 2, 30), (2024, 4, 31), (2024, 13, 1),
      (2024, 0, 1), (2024, 1, 0), (2024, 1, 32), (2024, -1, 1), (2024, 1, -1), (2024, 12, 32),
    ] as [(Int64, Int64, Int64)])
  func `a day that does not exist is nil`(year: Int64, month: Int64, day: Int64) {
    #expect(CivilDate(year: year, month: month, day: day) == nil)
  }
}
