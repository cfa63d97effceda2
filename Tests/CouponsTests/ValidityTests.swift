// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Testing

/// Midnight of a civil date in a zone 8 hours east of Greenwich.
private func midnight(_ date: CivilDate) -> Instant {
  Instant(milliseconds: (date.daysSince1970 * 24 - 8) * 3_600_000)
}

private func date(_ text: String) throws -> CivilDate {
  CivilDate(daysSince1970: try #require(BusinessDate(text: text)).daysSince1970)
}

/// What the wall clock in that zone shows, `2026-06-15 14:00:00.000`.
private func moment(_ text: String) throws -> LocalMoment {
  let instant = try #require(Instant(text: text.replacing(" ", with: "T") + "+08:00"))
  let date = try date(String(text.prefix(10)))
  return LocalMoment(
    instant: instant, date: date,
    millisecondsOfDay: instant.milliseconds - midnight(date).milliseconds)
}

private func verdict(
  _ validity: String, at text: String, issued: String? = nil
) throws -> CouponValidity {
  let validity = try terms(cash("\"validity\":{\(validity)}")).validity
  let end = validity.end(ofIssueOn: try date(issued ?? "2026-06-01"), midnight: midnight)
  return validity.verdict(at: try moment(text), end: end)
}

struct ValidityTests {
  @Test(arguments: [
    ("2026-06-14 23:59:59.999", CouponValidity.notYetValid), ("2026-06-15 00:00:00.000", .fine),
    ("2026-06-30 23:59:59.999", .fine), ("2026-07-01 00:00:00.000", .expired),
    ("2026-07-01 00:00:00.001", .expired),
  ])
  func `from is the first instant and until the first after`(
    _ text: String, _ expected: CouponValidity
  ) throws {
    let span = #""from":"2026-06-15T00:00:00+08:00","until":"2026-06-30T16:00:00Z""#
    #expect(try verdict(span, at: text) == expected)
  }

  @Test func `until holds of a coupon whose own end is later or none`() throws {
    let validity = try terms(cash(#""validity":{"until":"2026-06-30T16:00:00Z"}"#)).validity
    let (last, first) = (
      try moment("2026-06-30 23:59:59.999"), try moment("2026-07-01 00:00:00.000")
    )
    for end in [nil, Instant(milliseconds: first.instant.milliseconds + 1)] {
      #expect(validity.verdict(at: last, end: end) == .fine)
      #expect(validity.verdict(at: first, end: end) == .expired)
    }
  }

  @Test(arguments: [
    (0, "2026-06-01", "2026-06-01 23:59:59.999", CouponValidity.fine),
    (0, "2026-06-01", "2026-06-02 00:00:00.000", .expired),
    (1, "2026-06-01", "2026-06-02 23:59:59.999", .fine),
    (1, "2026-06-01", "2026-06-03 00:00:00.000", .expired),
    (30, "2026-01-30", "2026-03-01 23:59:59.999", .fine),
    (30, "2026-01-30", "2026-03-02 00:00:00.000", .expired),
    // 2028 has a 29 February.
    (1, "2028-02-28", "2028-02-29 23:59:59.999", .fine),
    (1, "2028-02-28", "2028-03-01 00:00:00.000", .expired),
    (1, "2027-02-28", "2027-03-01 23:59:59.999", .fine),
    (365, "2028-02-29", "2029-02-28 23:59:59.999", .fine),
    (365, "2028-02-29", "2029-03-01 00:00:00.000", .expired),
    (1, "2026-12-31", "2027-01-01 23:59:59.999", .fine),
  ])
  func `days after issue end at the midnight after the last of them`(
    _ days: Int, _ issued: String, _ text: String, _ expected: CouponValidity
  ) throws {
    #expect(try verdict("\"days_after_issue\":\(days)", at: text, issued: issued) == expected)
  }

  @Test func `the earlier of two ends counts, and there may be none`() throws {
    let issued = try date("2026-06-01")
    func end(_ validity: String) throws -> Instant? {
      try terms(cash("\"validity\":{\(validity)}")).validity
        .end(ofIssueOn: issued, midnight: midnight)
    }
    let june4 = try #require(Instant(text: "2026-06-03T16:00:00Z"))
    #expect(try end("") == nil)
    #expect(try end(#""days_after_issue":2"#) == june4)
    #expect(try end(#""days_after_issue":2,"until":"2026-06-03T16:00:00.001Z""#) == june4)
    #expect(
      try end(#""days_after_issue":2,"until":"2026-06-03T15:59:59.999Z""#)
        == Instant(milliseconds: june4.milliseconds - 1))
    #expect(try end(#""until":"2026-06-03T16:00:00Z""#) == june4)
    let late = CivilDate(daysSince1970: 2_932_896)
    let validity = try terms(cash(#""validity":{"days_after_issue":36500}"#)).validity
    #expect(validity.end(ofIssueOn: late, midnight: midnight) == .latest)
  }

  /// 2026-06-15 is a Monday.
  @Test(arguments: [
    (#"{"weekdays":[1],"from":"14:00","to":"17:00"}"#, "2026-06-15 13:59:59.999", false),
    (#"{"weekdays":[1],"from":"14:00","to":"17:00"}"#, "2026-06-15 14:00:00.000", true),
    (#"{"weekdays":[1],"from":"14:00","to":"17:00"}"#, "2026-06-15 16:59:59.999", true),
    (#"{"weekdays":[1],"from":"14:00","to":"17:00"}"#, "2026-06-15 17:00:00.000", false),
    (#"{"weekdays":[1],"from":"14:00","to":"17:00"}"#, "2026-06-16 15:00:00.000", false),
    (#"{"weekdays":[2],"from":"14:00","to":"17:00"}"#, "2026-06-16 15:00:00.000", true),
    (#"{"weekdays":[1],"from":"00:00","to":"24:00"}"#, "2026-06-15 00:00:00.000", true),
    (#"{"weekdays":[1],"from":"00:00","to":"24:00"}"#, "2026-06-15 23:59:59.999", true),
    (#"{"weekdays":[1],"from":"00:00","to":"24:00"}"#, "2026-06-16 00:00:00.000", false),
    // Over midnight: Saturday night belongs to Saturday, also on Sunday morning.
    (#"{"weekdays":[6],"from":"22:00","to":"02:00"}"#, "2026-06-20 21:59:59.999", false),
    (#"{"weekdays":[6],"from":"22:00","to":"02:00"}"#, "2026-06-20 22:00:00.000", true),
    (#"{"weekdays":[6],"from":"22:00","to":"02:00"}"#, "2026-06-20 23:59:59.999", true),
    (#"{"weekdays":[6],"from":"22:00","to":"02:00"}"#, "2026-06-21 00:00:00.000", true),
    (#"{"weekdays":[6],"from":"22:00","to":"02:00"}"#, "2026-06-21 01:59:59.999", true),
    (#"{"weekdays":[6],"from":"22:00","to":"02:00"}"#, "2026-06-21 02:00:00.000", false),
    (#"{"weekdays":[6],"from":"22:00","to":"02:00"}"#, "2026-06-20 01:00:00.000", false),
    // Sunday night runs into Monday, the first day of the next week.
    (#"{"weekdays":[7],"from":"22:00","to":"02:00"}"#, "2026-06-22 01:00:00.000", true),
    (#"{"weekdays":[1],"from":"22:00","to":"02:00"}"#, "2026-06-22 01:00:00.000", false),
    (#"{"weekdays":[1],"from":"22:00","to":"00:00"}"#, "2026-06-15 23:59:59.999", true),
    (#"{"weekdays":[1],"from":"22:00","to":"00:00"}"#, "2026-06-16 00:00:00.000", false),
    (
      #"{"weekdays":[1],"from":"09:00","to":"10:00"},{"weekdays":[1],"from":"12:00","to":"13:00"}"#,
      "2026-06-15 12:30:00.000", true
    ),
    (
      #"{"weekdays":[1],"from":"09:00","to":"10:00"},{"weekdays":[1],"from":"12:00","to":"13:00"}"#,
      "2026-06-15 11:00:00.000", false
    ),
  ])
  func `a window is open from its first instant to before its last`(
    _ windows: String, _ text: String, _ isOpen: Bool
  ) throws {
    let expected: CouponValidity = isOpen ? .fine : .outsideWindow
    #expect(try verdict("\"windows\":[\(windows)]", at: text) == expected)
  }

  @Test(arguments: [
    ("2026-10-01 00:00:00.000", CouponValidity.blackout),
    ("2026-10-01 23:59:59.999", .blackout), ("2026-09-30 23:59:59.999", .fine),
    ("2026-10-02 00:00:00.000", .fine),
  ])
  func `a blackout is a civil date`(_ text: String, _ expected: CouponValidity) throws {
    let dates = #""blackout_dates":["2026-10-01","2026-10-03"]"#
    #expect(try verdict(dates, at: text) == expected)
  }

  @Test func `of several reasons the first in order is named`() throws {
    let all = """
      "from":"2026-06-15T00:00:00Z","until":"2026-06-20T00:00:00Z","blackout_dates":["2026-06-14",\
      "2026-06-16","2026-06-21"],"windows":[{"weekdays":[2],"from":"10:00","to":"11:00"}]
      """
    #expect(try verdict(all, at: "2026-06-21 12:00:00.000") == .expired)
    #expect(try verdict(all, at: "2026-06-14 12:00:00.000") == .notYetValid)
    #expect(try verdict(all, at: "2026-06-16 12:00:00.000") == .outsideWindow)
    #expect(try verdict(all, at: "2026-06-16 10:30:00.000") == .blackout)
    let validity = try terms(cash("\"validity\":{\(all)}")).validity
    let late = try moment("2026-06-21 12:00:00.000")
    #expect(validity.verdict(at: late, end: nil) == .expired)
    #expect(
      CouponValidity.allCases.map(\.refusal)
        == [.expired, .notYetValid, .outsideWindow, .blackout, nil])
  }

  @Test(arguments: [
    Document("/validity/until", cash(#""validity":{"until":"2026-06-15"}"#)),
    Document("/validity/from", cash(#""validity":{"from":"2026-06-15T00:00:00"}"#)),
    Document("/validity/from", cash(#""validity":{"from":1}"#)),
    Document(
      "/validity/from",
      cash(#""validity":{"from":"2026-06-15T00:00:00Z","until":"2026-06-15T08:00:00+08:00"}"#)),
    Document(
      nil, cash(#""validity":{"from":"2026-06-15T00:00:00Z","until":"2026-06-15T00:00:00.001Z"}"#)),
    Document("/validity/days_after_issue", cash(#""validity":{"days_after_issue":-1}"#)),
    Document("/validity/days_after_issue", cash(#""validity":{"days_after_issue":36501}"#)),
    Document(nil, cash(#""validity":{"days_after_issue":0}"#)),
    Document(nil, cash(#""validity":{"days_after_issue":36500}"#)),
    Document("/validity/days", cash(#""validity":{"days":1}"#)),
    Document("/validity/blackout_dates/0", cash(#""validity":{"blackout_dates":["2026-02-29"]}"#)),
    Document(
      "/validity/blackout_dates/1",
      cash(#""validity":{"blackout_dates":["2028-02-29","2028-02-29"]}"#)),
    Document("/validity/blackout_dates", cash(#""validity":{"blackout_dates":"2028-02-29"}"#)),
  ])
  func `dates and moments must exist and make sense together`(_ given: Document) {
    #expect(refusal(given.text) == given.field)
  }

  @Test(arguments: [
    ("/weekdays", #""from":"09:00","to":"10:00""#),
    ("/weekdays", #""weekdays":[],"from":"09:00","to":"10:00""#),
    ("/weekdays/0", #""weekdays":[0],"from":"09:00","to":"10:00""#),
    ("/weekdays/0", #""weekdays":[8],"from":"09:00","to":"10:00""#),
    ("/weekdays/1", #""weekdays":[1,1],"from":"09:00","to":"10:00""#),
    ("/to", #""weekdays":[1],"from":"09:00","to":"09:00""#),
    ("/to", #""weekdays":[1],"from":"09:00""#), ("/from", #""weekdays":[1],"to":"09:00""#),
    ("/from", #""weekdays":[1],"from":"24:00","to":"09:00""#),
    ("/to", #""weekdays":[1],"from":"09:00","to":"24:01""#),
    ("/to", #""weekdays":[1],"from":"09:00","to":"25:00""#),
    ("/from", #""weekdays":[1],"from":"9:00","to":"10:00""#),
    ("/from", #""weekdays":[1],"from":"09:60","to":"10:00""#),
    ("/from", #""weekdays":[1],"from":"09.00","to":"10:00""#),
    ("/from", #""weekdays":[1],"from":"-9:00","to":"10:00""#),
    ("/from", #""weekdays":[1],"from":"0９:00","to":"10:00""#),
    ("/from", #""weekdays":[1],"from":900,"to":"10:00""#),
    ("/until", #""weekdays":[1],"from":"09:00","to":"10:00","until":"11:00""#),
    (nil, #""weekdays":[1,2,3,4,5,6,7],"from":"00:00","to":"24:00""#),
    (nil, #""weekdays":[1],"from":"23:59","to":"00:00""#),
  ])
  func `a window has weekdays and two different times`(_ field: String?, _ window: String) {
    let place = field.map { "/validity/windows/0" + $0 }
    #expect(refusal(cash("\"validity\":{\"windows\":[{\(window)}]}")) == place)
  }

  @Test func `a window is named once`() {
    let window = #"{"weekdays":[2,1],"from":"09:00","to":"10:00"}"#
    let same = #"{"weekdays":[1,2],"from":"09:00","to":"10:00"}"#
    #expect(
      refusal(cash("\"validity\":{\"windows\":[\(window),\(same)]}")) == "/validity/windows/1")
  }

  @Test func `a moment outside the day is a bug`() async {
    await #expect(processExitsWith: .failure) {
      _ = LocalMoment(
        instant: Instant(milliseconds: 0), date: CivilDate(daysSince1970: 0),
        millisecondsOfDay: 86_400_000)
    }
  }
}
