// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Batches and notifications that move money (contract §1 and §9, T35, T36).
@Suite struct BatchTests {
  private func line(_ requests: [String]) -> String { "[" + requests.joined(separator: ",") + "]" }

  private func debit(_ amount: Int, key: String, id: JSONTree?) -> String {
    EngineProcess.line(
      "debit.create",
      ["idempotency_key": .string(key), "card_no": "C1", "amount": .number(amount)], id: id)
  }

  @Test func `a member that is refused leaves the others done`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let answer = try shop.engine.ask(
      line([
        debit(100, key: "a", id: "one"), debit(5000, key: "b", id: "two"),
        debit(30, key: "c", id: "three"),
      ]))
    let parts = answer.elements
    #expect(parts.map(\.id) == ["one", "two", "three"])
    #expect(parts[0].int("/account/balance/available") == 900)
    expectRefusal(parts[1], "insufficient_funds")
    #expect(parts[2].int("/account/balance/available") == 870)
    #expect(try shop.balance("C1") == 870)
    try shop.close()
  }

  @Test func `members are served in order, reads among them`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let get = EngineProcess.line("account.get", ["card_no": "C1"], id: "get")
    let answer = try shop.engine.ask(
      line([debit(1, key: "a", id: 1), get, debit(2, key: "b", id: 2), get]))
    let balances = answer.elements.map {
      $0.int("/balance/available") ?? $0.int("/account/balance/available")
    }
    #expect(balances == [999, 999, 997, 997])
  }

  @Test func `one key twice in a batch has one effect`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let parts = try shop.engine.ask(
      line([debit(10, key: "a", id: 1), debit(10, key: "a", id: 2)])
    ).elements
    #expect(parts.count == 2 && parts.allSatisfy { $0.isResult })
    #expect(!parts[0].isReplayed && parts[1].isReplayed)
    #expect(parts[0].resultText == parts[1].textWithoutReplayMark)
    #expect(try shop.balance("C1") == 990)
  }

  @Test func `a batch of one is answered by an array`() throws {
    let shop = try Shop()
    let answer = try shop.engine.ask(line([EngineProcess.line("system.ping", id: 1)]))
    #expect(answer.elements.map(\.id) == [1])
  }

  @Test func `notifications in a batch are done and left out of the answer`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let answer = try shop.engine.ask(
      line([debit(1, key: "a", id: nil), debit(2, key: "b", id: 7), debit(4, key: "c", id: nil)]))
    #expect(answer.elements.map(\.id) == [7])
    #expect(try shop.balance("C1") == 993)
  }

  @Test func `a batch of notifications is done and not answered`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    try shop.engine.send(line([debit(1, key: "a", id: nil), debit(5000, key: "b", id: nil)]))
    let next = try shop.engine.ask(EngineProcess.line("account.get", ["card_no": "C1"], id: 1))
    #expect(next.id == 1 && next.int("/balance/available") == 999)
  }

  @Test func `a notification that moves money is carried out and not answered`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    try shop.engine.send(debit(10, key: "n", id: nil))
    // Refused, malformed and unknown ones are not answered either.
    try shop.engine.send(debit(5000, key: "m", id: nil))
    try shop.engine.send(#"{"jsonrpc":"2.0","method":"debit.create","params":{"amount":-1}}"#)
    try shop.engine.send(#"{"jsonrpc":"2.0","method":"debit.create","params":[1]}"#)
    let next = try shop.engine.ask(EngineProcess.line("account.get", ["card_no": "C1"], id: 1))
    #expect(next.id == 1 && next.int("/balance/available") == 990)
    let found = try shop.ask("entry.lookup", ["original_idempotency_key": "n"])
    #expect(found["/kind"] == "debit" && found.int("/amount") == 10)
  }

  @Test func `a notification's key is used up`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    try shop.engine.send(debit(10, key: "n", id: nil))
    let again = try shop.engine.ask(debit(10, key: "n", id: 1))
    #expect(again.isReplayed && again.int("/account/balance/available") == 990)
    expectRefusal(try shop.engine.ask(debit(11, key: "n", id: 2)), "idempotency_conflict")
  }

  @Test func `a batch of hundreds is one line`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let requests = (1...700).map { debit(1, key: "k\($0)", id: .number($0)) }
    let answer = try shop.engine.ask(line(requests))
    #expect(answer.elements.map(\.id) == (1...700).map { JSONTree.number($0) })
    #expect(answer.elements.allSatisfy { $0.isResult })
    #expect(try shop.balance("C1") == 300)
  }

  @Test func `batches in a batch are no requests`() throws {
    let shop = try Shop()
    let parts = try shop.engine.ask("[[],[1],{},\(EngineProcess.line("system.ping", id: 1))]")
      .elements
    #expect(parts.map(\.number) == [-32600, -32600, -32600, nil])
    #expect(parts.map(\.idText) == ["null", "null", "null", "1"])
  }
}
