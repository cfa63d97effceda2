// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// What is no amount is refused by name wherever an amount stands, and changes nothing (T75).
@Suite struct AmountTests {
  /// Values that are no amount anywhere, as JSON writes them.
  static let never = [
    "-1", "-0", "-50000", #""1""#, #""""#, "1.5", "1.0", "0.0", "1e2", "1E2", "1e0", "1e-2",
    "9007199254740992", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "340282366920938463463374607431768211456", "1e400", "-1e400",
    "1000000000001", "true", "false", "[]", "[1]", "{}", #"{"amount":1}"#,
  ]

  /// A place where an amount stands.
  struct Place {
    let method: String
    let params: JSONTree
    let pointer: String
    var mayBeZero = false
    var isOptional = false

    /// The values that must be refused there.
    var refused: [String] {
      AmountTests.never + (mayBeZero ? [] : ["0"]) + (isOptional ? [] : ["null"])
    }
  }

  /// Every place of every method, on a card with a debit and a live hold.
  private func places(_ shop: Shop) throws -> [Place] {
    let debit = try shop.debit("C1", 500).string("/entry/entry_id")
    let hold = try shop.hold("C1", 700).string("/hold_id")
    let card: JSONTree = ["card_no": "C1"]
    let newCard: JSONTree = ["card_no": "C9", "topup": ["amount": 5, "tender": "cash"]]
    return [
      Place(method: "account.open", params: newCard, pointer: "/topup/amount"),
      Place(
        method: "account.open", params: newCard, pointer: "/same_day_spend", mayBeZero: true,
        isOptional: true),
      Place(
        method: "topup.create", params: card.merging(["tender": "cash"]), pointer: "/amount"),
      Place(method: "debit.create", params: card, pointer: "/amount"),
      Place(
        method: "debit.create", params: card.merging(["allow_partial": true]), pointer: "/amount"),
      Place(
        method: "debit.authorize", params: card.merging(["expires_in": 60]), pointer: "/amount"),
      Place(
        method: "debit.capture", params: ["hold_id": .string(hold)], pointer: "/amount",
        isOptional: true),
      Place(
        method: "debit.refund", params: ["entry_id": .string(debit)], pointer: "/amount",
        isOptional: true),
    ]
  }

  @Test func `no place takes what is no amount`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 100_000)
    let places = try places(shop)
    let before = try (shop.account("C1").resultText, shop.ask("system.info").int("/entries"))
    for place in places {
      let values = place.refused
      let requests = try values.map { value in
        let params = shop.keyed(place.params).setting(place.pointer, to: try JSONTree(text: value))
        return (method: place.method, params: params)
      }
      for (value, answer) in zip(values, try shop.engine.pipeline(requests)) {
        expectInvalid(answer, place.pointer, "\(place.method) \(place.pointer) \(value)")
      }
    }
    let quotes = try Self.never.map { value in
      let params: JSONTree = ["card_no": "C1", "amount": try JSONTree(text: value)]
      return (method: "topup.quote", params: params)
    }
    for answer in try shop.engine.pipeline(quotes) { expectInvalid(answer, "/amount") }
    #expect(try shop.account("C1").resultText == before.0)
    #expect(try shop.ask("system.info").int("/entries") == before.1)
    expectRefusal(try shop.account("C9"), "not_found")
    try shop.close()
  }

  private static let noNumbers = [
    "NaN", "Infinity", "01", "+1", ".5", "1.", "0x10", "1e", "1_000", "--1",
  ]

  @Test func `what is no number is no JSON`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 100)
    for value in Self.noNumbers {
      let answer = try shop.engine.ask(
        #"{"jsonrpc":"2.0","id":1,"method":"debit.create","params":{"idempotency_key":"k","#
          + #""card_no":"C1","amount":\#(value)}}"#)
      #expect(answer.number == -32700 && answer.idText == "null")
      #expect(try shop.balance("C1") == 100)
    }
  }

  @Test func `the least and the greatest amount are taken`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1)
    #expect(try shop.topUp("C1", 1_000_000_000_000).int("/entry/amount") == 1_000_000_000_000)
    #expect(try shop.debit("C1", 1).int("/account/balance/available") == 1_000_000_000_000)
    #expect(try shop.debit("C1", 1_000_000_000_000).int("/account/balance/available") == 0)
    try shop.close()
  }

  @Test func `a null amount of a refund or capture means all`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let debit = try shop.debit("C1", 300).string("/entry/entry_id")
    let refund = try shop.change("debit.refund", ["entry_id": .string(debit), "amount": nil])
    #expect(refund.int("/entry/amount") == 300)
    let hold = try shop.hold("C1", 400).string("/hold_id")
    let capture = try shop.change("debit.capture", ["hold_id": .string(hold), "amount": nil])
    #expect(capture.int("/entry/amount") == 400)
  }

  @Test func `sums far above one request stay exact`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let most: Int64 = 1_000_000_000_000
    let answers = try shop.engine.pipeline(
      (1...12).map { number in
        (
          method: "topup.create",
          params: [
            "idempotency_key": .string("t\(number)"), "card_no": "C1", "amount": .integer(most),
            "tender": "cash",
          ]
        )
      })
    #expect(answers.map { $0.int("/account/balance/principal") } == (1...12).map { $0 * most })
    #expect(try shop.balance("C1", "available") == 12 * most)
    // One request names at most 10^12, so no debit takes more.
    #expect(try shop.balance("C1", "spendable") == most)
    try shop.close()
  }

  @Test func `a bonus on the greatest amount is exact or refused, and the engine goes on`() throws {
    let shop = try Shop()
    try shop.open("C1")
    for grant: JSONTree in [
      ["type": "rate", "basis_points": 10_000],
      ["type": "fixed", "amount": 1_000_000_000_000],
      ["type": "per", "every": 1, "amount": 1],
    ] {
      expectResult(
        try shop.set([
          "topup": ["bonus_combination": "all", "bonus_rules": [["id": "r", "grant": grant]]]
        ]))
      let before = try shop.balance("C1", "bonus")
      let answer = try shop.topUp("C1", 1_000_000_000_000)
      #expect(answer.int("/bonus/amount") == 1_000_000_000_000, "\(grant)")
      #expect(try shop.balance("C1", "bonus") == before + 1_000_000_000_000)
    }
    // What no card can hold is refused: by the program's validation or by the top-up.
    let hugeGrant: JSONTree = ["type": "per", "every": 1, "amount": 1_000_000_000_000]
    let set = try shop.set(["topup": ["bonus_rules": [["id": "r", "grant": hugeGrant]]]])
    if set.isResult { expectRefusal(try shop.topUp("C1", 1_000_000_000_000), "limit_exceeded") }
    #expect(try shop.ask("system.ping").isResult)
    try shop.close()
  }
}
