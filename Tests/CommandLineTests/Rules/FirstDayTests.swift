// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// The cap on what is spent on the day a card is opened, and the purchase gate (T74).
@Suite struct FirstDayTests {
  static let program: JSONTree = ["first_day": ["cap_basis_points": 6000]]

  @Test func `60,000 of 100,000 may be spent in any number of debits, and not one more`() throws {
    let shop = try Shop(Self.program)
    let open = try shop.open("C1", topUp: 100_000)
    #expect(open["/account/first_day"] == ["cap": 60_000, "spent": 0, "remaining": 60_000])
    #expect(open.int("/account/balance/spendable") == 60_000)
    for amount in [1, 9_999, 20_000, 30_000] { expectResult(try shop.debit("C1", amount)) }
    expectRefusal(try shop.debit("C1", 1), "first_day_limit")
    let account = try shop.account("C1")
    #expect(account["/first_day"] == ["cap": 60_000, "spent": 60_000, "remaining": 0])
    #expect(account.int("/balance/spendable") == 0 && account.int("/balance/available") == 40_000)
    try shop.close()
  }

  @Test func `60,001 at once is refused and 60,000 is not`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000)
    expectRefusal(try shop.debit("C1", 60_001), "first_day_limit")
    expectRefusal(try shop.hold("C1", 60_001), "first_day_limit")
    expectResult(try shop.debit("C1", 60_000))
  }

  @Test func `holds count, and what is given back gives room back`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000)
    let debit = try shop.debit("C1", 20_000).string("/entry/entry_id")
    expectResult(try shop.debit("C1", 30_000))
    let hold = try shop.hold("C1", 10_000).string("/hold_id")
    expectRefusal(try shop.debit("C1", 1), "first_day_limit")
    expectResult(try shop.release(hold))
    expectResult(try shop.refund(debit, 5000))
    expectRefusal(try shop.debit("C1", 15_001), "first_day_limit")
    expectResult(try shop.debit("C1", 15_000))
    expectRefusal(try shop.debit("C1", 1), "first_day_limit")
  }

  @Test func `a reversal gives room back, and so does a hold that runs out or is captured in part`()
    throws
  {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000)
    let debit = try shop.debit("C1", 60_000).string("/entry/entry_id")
    expectResult(try shop.reverse(debit))
    expectResult(try shop.hold("C1", 60_000, seconds: 60))
    expectRefusal(try shop.debit("C1", 1), "first_day_limit")
    try shop.advance(seconds: 60)
    let hold = try shop.hold("C1", 60_000).string("/hold_id")
    expectResult(try shop.capture(hold, 10_000))
    expectRefusal(try shop.debit("C1", 50_001), "first_day_limit")
    expectResult(try shop.debit("C1", 50_000))
  }

  @Test func `allow_partial takes what the cap leaves`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000)
    let debit = try shop.debit("C1", 90_000, ["allow_partial": true])
    #expect(debit.int("/entry/amount") == 60_000)
    expectRefusal(try shop.debit("C1", 90_000, ["allow_partial": true]), "first_day_limit")
  }

  /// Expects the cap to hold at each of these instants and to be gone at the last.
  private func expectCap(dayStart: String, holdsAt: [String], goneAt: String) throws {
    let shop = try Shop(Self.program, ledger: ["--day-start", dayStart])
    try shop.open("C1", topUp: 100_000)
    expectResult(try shop.debit("C1", 59_990))
    for time in holdsAt {
      try shop.setClock(time)
      expectRefusal(try shop.debit("C1", 11), "first_day_limit", "\(time)")
      expectResult(try shop.debit("C1", 1), "\(time)")
    }
    try shop.setClock(goneAt)
    #expect(try shop.account("C1")["/first_day"] == .null)
    let debit = expectResult(try shop.debit("C1", 11))
    #expect(debit["/entry/business_date"] == "2026-03-03")
    try shop.close()
  }

  @Test func `the cap ends at midnight in Shanghai`() throws {
    try expectCap(
      dayStart: "00:00", holdsAt: ["2026-03-02T15:59:59Z", "2026-03-02T15:59:59.999Z"],
      goneAt: "2026-03-02T16:00:00Z")
  }

  @Test func `with the day starting at four the cap ends at four`() throws {
    try expectCap(
      dayStart: "04:00",
      holdsAt: [
        "2026-03-02T15:59:59Z", "2026-03-02T16:00:00Z", "2026-03-02T19:59:59Z",
        "2026-03-02T19:59:59.999Z",
      ],
      goneAt: "2026-03-02T20:00:00Z")
  }

  @Test func `before four it is still the day before`() throws {
    let shop = try Shop(
      Self.program, clock: "2026-03-02T19:59:00Z", ledger: ["--day-start", "04:00"])
    // 03:59 on 3 March in Shanghai is 2 March's business.
    let open = try shop.open("C1", topUp: 100_000)
    #expect(open["/account/opened_on"] == "2026-03-02")
    #expect(open["/entry/business_date"] == "2026-03-02")
    expectRefusal(try shop.debit("C1", 60_001), "first_day_limit")
    try shop.advance(seconds: 60)
    expectResult(try shop.debit("C1", 60_001))
  }

  @Test func `a clock set back brings no second first day`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000)
    try shop.setClock("2026-03-02T16:00:00Z")
    expectResult(try shop.debit("C1", 1))
    expectRefusal(
      try shop.ask("clock.set", ["at": "2026-03-02T15:00:00Z"]), "clock_backwards")
    // Another process may start with a clock that is behind: the newest entry's time counts.
    try shop.engine.finish()
    let late = try shop.ledger.serve(clock: "2026-03-02T03:00:00Z")
    let debit = try late.request("debit.create", shop.keyed(["card_no": "C1", "amount": 70_000]))
    expectResult(debit)
    #expect(debit["/entry/at"] == "2026-03-02T16:00:00.000Z")
    #expect(debit["/entry/business_date"] == "2026-03-03")
    try late.finish()
    try shop.ledger.expectSound()
  }

  @Test func `a clock set back on the first day gives no room back`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000)
    try shop.setClock("2026-03-02T10:00:00Z")
    expectResult(try shop.debit("C1", 60_000))
    try shop.engine.kill9()
    let late = try shop.ledger.serve(clock: "2026-03-01T02:00:00Z")
    expectRefusal(
      try late.request("debit.create", shop.keyed(["card_no": "C1", "amount": 1])),
      "first_day_limit")
  }

  @Test func `the base is the first top-up credited that still stands`() throws {
    let shop = try Shop([
      "first_day": ["cap_basis_points": 6000], "topup": ["pending_tenders": ["cheque"]],
    ])
    func cap() throws -> Int64? { try shop.account("C1").int("/first_day/cap") }
    try shop.open("C1")
    #expect(try cap() == 0)
    let cheque = try shop.topUp("C1", 50_000, "cheque").string("/entry/entry_id")
    #expect(try cap() == 0)
    let cash = try shop.topUp("C1", 10_000).string("/entry/entry_id")
    #expect(try cap() == 6000)
    expectResult(try shop.change("topup.clear", ["entry_id": .string(cheque)]))
    #expect(try cap() == 6000)
    expectResult(try shop.reverse(cash))
    #expect(try cap() == 30_000)
    expectResult(try shop.topUp("C1", 99_999))
    #expect(try cap() == 30_000)
  }

  @Test func `the cap rounds down`() throws {
    let shop = try Shop(Self.program)
    #expect(try shop.open("C1", topUp: 99_999).int("/account/first_day/cap") == 59_999)
    #expect(try shop.open("C2", topUp: 1).int("/account/first_day/cap") == 0)
    expectRefusal(try shop.debit("C2", 1), "first_day_limit")
  }

  @Test func `a second card of the same day has a cap of its own`() throws {
    let shop = try Shop(Self.program)
    for card in ["C1", "C2"] {
      try shop.open(card, topUp: 100_000)
      expectResult(try shop.debit(card, 60_000))
      expectRefusal(try shop.debit(card, 1), "first_day_limit")
    }
  }

  @Test func `the purchase gate`() throws {
    let shop = try Shop(["first_day": ["gate_basis_points": 5000]])
    func open(_ card: String, spent: Int?, topUp: Int? = 100_000) throws -> Answer {
      let more: JSONTree = spent.map { ["same_day_spend": .number($0)] } ?? [:]
      return try shop.tryToOpen(card, topUp: topUp, more)
    }
    expectRefusal(try open("C1", spent: 50_000), "purchase_gate")
    expectRefusal(try shop.account("C1"), "not_found")
    expectResult(try open("C1", spent: 49_999))
    expectResult(try open("C2", spent: 0))
    // It is judged only when both are known.
    expectResult(try open("C3", spent: nil))
    expectResult(try open("C4", spent: 50_000, topUp: nil))
    expectRefusal(try open("C5", spent: 1, topUp: 2), "purchase_gate")
    expectResult(try open("C5", spent: 1, topUp: 3))
  }

  @Test func `without a gate the day's own spend does not matter`() throws {
    let shop = try Shop()
    #expect(try shop.open("C1", topUp: 100_000).isResult)
    expectResult(try shop.tryToOpen("C2", topUp: 1, ["same_day_spend": 1_000_000]))
  }
}
