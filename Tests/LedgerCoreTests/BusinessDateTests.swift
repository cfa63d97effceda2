// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

@Suite struct BusinessDateTests {
  @Test(
    arguments: [
      ("1970-01-01", 0, 4), ("2026-03-02", 20_514, 1), ("2026-03-08", 20_520, 7),
      ("2024-02-29", 19_782, 4), ("2000-02-29", 11_016, 2), ("9999-12-31", 2_932_896, 5),
      ("2026-11-22", 20_779, 7),
    ] as [(String, Int64, Int)])
  func `a date has its text, its number and its weekday`(
    text: String, days: Int64, weekday: Int
  ) throws {
    let date = BusinessDate(daysSince1970: days)
    #expect(date.text == text)
    #expect(try #require(BusinessDate(text: text)) == date)
    #expect(date.weekday == weekday)
  }

  @Test func `weekdays run from Monday to Sunday, before 1970 too`() {
    // 29 December 1969 was a Monday.
    for offset in Int64(-21)..<21 {
      let date = BusinessDate(daysSince1970: -3 + offset)
      let expected = Int((offset % 7 + 7) % 7) + 1
      #expect(date.weekday == expected, "\(offset)")
    }
  }

  @Test(arguments: [
    "", "2026-3-2", "2026-03-02 ", " 2026-03-02", "2026-03-02Z", "20260302", "2026/03/02",
    "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-01-00", "-2026-03-02",
    "２０２６-03-02", "2026-03-0", "02026-03-02",
  ])
  func `any other spelling is no date`(text: String) {
    #expect(BusinessDate(text: text) == nil)
  }

  @Test func `dates advance by days and compare`() throws {
    let leap = try #require(BusinessDate(text: "2024-02-28"))
    #expect(leap.advanced(byDays: 1).text == "2024-02-29")
    #expect(leap.advanced(byDays: 2).text == "2024-03-01")
    #expect(leap.advanced(byDays: -28).text == "2024-01-31")
    #expect(leap < leap.advanced(byDays: 1))
    #expect(!(leap < leap))
  }
}
