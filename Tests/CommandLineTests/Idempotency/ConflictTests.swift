// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// The same key with other params is a conflict that names the member (T21, T22; contract §2, §9).
@Suite struct ConflictTests {
  @Test func `each member that differs is named`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    try shop.open("C2", topUp: 1000)
    let account = try shop.account("C1").string("/account_id")
    let params: JSONTree = [
      "idempotency_key": "sale", "card_no": "C1", "amount": 10, "store_id": "S1",
      "terminal_id": "T1", "operator_id": "O1", "reason": "lunch", "allow_partial": false,
    ]
    expectResult(try shop.ask("debit.create", params))
    for (name, value) in [
      ("amount", 11), ("card_no", "C2"), ("store_id", "S2"), ("terminal_id", "T2"),
      ("operator_id", "O2"), ("reason", "tea"), ("allow_partial", true), ("operator_id", nil),
    ] as [(String, JSONTree)] {
      let changed = params.merging(.object([.init(name, value)]))
      expectRefusal(
        try shop.ask("debit.create", changed), "idempotency_conflict", field: "/\(name)")
    }
    // Naming the card otherwise, and what was not there before.
    let other = params.without("card_no").merging(["account_id": .string(account)])
    expectRefusal(
      try shop.ask("debit.create", other), "idempotency_conflict", field: "/account_id")
    expectRefusal(
      try shop.ask("debit.create", params.merging(["pin": "1234"])), "idempotency_conflict",
      field: "/pin")
    #expect(try shop.balance("C1") == 990)
    #expect(try shop.balance("C2") == 1000)
  }

  @Test func `of several members the first by name is named`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let params: JSONTree = [
      "idempotency_key": "sale", "terminal_id": "T1", "card_no": "C1", "amount": 10,
    ]
    expectResult(try shop.ask("debit.create", params))
    for (more, field) in [
      (["terminal_id": "T2", "amount": 11, "card_no": "C2"], "/amount"),
      (["terminal_id": "T2", "card_no": "C2"], "/card_no"),
      (["terminal_id": "T2", "store_id": "S1"], "/store_id"),
      (["terminal_id": "T2", "allow_partial": true, "amount": 5], "/allow_partial"),
    ] as [(JSONTree, String)] {
      expectRefusal(
        try shop.ask("debit.create", params.merging(more)), "idempotency_conflict", field: field)
    }
  }

  @Test func `what does not count as a difference`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let params: JSONTree = ["idempotency_key": "sale", "card_no": "C1", "amount": 10]
    let first = try shop.ask("debit.create", params)
    let same: [JSONTree] = [
      ["amount": 10, "card_no": "C1", "idempotency_key": "sale"],
      params.merging(["x_note": "again", "x_": [1, 2, 3]]),
      params.merging(["store_id": nil, "pin": nil, "allow_partial": nil, "account_id": nil]),
    ]
    for params in same {
      let answer = try shop.ask("debit.create", params)
      #expect(answer.isReplayed && answer.textWithoutReplayMark == first.resultText)
    }
    // The spelling of a string does not count either.
    let line =
      #"{"jsonrpc":"2.0","id":1,"method":"debit.create","params":"#
      + #"{"idempotency_key":"s\u0061le","card\u005fno":"\u00431","amount":10}}"#
    #expect(try shop.engine.ask(line).isReplayed)
    // 1 and 1.0 do not meet: the second is no amount.
    expectInvalid(
      try shop.ask("debit.create", params.merging(["amount": .number("10.0")])), "/amount")
  }

  @Test func `what differs inside a member names the member`() throws {
    let shop = try Shop()
    let params: JSONTree = [
      "idempotency_key": "o", "card_no": "C1", "holder": ["name": "Li", "phone": "138"],
      "topup": ["amount": 100, "tender": "cash"],
    ]
    expectResult(try shop.ask("account.open", params))
    let reordered = params.merging([
      "holder": ["phone": "138", "x_a": 1, "name": "Li", "x_\u{301}a": 2],
      "topup": ["tender": "cash", "x_\u{301}": 1, "amount": 100],
    ])
    #expect(try shop.ask("account.open", reordered).isReplayed)
    for (more, name) in [
      (["topup": ["amount": 101, "tender": "cash"]], "topup"), (["topup": nil], "topup"),
      (["holder": ["name": "Li", "phone": "139"]], "holder"), (["registered": true], "registered"),
    ] as [(JSONTree, String)] {
      let answer = try shop.ask("account.open", params.merging(more))
      expectRefusal(answer, "idempotency_conflict")
      #expect(answer.field?.hasPrefix("/\(name)") ?? false, "\(answer)")
    }
  }

  @Test func `another method is a conflict of the method`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, ["idempotency_key": "k"])
    expectResult(try shop.set(["debit": ["max": 500]]))
    for (method, params) in [
      ("debit.create", ["card_no": "C1", "amount": 5]),
      ("topup.create", ["card_no": "C1", "amount": 5, "tender": "cash"]),
      ("account.freeze", ["card_no": "C1"]), ("program.set", ["program": [:]]),
      ("pin.verify", ["card_no": "C1", "pin": "1234"]),
      ("entry.reverse", ["original_idempotency_key": "x", "reason": "y"]),
    ] as [(String, JSONTree)] {
      let answer = try shop.ask(method, params.merging(["idempotency_key": "k"]))
      expectRefusal(answer, "idempotency_conflict", field: "/method", "\(method)")
    }
    #expect(try shop.account("C1")["/status"] == "active")
  }

  @Test func `a conflict comes before everything about the card`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    expectResult(try shop.debit("C1", 5, ["idempotency_key": "k"]))
    expectResult(try shop.card("account.freeze", "C1"))
    expectRefusal(try shop.debit("C1", 6, ["idempotency_key": "k"]), "idempotency_conflict")
    expectRefusal(
      try shop.debit("nobody", 5, ["idempotency_key": "k"]), "idempotency_conflict",
      field: "/card_no")
  }

  @Test func `a conflict holds after a crash`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    expectResult(try shop.debit("C1", 5, ["idempotency_key": "k"]))
    try shop.crash()
    expectRefusal(
      try shop.debit("C1", 6, ["idempotency_key": "k"]), "idempotency_conflict", field: "/amount")
    try shop.restart()
    expectRefusal(
      try shop.debit("C1", 6, ["idempotency_key": "k"]), "idempotency_conflict", field: "/amount")
    #expect(try shop.balance("C1") == 995)
  }
}
