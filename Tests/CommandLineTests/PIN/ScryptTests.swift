// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// PINs stretched off the loop (contract §3 `hardening`, design §4, T46).
@Suite struct ScryptTests {
  private static let program: JSONTree = ["pin": ["hardening": "scrypt"]]

  private func debit(_ card: String, _ key: String, _ pin: String, _ amount: Int = 1)
    -> (method: String, params: JSONTree)
  {
    (
      "debit.create",
      [
        "idempotency_key": .string(key), "card_no": .string(card), "amount": .number(amount),
        "pin": .string(pin),
      ]
    )
  }

  @Test func `right and wrong PINs are told apart, over restarts`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000, pin: "0123")
    expectResult(try shop.debit("C1", 10, pin: "0123"))
    let wrong = expectRefusal(try shop.debit("C1", 10, pin: "3210"), "pin_incorrect")
    #expect(wrong.detail("attempts_left") == 4)
    try shop.crash()
    let second = expectRefusal(try shop.debit("C1", 10, pin: "3210"), "pin_incorrect")
    #expect(second.detail("attempts_left") == 3)
    expectResult(try shop.card("pin.change", "C1", ["current_pin": "0123", "new_pin": "7777"]))
    expectResult(try shop.card("pin.verify", "C1", ["pin": "7777"]))
    #expect(try shop.balance("C1") == 990)
    try shop.close()
  }

  @Test func `of many guesses at once exactly five are judged`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000, pin: "1234")
    let answers = try shop.engine.pipeline(
      (0..<20).map { debit("C1", "g\($0)", $0 == 10 ? "1234" : "90\(10 + $0)") })
    #expect(answers.prefix(5).map { $0.detail("attempts_left") } == [4, 3, 2, 1, 0])
    #expect(answers.dropFirst(5).allSatisfy { $0.refusal == "pin_locked" })
    #expect(try shop.balance("C1") == 1000)
    try shop.close()
  }

  @Test func `requests on one card keep their order`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000, pin: "1234")
    let ids = try [
      shop.engine.start("debit.create", debit("C1", "a", "1234", 100).params),
      shop.engine.start("account.get", ["card_no": "C1"]),
      shop.engine.start(
        "topup.create",
        ["idempotency_key": "t", "card_no": "C1", "amount": 7, "tender": "cash"]),
      shop.engine.start("debit.create", debit("C1", "b", "1234", 10).params),
      shop.engine.start("account.get", ["card_no": "C1"]),
      shop.engine.start("entry.lookup", ["original_idempotency_key": "b"]),
    ]
    let answers = try ids.map { try shop.engine.answer(to: $0) }
    for answer in answers { expectResult(answer) }
    #expect(answers[0].int("/account/balance/available") == 900)
    #expect(answers[1].int("/balance/available") == 900)
    #expect(answers[2].int("/account/balance/available") == 907)
    #expect(answers[3].int("/account/balance/available") == 897)
    #expect(answers[4].int("/balance/available") == 897)
    try shop.close()
  }

  @Test func `what looks at all cards waits for what is being stretched`() throws {
    let shop = try Shop(Self.program)
    let holder: JSONTree = ["holder": ["phone": "138"]]
    try shop.open("C1", topUp: 1000, pin: "1234", holder)
    let ids = try [
      shop.engine.start("debit.create", debit("C1", "a", "1234", 100).params),
      shop.engine.start("entry.list", ["kind": "debit"]),
      shop.engine.start("debit.create", debit("C1", "b", "1234", 100).params),
      shop.engine.start("account.find", ["phone": "138"]),
      shop.engine.start("debit.create", debit("C1", "c", "1234", 100).params),
      shop.engine.start("ledger.trial_balance", [:]),
      shop.engine.start("debit.create", debit("C1", "d", "1234", 100).params),
      shop.engine.start(
        "entry.reverse",
        ["idempotency_key": "r", "original_idempotency_key": "d", "reason": "left"]),
    ]
    let answers = try ids.map { try shop.engine.answer(to: $0) }
    #expect(answers[1]["/entries"]?.elements.count == 1, "entry.list")
    #expect(answers[3].int("/accounts/0/balance/available") == 800, "account.find")
    let sales = answers[5]["/accounts"]?.elements.first { $0["name"] == "sales" }
    #expect(sales?["credit"] == 300, "ledger.trial_balance")
    #expect(answers[7].int("/account/balance/available") == 700, "\(answers[7])")
    #expect(try shop.balance("C1") == 700)
    try shop.close()
  }

  @Test func `other cards are served while one is stretched`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000, pin: "1234")
    try shop.open("C2", topUp: 1000)
    var slow: [Int64] = []
    for number in 0..<6 {
      slow.append(try shop.engine.start("debit.create", debit("C1", "s\(number)", "1234").params))
    }
    let quick = try shop.engine.start(
      "debit.create", ["idempotency_key": "q", "card_no": "C2", "amount": 1])
    // Answers come as lines in some order: the quick one is not the last.
    var order: [Int64] = []
    while order.count < 7 { order.append(try #require(try shop.engine.next().id?.integer)) }
    #expect(order.filter { $0 != quick } == slow, "one card's answers keep their order")
    #expect(order.last != quick, "\(order)")
    try shop.close()
  }

  @Test func `many cards at once, and the same again`() throws {
    let shop = try Shop(Self.program)
    for number in 0..<6 { try shop.open("C\(number)", topUp: 1000, pin: "123\(number)") }
    let requests = (0..<18).map { debit("C\($0 % 6)", "k\($0)", "123\($0 % 6)", 10) }
    let first = try shop.engine.pipeline(requests)
    let again = try shop.engine.pipeline(requests)
    for (one, two) in zip(first, again) {
      expectResult(one)
      #expect(two.isReplayed && two.textWithoutReplayMark == one.resultText)
    }
    for number in 0..<6 { #expect(try shop.balance("C\(number)") == 970) }
    let other = try shop.ask("debit.create", debit("C0", "k0", "9999", 10).params)
    expectRefusal(other, "idempotency_conflict", field: "/pin")
    #expect(try shop.account("C0").int("/pin/attempts_left") == 4)
    try shop.close()
  }

  @Test func `one key twice at once is one effect`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000, pin: "1234")
    let answers = try shop.engine.pipeline((0..<4).map { _ in debit("C1", "k", "1234", 10) })
    #expect(answers.map(\.isReplayed) == [false, true, true, true])
    #expect(try shop.balance("C1") == 990)
  }

  @Test func `the end of input waits for what is being stretched`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000, pin: "1234")
    for number in 0..<4 {
      try shop.engine.send(
        EngineProcess.line(
          "debit.create", debit("C1", "e\(number)", "1234").params, id: .number(number)))
    }
    let end = try shop.engine.finish()
    #expect(end.exit == .code(0))
    #expect(end.rest.map(\.id) == [0, 1, 2, 3] && end.rest.allSatisfy { $0.isResult })
    try shop.ledger.expectSound()
  }

  @Test func `a batch with stretched members is answered in order`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000, pin: "1234")
    try shop.open("C2", topUp: 1000)
    let lines = [
      EngineProcess.line("debit.create", debit("C1", "a", "1234").params, id: 1),
      EngineProcess.line("debit.create", debit("C1", "b", "0000").params, id: 2),
      EngineProcess.line("account.get", ["card_no": "C2"], id: 3),
      EngineProcess.line("debit.create", debit("C1", "c", "1234").params, id: 4),
    ]
    let answer = try shop.engine.ask("[\(lines.joined(separator: ","))]")
    #expect(answer.elements.map(\.id) == [1, 2, 3, 4])
    #expect(answer.elements.map(\.refusal) == [nil, "pin_incorrect", nil, nil])
  }

  @Test func `a correct PIN brings a verifier up to the program, both ways`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    for hardening in ["scrypt", "keyed", "scrypt"] {
      expectResult(try shop.set(["pin": ["hardening": .string(hardening)]]))
      expectResult(try shop.debit("C1", 1, pin: "1234"))
      expectRefusal(try shop.debit("C1", 1, pin: "4321"), "pin_incorrect")
      try shop.crash()
      expectResult(try shop.debit("C1", 1, pin: "1234"))
    }
    try shop.close()
  }

  @Test func `a flood on one card is not read into memory`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1_000_000, pin: "1234")
    let child = shop.engine.child
    var text = ""
    for number in 0..<8000 {
      let (method, params) = debit("C1", "f\(number)", "1234")
      text += EngineProcess.line(method, params, id: .number(number)) + "\n"
    }
    try child.write(text.utf8)
    // More than a megabyte is offered; in this time some dozens can be answered.
    for _ in 0..<8 { _ = try child.lines(within: 0.25) }
    #expect(child.unsent > 0, "the engine reads on although nothing can be served")
  }

  @Test func `a kill while PINs are stretched loses no count`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000, pin: "1234")
    var seen = 0
    for round in 0..<3 {
      for number in 0..<3 {
        _ = try shop.engine.start("debit.create", debit("C1", "r\(round).\(number)", "0000").params)
      }
      let first = try shop.engine.next()
      if first.refusal == "pin_incorrect" { seen += 1 }
      try shop.crash()
      let left = try #require(try shop.account("C1").int("/pin/attempts_left"))
      #expect(left <= max(0, 5 - seen), "\(seen) were answered")
    }
    try shop.close()
  }
}
