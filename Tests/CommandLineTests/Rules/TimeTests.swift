// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Ledger time and business dates (contract §2, §9 Time).
@Suite struct TimeTests {
  @Test func `the test clock stands still until it is moved`() throws {
    let shop = try Shop(clock: "2026-03-02T02:00:00.250Z")
    func now() throws -> JSONTree? { try shop.ask("system.info")["/clock/now"] }
    #expect(try now() == "2026-03-02T02:00:00.250Z")
    pause(seconds: 0.05)
    #expect(try shop.open("C1")["/account/opened_at"] == "2026-03-02T02:00:00.250Z")
    #expect(try shop.advance(seconds: 90)["/now"] == "2026-03-02T02:01:30.250Z")
    #expect(try shop.advance(seconds: 0)["/now"] == "2026-03-02T02:01:30.250Z")
    #expect(try shop.setClock("2026-03-02T12:00:00+08:00")["/now"] == "2026-03-02T04:00:00.000Z")
    #expect(try shop.setClock("2026-03-02T04:00:00Z")["/now"] == "2026-03-02T04:00:00.000Z")
    expectRefusal(
      try shop.ask("clock.set", ["at": "2026-03-02T03:59:59.999Z"]), "clock_backwards")
    #expect(try now() == "2026-03-02T04:00:00.000Z")
  }

  @Test func `clock methods take no key`() throws {
    let shop = try Shop()
    expectInvalid(
      try shop.ask("clock.advance", ["seconds": 1, "idempotency_key": "k"]), "/idempotency_key")
    #expect(try shop.ask("clock.advance", ["seconds": 1]).isResult)
    #expect(try shop.ask("clock.advance", ["seconds": 1]).isResult)
  }

  @Test func `times with a zone are read, others refused`() throws {
    let shop = try Shop()
    for bad in [
      "2026-03-03", "2026-03-03T00:00:00", "2026-02-30T00:00:00Z", "2026-03-03T24:00:00Z",
      "2026-03-03T00:60:00Z", "2026-03-03T00:00:00.Z", "03.03.2026", "", "now",
      "2026-03-03T00:00:00+25:00",
    ] {
      expectInvalid(try shop.ask("clock.set", ["at": .string(bad)]), "/at", "\(bad)")
    }
    #expect(try shop.setClock("2028-02-29T23:59:59.5Z")["/now"] == "2028-02-29T23:59:59.500Z")
  }

  @Test func `a real ledger's clock is not moved, and a test clock does not serve it`() throws {
    let shop = try Shop(isTest: false)
    for (method, params) in [
      ("clock.advance", ["seconds": 1]), ("clock.set", ["at": "2099-01-01T00:00:00Z"]),
    ] as [(String, JSONTree)] {
      let answer = try shop.ask(method, params)
      #expect(!answer.isResult && RefusalForm.faults(of: answer).isEmpty, "\(answer)")
    }
    let outcome = try ScripBinary.run(
      ["serve", "--data", shop.ledger.data, "--test-clock", "2026-01-01T00:00:00Z"])
    #expect(outcome.code != 0 && outcome.output.isEmpty && !outcome.errors.isEmpty)
    #expect(try shop.ask("system.info")["/test_mode"] != true)
  }

  @Test func `no entry of a test ledger is dated by the wall clock`() throws {
    let shop = try Shop(clock: "2001-09-09T01:46:40Z")
    try shop.open("C1", topUp: 1000)
    expectResult(try shop.set(["debit": ["max": 900]]))
    expectRefusal(try shop.debit("C1", 901), "limit_exceeded")
    expectResult(try shop.hold("C1", 5))
    let list = try shop.ask("entry.list", ["limit": 500])
    for entry in list["/entries"]?.elements ?? [] {
      #expect(entry["at"] == "2001-09-09T01:46:40.000Z")
    }
    try shop.restart()
    #expect(try shop.ask("system.info")["/clock/now"] == "2001-09-09T01:46:40.000Z")
  }

  @Test func `ledger time goes on from the newest entry`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    try shop.advance(seconds: 3600)
    expectResult(try shop.debit("C1", 1))
    try shop.engine.finish()
    let late = try shop.ledger.serve(clock: "2026-03-02T02:00:00Z")
    let debit = try late.request("debit.create", shop.keyed(["card_no": "C1", "amount": 1]))
    #expect(debit["/entry/at"] == "2026-03-02T03:00:00.000Z")
    expectRefusal(
      try late.request("clock.set", ["at": "2026-03-02T02:30:00Z"]), "clock_backwards")
  }

  @Test(arguments: [
    // Spring: 02:00 becomes 03:00. Autumn: 02:00 to 03:00 comes twice.
    ("America/New_York", "00:00", "2026-03-08T04:59:59Z", "2026-03-07"),
    ("America/New_York", "00:00", "2026-03-08T05:00:00Z", "2026-03-08"),
    ("America/New_York", "02:30", "2026-03-08T06:59:59Z", "2026-03-07"),
    ("America/New_York", "02:30", "2026-03-08T07:00:00Z", "2026-03-08"),
    ("America/New_York", "00:00", "2026-11-01T03:59:59Z", "2026-10-31"),
    ("America/New_York", "00:00", "2026-11-01T04:00:00Z", "2026-11-01"),
    ("Asia/Kathmandu", "00:00", "2026-03-02T18:14:59Z", "2026-03-02"),
    ("Asia/Kathmandu", "00:00", "2026-03-02T18:15:00Z", "2026-03-03"),
    ("Pacific/Kiritimati", "05:30", "2026-03-02T15:29:59Z", "2026-03-02"),
    ("Pacific/Kiritimati", "05:30", "2026-03-02T15:30:00Z", "2026-03-03"),
    ("UTC", "23:59", "2024-02-29T23:58:59Z", "2024-02-28"),
    ("UTC", "23:59", "2024-02-29T23:59:00Z", "2024-02-29"),
  ])
  func `business dates`(zone: String, dayStart: String, time: String, date: String) throws {
    let shop = try Shop(clock: time, ledger: ["--timezone", zone, "--day-start", dayStart])
    let info = try shop.ask("system.info")
    #expect(info["/clock/business_date"] == .string(date))
    #expect(try shop.open("C1")["/account/opened_on"] == .string(date))
    #expect(info["/timezone"] == .string(zone) && info["/day_start"] == .string(dayStart))
  }

  @Test func `the clock's far end`() throws {
    // Whether such times are refused or served: the books stay right.
    let shop = try Shop([
      "topup": ["bonus_rules": [["id": "r", "expires_after_days": 9, "grant": gift]]]
    ])
    for time in ["9998-12-30T00:00:00Z", "9999-12-31T23:59:59.999Z"] {
      let set = try shop.ask("clock.set", ["at": .string(time)])
      if !set.isResult { expectInvalid(set, "/at") }
      for card in ["A", "B"] {
        let open = try shop.open("\(card)\(time.prefix(4))", topUp: 100)
        let date = try open.string("/account/opened_on")
        #expect(date >= "2026-03-02", "\(date) at \(time)")
      }
    }
    try shop.close()
  }

  private let gift: JSONTree = ["type": "fixed", "amount": 5]

  @Test func `a business date never goes backwards where clocks are set back`() throws {
    // In New York 01:30 comes twice on 1 November; with the day starting at 01:30 the date would
    // change twice as well.
    let shop = try Shop(
      clock: "2026-11-01T05:29:00Z",
      ledger: ["--timezone", "America/New_York", "--day-start", "01:30"])
    var dates: [String] = []
    for _ in 0..<14 {
      dates.append(try shop.ask("system.info").string("/clock/business_date"))
      try shop.advance(seconds: 600)
    }
    #expect(dates == dates.sorted(), "\(dates)")
    #expect(dates.first == "2026-10-31" && dates.last == "2026-11-01")
  }
}
