// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Wrong PINs are counted for good, and lock the card at exactly `max_attempts` (T40).
@Suite struct LockTests {
  private func guess(_ shop: Shop, _ pin: String, _ card: String = "C1") throws -> Answer {
    try shop.card("pin.verify", card, ["pin": .string(pin)])
  }

  /// Expects the next wrong PINs to leave so many attempts.
  private func expectGuesses(_ shop: Shop, leave: [Int64]) throws {
    for left in leave {
      let answer = expectRefusal(try shop.debit("C1", 1, pin: "0000"), "pin_incorrect")
      #expect(answer.detail("attempts_left") == .integer(left))
      #expect(try shop.account("C1").int("/pin/attempts_left") == left)
    }
  }

  @Test func `the fifth wrong PIN leaves none, and the sixth PIN finds it locked`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    try expectGuesses(shop, leave: [4, 3, 2, 1, 0])
    expectRefusal(try shop.debit("C1", 1, pin: "0000"), "pin_locked")
    expectRefusal(try shop.debit("C1", 1, pin: "1234"), "pin_locked")
    let account = try shop.account("C1")
    #expect(account["/pin/locked_until"] == "2026-03-02T02:30:00.000Z")
    #expect(try shop.balance("C1") == 1000)
    try shop.close()
  }

  @Test func `of fifty guesses at once exactly five are judged`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    let answers = try shop.engine.pipeline(
      (0..<50).map { number in
        let pin = number == 20 ? "1234" : "99\(10 + number)"
        return (
          "debit.create",
          [
            "idempotency_key": .string("g\(number)"), "card_no": "C1", "amount": 1,
            "pin": .string(pin),
          ]
        )
      })
    #expect(answers.prefix(5).map { $0.detail("attempts_left") } == [4, 3, 2, 1, 0])
    #expect(answers.prefix(5).allSatisfy { $0.refusal == "pin_incorrect" })
    #expect(answers.dropFirst(5).allSatisfy { $0.refusal == "pin_locked" })
    #expect(try shop.balance("C1") == 1000)
    try shop.close()
  }

  @Test func `all methods and terminals share one count`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    let other = try shop.ledger.serve()
    let wrong: JSONTree = ["pin": "0000"]
    let answers = [
      try shop.debit("C1", 1, pin: "0000"),
      try shop.hold("C1", 1, wrong.merging(["terminal_id": "T2"])),
      try guess(shop, "0000"),
      try shop.card("pin.change", "C1", ["current_pin": "0000", "new_pin": "5555"]),
      try other.request(
        "debit.create",
        ["idempotency_key": "elsewhere", "card_no": "C1", "amount": 1, "pin": "0000"]),
    ]
    #expect(answers.map { $0.detail("attempts_left") } == [4, 3, 2, 1, 0])
    for answer in [
      try guess(shop, "1234"), try shop.hold("C1", 1, ["pin": "1234"]),
      try shop.card("pin.change", "C1", ["current_pin": "1234", "new_pin": "5555"]),
    ] { expectRefusal(answer, "pin_locked") }
  }

  @Test func `a correct PIN restores all attempts, even when the debit is refused`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    try expectGuesses(shop, leave: [4, 3, 2, 1])
    expectRefusal(try shop.debit("C1", 5000, pin: "1234"), "insufficient_funds")
    #expect(try shop.account("C1").int("/pin/attempts_left") == 5)
    try expectGuesses(shop, leave: [4, 3])
    expectResult(try guess(shop, "1234"))
    try expectGuesses(shop, leave: [4])
    try shop.crash()
    try expectGuesses(shop, leave: [3])
    expectResult(try shop.debit("C1", 1, pin: "1234"))
    #expect(try shop.account("C1").int("/pin/attempts_left") == 5)
  }

  @Test func `the count survives a kill after each wrong answer`() throws {
    let shop = try Shop(["pin": ["max_attempts": 50]])
    try shop.open("C1", topUp: 1000, pin: "1234")
    for left in (0..<50).reversed() {
      let answer = expectRefusal(try guess(shop, "0000"), "pin_incorrect")
      try shop.engine.kill9()
      #expect(answer.detail("attempts_left") == .number(left))
      try shop.crash()
    }
    expectRefusal(try guess(shop, "1234"), "pin_locked")
    try shop.close()
  }

  @Test func `a restart, and a clock that starts behind, unlock nothing`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    try expectGuesses(shop, leave: [4, 3, 2])
    try shop.restart()
    try expectGuesses(shop, leave: [1, 0])
    try shop.restart()
    expectRefusal(try guess(shop, "1234"), "pin_locked")
    try shop.engine.finish()
    let late = try shop.ledger.serve(clock: "2025-01-01T00:00:00Z")
    let answer = try late.request(
      "pin.verify", ["idempotency_key": "late", "card_no": "C1", "pin": "1234"])
    expectRefusal(answer, "pin_locked")
  }

  @Test func `the lock ends at its time, and the failures go with it`() throws {
    let shop = try Shop(["pin": ["lock_seconds": 60]])
    try shop.open("C1", topUp: 1000, pin: "1234")
    try expectGuesses(shop, leave: [4, 3, 2, 1, 0])
    try shop.advance(seconds: 59)
    expectRefusal(try guess(shop, "1234"), "pin_locked")
    try shop.advance(seconds: 1)
    let account = try shop.account("C1")
    #expect(account["/pin"] == ["set": true, "attempts_left": 5, "locked_until": nil])
    try expectGuesses(shop, leave: [4])
    expectResult(try shop.debit("C1", 1, pin: "1234"))
    // Guesses while locked do not make the lock longer.
    try expectGuesses(shop, leave: [4, 3, 2, 1, 0])
    try shop.advance(seconds: 30)
    expectRefusal(try guess(shop, "0000"), "pin_locked")
    try shop.advance(seconds: 30)
    expectResult(try guess(shop, "1234"))
  }

  @Test func `without lock_seconds only a reset or an override ends the lock`() throws {
    let shop = try Shop(["pin": ["lock_seconds": nil]])
    for (card, method, params) in [
      ("C1", "pin.reset", ["new_pin": "7777", "proof": "passport"]),
      ("C2", "pin.set", ["pin": "7777", "override_reason": "branch manager"]),
    ] as [(String, String, JSONTree)] {
      try shop.open(card, topUp: 1000, pin: "1234")
      for _ in 0..<5 { expectRefusal(try guess(shop, "0000", card), "pin_incorrect") }
      try shop.advance(seconds: 10 * 365 * 86_400)
      expectRefusal(try guess(shop, "1234", card), "pin_locked")
      expectRefusal(try shop.card("pin.set", card, ["pin": "7777"]), "pin_already_set")
      let freed = expectResult(try shop.card(method, card, params))
      #expect(freed["/account/pin"] == ["set": true, "attempts_left": 5, "locked_until": nil])
      expectResult(try guess(shop, "7777", card))
    }
    try shop.close()
  }

  @Test func `a reset serves a locked card, and a replacement with a new PIN frees it too`() throws
  {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    try expectGuesses(shop, leave: [4, 3, 2, 1, 0])
    expectResult(try shop.card("pin.reset", "C1", ["new_pin": "5678", "proof": "passport"]))
    try expectGuesses(shop, leave: [4, 3, 2, 1, 0])
    // Without a new PIN the count and the lock go with the card.
    let moved = try shop.card("account.replace_card", "C1", ["new_card_no": "C2"])
    #expect(moved.int("/account/pin/attempts_left") == 0)
    expectRefusal(try guess(shop, "5678", "C2"), "pin_locked")
    let again = try shop.card(
      "account.replace_card", "C2", ["new_card_no": "C3", "new_pin": "9999"])
    #expect(again["/account/pin"] == ["set": true, "attempts_left": 5, "locked_until": nil])
    expectResult(try guess(shop, "9999", "C3"))
  }

  @Test func `below the free limit a locked card still pays, without a PIN`() throws {
    let shop = try Shop(["debit": ["pin_free_limit": 100]])
    try shop.open("C1", topUp: 1000, pin: "1234")
    try expectGuesses(shop, leave: [4, 3, 2, 1, 0])
    expectResult(try shop.debit("C1", 100))
    expectRefusal(try shop.debit("C1", 100, pin: "1234"), "pin_locked")
    expectRefusal(try shop.debit("C1", 101, pin: "1234"), "pin_locked")
    expectRefusal(try shop.debit("C1", 101), "pin_required")
  }

  @Test func `fewer attempts lock a card at its next wrong PIN`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    try expectGuesses(shop, leave: [4, 3, 2])
    expectResult(try shop.set(["pin": ["max_attempts": 2]]))
    let answer = expectRefusal(try guess(shop, "0000"), "pin_incorrect")
    #expect(answer.detail("attempts_left") == 0)
    expectRefusal(try guess(shop, "1234"), "pin_locked")
  }

  @Test func `a failure leaves an entry, and so does what ends the count`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    let before = try shop.ask("system.info").int("/entries") ?? 0
    expectRefusal(try shop.debit("C1", 1, pin: "0000"), "pin_incorrect")
    expectRefusal(try shop.debit("C1", 9999, pin: "1234"), "insufficient_funds")
    #expect(try shop.ask("system.info").int("/entries") == before + 2)
    try shop.close()
  }
}
