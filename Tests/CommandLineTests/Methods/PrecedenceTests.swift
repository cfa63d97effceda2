// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Which of several reasons a request is refused for (contract §2, Precedence).
@Suite struct PrecedenceTests {
  private static let program: JSONTree = [
    "debit": ["max": 80_000, "daily_max": 90_000, "pin_free_limit": 0],
    "first_day": ["cap_basis_points": 6000],
  ]

  /// A debit in which everything is wrong is mended one reason after the other.
  private func climb(_ method: String, _ more: JSONTree) throws {
    let shop = try Shop(Self.program)
    try shop.open("other", topUp: 1000)
    expectResult(try shop.debit("other", 1, ["idempotency_key": "used"]))
    try shop.open("C1", topUp: 70_000, pin: "1234")
    expectResult(try shop.card("account.freeze", "C1"))
    var params: JSONTree =
      ([
        "idempotency_key": "used", "card_no": "nobody", "amount": 0, "pin": "12",
      ] as JSONTree).merging(more)
    func mend(_ with: JSONTree) { params = params.merging(with) }
    func expect(
      _ code: String, _ field: String? = nil, at location: SourceLocation = #_sourceLocation
    ) throws {
      expectRefusal(try shop.ask(method, params), code, field: field, at: location)
    }
    try expect("invalid_params", "/amount")
    mend(["amount": 200_000])
    try expect("pin_format", "/pin")
    mend(["pin": "0000"])
    try expect("idempotency_conflict")
    mend(["idempotency_key": "fresh"])
    try expect("not_found", "/card_no")
    mend(["card_no": "C1"])
    try expect("account_frozen")
    expectResult(try shop.card("account.unfreeze", "C1"))
    mend(["pin": nil])
    try expect("pin_required")
    mend(["pin": "0000"])
    try expect("pin_incorrect")
    mend(["pin": "1234"])
    try expect("limit_exceeded")  // of one debit
    mend(["amount": 75_000])
    try expect("first_day_limit")  // above the balance too
    try shop.setClock("2026-03-02T16:00:00Z")
    try expect("insufficient_funds")
    mend(["amount": 50_000])
    expectResult(try shop.ask(method, params))
    mend(["idempotency_key": "next", "amount": 40_001])
    try expect("limit_exceeded")  // of the day, and above the balance
    mend(["amount": 20_001])
    try expect("insufficient_funds", "/amount")
    mend(["amount": 20_000])
    expectResult(try shop.ask(method, params))
    try shop.close()
  }

  @Test func `a debit climbs the ladder`() throws {
    try climb("debit.create", [:])
  }

  @Test func `an authorization climbs the ladder`() throws {
    try climb("debit.authorize", ["expires_in": 3600])
  }

  @Test func `status comes before the PIN and its lock`() throws {
    let shop = try Shop()
    for (card, method, code) in [
      ("C1", "account.freeze", "account_frozen"), ("C2", "account.report_lost", "account_lost"),
      ("C3", "account.close", "account_closed"),
    ] {
      try shop.open(card, topUp: 100, pin: "1234")
      for _ in 0..<5 { _ = try shop.debit(card, 1, pin: "0000") }
      expectRefusal(try shop.debit(card, 1, pin: "0000"), "pin_locked")
      if method == "account.close" {
        expectResult(try shop.card(method, card))
      } else {
        expectResult(try shop.card(method, card))
      }
      for pin in ["1234", "0000"] { expectRefusal(try shop.debit(card, 999, pin: pin), code) }
      // A wrong PIN on such a card is not even looked at.
      #expect(try shop.account(card).int("/pin/attempts_left") == 0)
    }
  }

  @Test func `a wrong PIN on a frozen card does not count`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 100, pin: "1234")
    expectResult(try shop.card("account.freeze", "C1"))
    expectRefusal(try shop.debit("C1", 1, pin: "0000"), "account_frozen")
    #expect(try shop.account("C1").int("/pin/attempts_left") == 5)
  }

  @Test func `the lock comes before the comparison, and no PIN before the lock`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 100, pin: "1234")
    for _ in 0..<5 { _ = try shop.debit("C1", 1, pin: "0000") }
    expectRefusal(try shop.debit("C1", 1), "pin_required")
    expectRefusal(try shop.debit("C1", 1, pin: "1234"), "pin_locked")
    expectRefusal(try shop.debit("C1", 1, pin: "0000"), "pin_locked")
  }

  @Test func `order among a reversal's, a capture's and a refund's reasons`() throws {
    let shop = try Shop()
    let topUp = try shop.open("C1", topUp: 1000).string("/entry/entry_id")
    let hold = try shop.hold("C1", 100).string("/hold_id")
    let debit = try shop.debit("C1", 100).string("/entry/entry_id")
    expectRefusal(try shop.reverse(topUp), "already_spent")  // and value_held
    expectResult(try shop.release(hold))
    expectRefusal(try shop.capture(hold, 101), "hold_not_live")  // and capture_exceeds_hold
    expectResult(try shop.reverse(debit))
    expectRefusal(try shop.refund(debit, 999), "already_reversed")  // and refund_exceeds_debit
  }

  @Test func `the PIN stage of a refused debit is kept and nothing else`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 70_000, pin: "1234")
    let before = try shop.account("C1").resultText
    for amount in [80_001, 75_000, 42_001] {
      #expect(try !shop.debit("C1", amount, pin: "1234").isResult)
      #expect(try !shop.debit("C1", amount).isResult)
    }
    #expect(try shop.account("C1").resultText == before)
    let statement = try shop.ask("account.statement", ["card_no": "C1"])
    let amounts = statement["/entries"]?.elements.compactMap { $0["amount"]?.integer } ?? []
    #expect(amounts.filter { $0 > 0 } == [70_000])
  }
}
