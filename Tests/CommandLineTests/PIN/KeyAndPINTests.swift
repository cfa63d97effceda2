// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Idempotency keys and PINs together: no place to try PINs for nothing (T24; spec/pin.md).
@Suite struct KeyAndPINTests {
  private let sale: JSONTree = [
    "idempotency_key": "sale", "card_no": "C1", "amount": 10, "pin": "1234",
  ]

  private func with(_ pin: String) -> JSONTree { sale.merging(["pin": .string(pin)]) }

  private func attempts(_ shop: Shop) throws -> Int64? {
    try shop.account("C1").int("/pin/attempts_left")
  }

  @Test func `a key with its own PIN is answered again, and with another never`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    let first = expectResult(try shop.ask("debit.create", sale))
    #expect(try shop.ask("debit.create", sale).textWithoutReplayMark == first.resultText)
    let other = try shop.ask("debit.create", with("4321"))
    expectRefusal(other, "idempotency_conflict", field: "/pin")
    #expect(!other.text.contains("990"))
    #expect(try attempts(shop) == 4)
    // Leaving the PIN out is another request too.
    #expect(try !shop.ask("debit.create", sale.without("pin")).isResult)
    #expect(try shop.ask("debit.create", sale).isReplayed)
    #expect(try attempts(shop) == 4)
    #expect(try shop.balance("C1") == 990)
    try shop.close()
  }

  @Test func `guesses under a used key lock the card like any others`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    expectResult(try shop.ask("debit.create", sale))
    let guesses = try shop.engine.pipeline((0..<50).map { ("debit.create", with("\(5000 + $0)")) })
    for answer in guesses {
      #expect(["idempotency_conflict", "pin_locked"].contains(answer.refusal ?? ""), "\(answer)")
      #expect(!answer.isReplayed)
    }
    expectRefusal(
      try shop.debit("C1", 1, pin: "1234"), "pin_locked", "after 50 guesses under one key")
    let account = try shop.account("C1")
    #expect(account.int("/pin/attempts_left") == 0 && account["/pin/locked_until"]?.string != nil)
    try shop.crash()
    expectRefusal(try shop.debit("C1", 1, pin: "1234"), "pin_locked")
    try shop.close()
  }

  @Test func `a closed card's used keys are no place to try PINs either`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    expectResult(try shop.ask("debit.create", sale))
    expectResult(try shop.card("account.close", "C1"))
    for left in [4, 3, 2, 1, 0] {
      expectRefusal(try shop.ask("debit.create", with("4321")), "idempotency_conflict")
      #expect(try attempts(shop) == Int64(left))
    }
    for pin in ["4321", "1234"] {
      expectRefusal(try shop.ask("debit.create", with(pin)), "pin_locked")
    }
    try shop.close()
  }

  @Test func `a used key does not tell a right PIN from a wrong one while the card is locked`()
    throws
  {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    expectResult(try shop.ask("debit.create", with("1234")))
    expectResult(try shop.card("pin.change", "C1", ["current_pin": "1234", "new_pin": "8765"]))
    for number in 0..<5 {
      expectRefusal(try shop.debit("C1", 1, pin: "111\(number)"), "pin_incorrect")
    }
    // The card's present PIN under the old key, and any other: the same answer.
    let answers = try ["0000", "8765", "0001"].map { try shop.ask("debit.create", with($0)) }
    for answer in answers { #expect(!answer.isResult) }
    #expect(answers[1].refusal == answers[2].refusal)
  }

  @Test func `each wrong PIN counts, whichever key it comes with`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    for left in [4, 3, 2, 1, 0] as [JSONTree] {
      let answer = expectRefusal(try shop.ask("debit.create", with("4321")), "pin_incorrect")
      #expect(answer.detail("attempts_left") == left)
    }
    expectRefusal(try shop.ask("debit.create", with("4321")), "pin_locked")
    expectRefusal(try shop.ask("debit.create", sale), "pin_locked")
    // The refusals have not used up the key.
    try shop.advance(seconds: 1800)
    let paid = expectResult(try shop.ask("debit.create", sale))
    #expect(!paid.isReplayed)
  }

  @Test(arguments: ["pin.verify", "pin.change", "debit.authorize", "pin.set", "pin.reset"])
  func `every method that takes a PIN compares it`(method: String) throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    let members: [String: (JSONTree, String)] = [
      "pin.verify": (["pin": "1234"], "pin"),
      "pin.change": (["current_pin": "1234", "new_pin": "1111"], "new_pin"),
      "debit.authorize": (["pin": "1234", "amount": 5, "expires_in": 60], "pin"),
      "pin.set": (["pin": "2222", "override_reason": "x"], "pin"),
      "pin.reset": (["new_pin": "2222", "proof": "x"], "new_pin"),
    ]
    let (more, name) = try #require(members[method])
    let params = (["card_no": "C1", "idempotency_key": "k"] as JSONTree).merging(more)
    let first = expectResult(try shop.ask(method, params))
    let again = try shop.ask(method, params)
    #expect(again.isReplayed && again.textWithoutReplayMark == first.resultText)
    let other = try shop.ask(method, params.merging(.object([.init(name, "9898")])))
    expectRefusal(other, "idempotency_conflict", field: "/\(name)")
  }

  @Test func `account.open with another PIN under its key is a conflict`() throws {
    let shop = try Shop()
    let params: JSONTree = ["idempotency_key": "o", "card_no": "C1", "pin": "1234"]
    expectResult(try shop.ask("account.open", params))
    #expect(try shop.ask("account.open", params).isReplayed)
    expectRefusal(
      try shop.ask("account.open", params.merging(["pin": "4321"])), "idempotency_conflict",
      field: "/pin")
  }

  @Test func `a repetition is answered after the PIN was changed`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    let first = expectResult(try shop.ask("debit.create", sale))
    expectResult(try shop.card("pin.change", "C1", ["current_pin": "1234", "new_pin": "8765"]))
    for _ in 0..<2 {
      let again = try shop.ask("debit.create", sale)
      #expect(again.isReplayed && again.textWithoutReplayMark == first.resultText)
      try shop.crash()
    }
    #expect(try shop.balance("C1") == 990)
  }
}
