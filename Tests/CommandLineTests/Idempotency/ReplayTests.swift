// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// The same key with the same params has one effect and one result, for ever (T20, T26).
@Suite struct ReplayTests {
  /// Every kind of mutation once, each on what those before it made.
  private func everyMutation(_ shop: Shop) throws -> [(String, JSONTree)] {
    var done: [(String, JSONTree)] = []
    @discardableResult
    func make(_ method: String, _ params: JSONTree) throws -> Answer {
      let all = shop.keyed(params)
      let answer = expectResult(try shop.ask(method, all), "\(method)")
      done.append((method, all))
      return answer
    }
    let card: JSONTree = ["card_no": "C1", "store_id": "S1"]
    try make("program.set", ["program": ["topup": ["pending_tenders": ["cheque"]]]])
    try make(
      "account.open",
      card.merging(["topup": ["amount": 9000, "tender": "cash"], "holder": ["name": "Li"]]))
    try make("topup.create", card.merging(["amount": 1000, "tender": "card"]))
    for end in ["topup.clear", "topup.bounce"] {
      let cheque = try make("topup.create", card.merging(["amount": 50, "tender": "cheque"]))
      try make(end, ["entry_id": .string(cheque.string("/entry/entry_id"))])
    }
    let debit = try make("debit.create", card.merging(["amount": 300])).string("/entry/entry_id")
    try make("debit.create", card.merging(["amount": 100_000, "allow_partial": true]))
    try make("debit.refund", ["entry_id": .string(debit), "amount": 100])
    try make("debit.refund", ["entry_id": .string(debit)])
    for end in ["debit.capture", "debit.release"] {
      let hold = try make("debit.authorize", card.merging(["amount": 20, "expires_in": 60]))
      try make(end, ["hold_id": .string(hold.string("/hold_id"))])
    }
    let misrung = try make("topup.create", card.merging(["amount": 77, "tender": "cash"]))
    try make(
      "entry.reverse", ["entry_id": .string(misrung.string("/entry/entry_id")), "reason": "x"])
    try make("entry.reverse", ["original_idempotency_key": "nobody's", "reason": "x"])
    try make("account.freeze", card)
    try make("account.unfreeze", card)
    try make("pin.set", card.merging(["pin": "0123"]))
    try make("pin.verify", card.merging(["pin": "0123"]))
    try make("pin.change", card.merging(["current_pin": "0123", "new_pin": "3210"]))
    try make("pin.reset", card.merging(["new_pin": "4444", "proof": "passport"]))
    try make("account.report_lost", card)
    try make("account.replace_card", card.merging(["new_card_no": "C2"]))
    try make("account.close", ["card_no": "C2"])
    return done
  }

  @Test func `every mutation is answered again as at first, whatever has happened since`() throws {
    let shop = try Shop()
    // The first answers must be seen, so each is asked for anew right after it was made.
    let done = try everyMutation(shop)
    let now = try done.map { try shop.ask($0.0, $0.1) }
    for (request, answer) in zip(done, now) {
      #expect(answer.isReplayed, "\(request.0): \(answer)")
    }
    let entries = try shop.ask("system.info").int("/entries")
    for round in 0..<3 {
      if round == 1 { try shop.restart() }
      if round == 2 { try shop.crash() }
      for (request, first) in zip(done, now) {
        let answer = try shop.ask(request.0, request.1)
        #expect(answer.resultText == first.resultText, "\(request.0) in round \(round)")
      }
    }
    #expect(try shop.ask("system.info").int("/entries") == entries)
    try shop.close()
  }

  @Test func `a hundred repetitions are one effect and one text`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    let params: JSONTree = ["idempotency_key": "sale", "card_no": "C1", "amount": 123]
    let first = try shop.ask("debit.create", params)
    #expect(!first.isReplayed && first["/replayed"] == nil)
    let others = try shop.engine.pipeline((0..<100).map { _ in ("debit.create", params) })
    for answer in others {
      #expect(answer.isReplayed && answer.textWithoutReplayMark == first.resultText)
    }
    expectResult(try shop.topUp("C1", 5000))
    expectResult(try shop.card("account.freeze", "C1"))
    try shop.setClock("2026-03-05T02:00:00Z")
    for _ in 0..<2 {
      let late = try shop.ask("debit.create", params)
      #expect(late.isReplayed && late.textWithoutReplayMark == first.resultText)
      try shop.crash()
    }
    #expect(try shop.balance("C1") == 14_877)
    try shop.close()
  }

  @Test func `one key eight times at once is one effect`() throws {
    let shop = try Shop()
    let opened = try shop.engine.pipeline(
      (0..<8).map { _ in
        (
          "account.open",
          ["idempotency_key": "o", "card_no": "C1", "topup": ["amount": 100, "tender": "cash"]]
        )
      })
    let debits = try shop.engine.pipeline(
      (0..<8).map { _ in ("debit.create", ["idempotency_key": "d", "card_no": "C1", "amount": 30]) }
    )
    for answers in [opened, debits] {
      #expect(answers.map(\.isReplayed) == [false] + [Bool](repeating: true, count: 7))
      #expect(answers.allSatisfy { $0.textWithoutReplayMark == answers[0].resultText })
    }
    #expect(try shop.balance("C1") == 70)
  }

  @Test func `a refusal does not use up its key`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 100)
    let params: JSONTree = ["idempotency_key": "sale", "card_no": "C1", "amount": 150]
    for _ in 0..<2 { expectRefusal(try shop.ask("debit.create", params), "insufficient_funds") }
    expectResult(try shop.topUp("C1", 100))
    let paid = expectResult(try shop.ask("debit.create", params))
    #expect(!paid.isReplayed && paid.int("/account/balance/available") == 50)
    #expect(try shop.ask("debit.create", params).isReplayed)
    // Nor does an invalid request, and then the key is free for anything.
    expectInvalid(try shop.debit("C1", -1, ["idempotency_key": "free"]), "/amount")
    expectRefusal(try shop.debit("C1", 9999, ["idempotency_key": "free"]), "insufficient_funds")
    expectResult(try shop.topUp("C1", 5, "cash", ["idempotency_key": "free"]))
  }

  @Test func `two engines on one ledger know each other's keys`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let other = try shop.ledger.serve()
    let params: JSONTree = ["idempotency_key": "sale", "card_no": "C1", "amount": 10]
    let first = try shop.ask("debit.create", params)
    let second = try other.request("debit.create", params)
    #expect(second.isReplayed && second.textWithoutReplayMark == first.resultText)
    let third = params.merging(["idempotency_key": "other"])
    expectResult(try other.request("debit.create", third))
    #expect(try shop.ask("debit.create", third).isReplayed)
    #expect(try shop.balance("C1") == 980)
    try other.finish()
    try shop.close()
  }

  @Test func `a key may be repeated at another terminal`() throws {
    let shop = try Shop(serve: ["--store-id", "S1", "--terminal-id", "T1"])
    try shop.open("C1", topUp: 1000)
    let params: JSONTree = ["idempotency_key": "sale", "card_no": "C1", "amount": 10]
    let first = try shop.ask("debit.create", params)
    let other = try shop.ledger.serve(["--store-id", "S1", "--terminal-id", "T2"])
    // Where the request itself does not say where it comes from, nothing differs.
    let again = try other.request("debit.create", params)
    #expect(again.isReplayed && again.textWithoutReplayMark == first.resultText)
    #expect(again["/entry/terminal_id"] == "T1")
    let named = try other.request("debit.create", params.merging(["terminal_id": "T2"]))
    expectRefusal(named, "idempotency_conflict", field: "/terminal_id")
  }

  @Test func `a key has 1 to 128 printable characters of ASCII, and its case counts`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let long = String(repeating: "k", count: 128)
    for key in ["", long + "k", "k\u{E9}", "\u{5361}", "a\nb", "a\u{0}b", "\u{7F}", "\t"] {
      expectInvalid(
        try shop.debit("C1", 1, ["idempotency_key": .string(key)]), "/idempotency_key")
    }
    for key in ["a", "A", "~", long, String(long.dropLast()), "a b/c\"\\", "1", "null"] {
      let answer = expectResult(try shop.debit("C1", 1, ["idempotency_key": .string(key)]))
      #expect(!answer.isReplayed, "\(key)")
    }
    #expect(try shop.balance("C1") == 992)
  }

  @Test func `keys do not expire`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let params: JSONTree = ["idempotency_key": "sale", "card_no": "C1", "amount": 10]
    let first = try shop.ask("debit.create", params)
    try shop.setClock("2046-03-02T02:00:00Z")
    #expect(try shop.ask("debit.create", params).textWithoutReplayMark == first.resultText)
    #expect(try shop.balance("C1") == 990)
  }
}
