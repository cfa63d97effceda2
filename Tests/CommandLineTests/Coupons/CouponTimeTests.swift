// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// When coupons are good, to the millisecond (contract §5, validity; §9, Coupon time; T64).
@Suite struct CouponTimeTests {
  private func cash(_ validity: JSONTree) -> JSONTree {
    ["kind": "cash", "amount": 100, "validity": validity]
  }

  /// Expects these reasons at these moments, nil for a coupon that is good.
  private func expect(
    _ shop: Shop, _ coupon: IssuedCoupon, _ moments: [(time: String, reason: String?)],
    at location: SourceLocation = #_sourceLocation
  ) throws {
    for (time, reason) in moments {
      try shop.setClock(time)
      #expect(
        try shop.reason(coupon) == reason, "at \(time)", sourceLocation: location)
    }
  }

  @Test func `from is the first instant, until the first that is too late`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(
      cash(["from": "2026-03-02T10:00:00+08:00", "until": "2026-03-03T00:00:00+08:00"]))
    #expect(coupon.end == "2026-03-02T16:00:00.000Z")
    try expect(
      shop, coupon,
      [
        ("2026-03-02T02:00:00Z", nil), ("2026-03-02T15:59:59Z", nil),
        ("2026-03-02T15:59:59.999Z", nil), ("2026-03-02T16:00:00Z", "expired"),
        ("2026-03-02T16:00:00.001Z", "expired"), ("2027-03-02T16:00:00Z", "expired"),
      ])
    expectRefusal(try shop.redeem(coupon), "expired")
    let later = try shop.coupon(cash(["from": "2027-06-01T00:00:00.000Z"]))
    try expect(
      shop, later,
      [
        ("2027-05-31T23:59:59.999Z", "not_yet_valid"), ("2027-06-01T00:00:00Z", nil),
        ("2027-06-01T00:00:00.001Z", nil), ("2046-01-01T00:00:00Z", nil),
      ])
    #expect(later.end == nil)
    try shop.close()
  }

  @Test func `a coupon is used in the last millisecond and not in the next`() throws {
    let shop = try Shop()
    let coupons = try shop.issue(
      shop.campaign(cash(["until": "2026-03-02T16:00:00Z"])), 2)
    try shop.setClock("2026-03-02T15:59:59.999Z")
    expectResult(try shop.redeem(coupons[0]))
    try shop.setClock("2026-03-02T16:00:00Z")
    let entries = try shop.entries()
    expectRefusal(try shop.redeem(coupons[1]), "expired")
    expectRefusal(try shop.reserve(coupons[1], seconds: 5), "expired")
    #expect(try shop.entries() == entries)
    #expect(try shop.status(coupons[1]) == "expired")
    #expect(try shop.status(coupons[0]) == "redeemed")
    try shop.close()
  }

  @Test func `an expired campaign does not issue`() throws {
    let shop = try Shop()
    let campaign = try shop.campaign(cash(["until": "2026-03-02T16:00:00Z"]))
    try shop.setClock("2026-03-02T15:59:59.999Z")
    _ = try shop.issue(campaign)
    try shop.setClock("2026-03-02T16:00:00Z")
    expectRefusal(try shop.tryToIssue(campaign), "expired", field: "/campaign_id")
    try shop.close()
  }

  @Test(arguments: [
    // Issued on 2 March in Shanghai, at 00:00 and at 23:59:59.999.
    ("2026-03-01T16:00:00Z", 0, "2026-03-02T16:00:00.000Z"),
    ("2026-03-02T15:59:59.999Z", 0, "2026-03-02T16:00:00.000Z"),
    ("2026-03-02T15:59:59.999Z", 7, "2026-03-09T16:00:00.000Z"),
    // A minute later it is 3 March.
    ("2026-03-02T16:00:00Z", 7, "2026-03-10T16:00:00.000Z"),
    // Over 29 February of a leap year, and over the end of February of another.
    ("2028-02-28T02:00:00Z", 1, "2028-02-29T16:00:00.000Z"),
    ("2028-02-29T02:00:00Z", 365, "2029-02-28T16:00:00.000Z"),
    ("2027-02-28T02:00:00Z", 1, "2027-03-01T16:00:00.000Z"),
  ])
  func `days after issue end at a midnight of the ledger's zone`(
    issued: String, days: Int, end: String
  ) throws {
    let shop = try Shop(clock: "2026-03-01T00:00:00Z")
    let campaign = try shop.campaign(cash(["days_after_issue": .number(days)]))
    try shop.setClock(issued)
    let coupon = try shop.issue(campaign)
    #expect(coupon.end == end)
    // The instants around the end; the last millisecond before it is `end` less one.
    let before = try #require(instantBefore(end))
    try expect(shop, coupon, [(before, nil), (end, "expired")])
    try shop.close()
  }

  /// The millisecond before a midnight of Shanghai.
  private func instantBefore(_ text: String) -> String? {
    guard text.hasSuffix("T16:00:00.000Z") else { return nil }
    return text.prefix(10) + "T15:59:59.999Z"
  }

  @Test func `the earlier of until and the days counts`() throws {
    let shop = try Shop()
    let campaign = try shop.campaign(
      cash(["until": "2026-03-04T16:00:00Z", "days_after_issue": 1]))
    #expect(try shop.issue(campaign).end == "2026-03-03T16:00:00.000Z")
    try shop.setClock("2026-03-04T02:00:00Z")
    #expect(try shop.issue(campaign).end == "2026-03-04T16:00:00.000Z")
    try shop.close()
  }

  @Test func `the days follow a clock that is put forward in spring`() throws {
    // In New York 8 March 2026 has 23 hours.
    let shop = try Shop(clock: "2026-03-07T12:00:00Z", ledger: ["--timezone", "America/New_York"])
    let campaign = try shop.campaign(cash(["days_after_issue": 1]))
    #expect(try shop.issue(campaign).end == "2026-03-09T04:00:00.000Z")
    let windows: JSONTree = [["weekdays": [7], "from": "02:30", "to": "04:00"]]
    let coupon = try shop.coupon(cash(["windows": windows]))
    // 01:59:59 is followed by 03:00:00, which lies in the window.
    try expect(
      shop, coupon,
      [
        ("2026-03-08T06:59:59.999Z", "outside_window"), ("2026-03-08T07:00:00Z", nil),
        ("2026-03-08T07:59:59.999Z", nil), ("2026-03-08T08:00:00Z", "outside_window"),
      ])
    try shop.close()
  }

  @Test func `windows open at their first minute and close at their last`() throws {
    let shop = try Shop()
    let windows: JSONTree = [
      ["weekdays": [1], "from": "14:00", "to": "17:00"],
      ["weekdays": [2], "from": "22:00", "to": "24:00"],
    ]
    let coupon = try shop.coupon(cash(["windows": windows]))
    // Monday 2 March, 14:00 in Shanghai is 06:00 UTC.
    try expect(
      shop, coupon,
      [
        ("2026-03-02T05:59:59.999Z", "outside_window"), ("2026-03-02T06:00:00Z", nil),
        ("2026-03-02T08:59:59.999Z", nil), ("2026-03-02T09:00:00Z", "outside_window"),
        ("2026-03-02T15:59:59.999Z", "outside_window"),
        ("2026-03-03T06:00:00Z", "outside_window"), ("2026-03-03T13:59:59.999Z", "outside_window"),
        ("2026-03-03T14:00:00Z", nil), ("2026-03-03T15:59:59.999Z", nil),
        ("2026-03-03T16:00:00Z", "outside_window"), ("2026-03-09T06:00:00Z", nil),
      ])
    try shop.close()
  }

  @Test func `a window over midnight belongs to the weekday it begins on`() throws {
    let shop = try Shop()
    // Sunday 8 March 22:00 to Monday 02:00.
    let windows: JSONTree = [["weekdays": [7], "from": "22:00", "to": "02:00"]]
    let coupon = try shop.coupon(cash(["windows": windows]))
    try expect(
      shop, coupon,
      [
        ("2026-03-07T15:00:00Z", "outside_window"), ("2026-03-07T17:00:00Z", "outside_window"),
        ("2026-03-08T13:59:59.999Z", "outside_window"), ("2026-03-08T14:00:00Z", nil),
        ("2026-03-08T15:59:59.999Z", nil), ("2026-03-08T16:00:00Z", nil),
        ("2026-03-08T17:59:59.999Z", nil), ("2026-03-08T18:00:00Z", "outside_window"),
        ("2026-03-09T14:00:00Z", "outside_window"),
      ])
    try shop.close()
  }

  @Test func `blackout dates go from midnight to midnight, also in the night's hours of a window`()
    throws
  {
    let shop = try Shop(ledger: ["--day-start", "04:00"])
    let coupon = try shop.coupon(cash(["blackout_dates": ["2026-03-03", "2028-02-29"]]))
    try expect(
      shop, coupon,
      [
        ("2026-03-02T15:59:59.999Z", nil), ("2026-03-02T16:00:00Z", "blackout"),
        ("2026-03-03T15:59:59.999Z", "blackout"), ("2026-03-03T16:00:00Z", nil),
        ("2028-02-28T15:59:59.999Z", nil), ("2028-02-28T16:00:00Z", "blackout"),
        ("2028-02-29T15:59:59.999Z", "blackout"), ("2028-02-29T16:00:00Z", nil),
      ])
    try shop.close()
  }

  @Test func `the clock does not run back, neither here nor after a restart`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(cash(["until": "2026-03-03T00:00:00Z"]))
    try shop.setClock("2026-03-02T23:59:59.999Z")
    expectRefusal(
      try shop.ask("clock.set", ["at": "2026-03-02T22:59:59.999Z"]), "clock_backwards")
    try shop.setClock("2026-03-03T00:00:00Z")
    #expect(try shop.reason(coupon) == "expired")
    // An entry holds the ledger's time; a clock that starts an hour earlier goes on from it.
    try shop.open("C1")
    try shop.engine.finish()
    let other = try shop.ledger.serve(clock: "2026-03-02T22:00:00Z")
    let answer = try other.request("coupon.verify", coupon.scanned)
    #expect(answer["/reason"] == "expired")
    expectRefusal(
      try other.request(
        "coupon.redeem", coupon.scanned.merging(["idempotency_key": "late"])), "expired")
    #expect(try other.finish().exit == .code(0))
    try shop.ledger.expectSound()
  }
}
