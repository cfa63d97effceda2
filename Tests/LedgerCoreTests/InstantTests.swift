// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import Testing

@Suite struct InstantTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_799_999, "2000-02-29T23:59:59.999Z"),
      (1_772_380_800_000, "2026-03-01T16:00:00.000Z"),
      (1_795_375_500_000, "2026-11-22T19:25:00.000Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func `an instant is written in UTC with milliseconds`(milliseconds: Int64, text: String) throws {
    #expect(Instant(milliseconds: milliseconds).text == text)
    #expect(try #require(Instant(text: text)).milliseconds == milliseconds)
  }

  @Test func `random instants come back from their texts`() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<5_000 {
      let instant = Instant(milliseconds: Int64(random.next() % 253_402_300_800_000))
      if Instant(text: instant.text) != instant { Issue.record("\(instant)") }
    }
  }

  @Test(
    arguments: [
      ("2026-03-01T16:00:00Z", 0), ("2026-03-01t16:00:00z", 0), ("2026-03-02T00:00:00+08:00", 0),
      ("2026-03-01T10:30:00-05:30", 0), ("2026-03-01T16:00:00.5Z", 500),
      ("2026-03-01T16:00:00.05Z", 50), ("2026-03-01T16:00:00.123Z", 123),
      ("2026-03-01T16:00:00.1239999999Z", 123), ("2026-03-01T16:00:00.000000001+00:00", 0),
      ("2026-03-01T16:00:00-00:00", 0), ("2026-03-02T15:59:00+23:59", 0),
      ("2026-02-28T16:01:00-23:59", 0),
    ] as [(String, Int64)])
  func `an instant is read with any offset and any fraction`(text: String, past: Int64) throws {
    #expect(try #require(Instant(text: text)).milliseconds == 1_772_380_800_000 + past)
  }

  @Test(arguments: [
    "", "2026-03-01", "2026-03-01T16:00:00", "2026-03-01 16:00:00Z", "2026-03-01T16:00Z",
    "2026-03-01T24:00:00Z", "2026-03-01T16:60:00Z", "2026-03-01T16:00:60Z",
    "2016-12-31T23:59:60Z", "2026-02-29T00:00:00Z", "2026-03-01T16:00:00.Z",
    "2026-03-01T16:00:00,5Z", "2026-03-01T16:00:00+0800", "2026-03-01T16:00:00+08",
    "2026-03-01T16:00:00+24:00", "2026-03-01T16:00:00+08:60", "2026-03-01T16:00:00ZZ",
    " 2026-03-01T16:00:00Z", "2026-03-01T16:00:00Z ", "2026-3-1T16:00:00Z",
    "2026-03-01T16:0:00Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00+00:01",
    "10000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00Z",
    "2026-03-01T16:00:00.１Z", "2026-13-01T16:00:00Z", "+2026-03-01T16:00:00Z",
  ])
  func `anything else is no instant`(text: String) {
    #expect(Instant(text: text) == nil)
  }

  @Test func `an offset may reach over the ends of the years, not the result`() {
    #expect(Instant(text: "1969-12-31T23:59:00-00:01")?.milliseconds == 0)
    #expect(Instant(text: "9999-12-31T23:59:59.999Z") == .latest)
    #expect(Instant(text: "9999-12-31T23:59:59.999+00:01")?.text == "9999-12-31T23:58:59.999Z")
  }

  @Test func `advancing stops at the end of the year 9999`() {
    let start = Instant(milliseconds: 1_500)
    #expect(start.advanced(bySeconds: 2).milliseconds == 3_500)
    #expect(start.advanced(bySeconds: .max) == .latest)
    #expect(start.advanced(bySeconds: .max / 1000) == .latest)
    #expect(Instant.latest.advanced(bySeconds: 1) == .latest)
    let eve = Instant(milliseconds: Instant.latest.milliseconds - 1000)
    #expect(eve.advanced(bySeconds: 1) == .latest)
    #expect(eve < .latest)
  }
}
