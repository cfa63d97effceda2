// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Refunds and reversals (contract §4, §9; spec/stored-value.md, Refund and Reversal).
@Suite struct GivingBackTests {
  private static let program: JSONTree = [
    "topup": [
      "pending_tenders": ["cheque"],
      "bonus_rules": [
        [
          "id": "r", "min_amount": 50_000, "grant": ["type": "fixed", "amount": 5000],
          "release_basis_points": 1000,
        ]
      ],
    ]
  ]

  @Test func `a refund returns value in reverse order of consumption`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000)
    let debit = try shop.debit("C1", 10_000).string("/entry/entry_id")  // 500 bonus, 9,500
    let first = try shop.refund(debit, 9600)
    #expect(first.int("/entry/principal") == 9500 && first.int("/entry/bonus") == 100)
    #expect(first["/entry/links/refunds"] == .string(debit))
    expectRefusal(try shop.refund(debit, 401), "refund_exceeds_debit")
    let second = try shop.refund(debit, 400)
    #expect(second.int("/entry/principal") == 0 && second.int("/entry/bonus") == 400)
    expectRefusal(try shop.refund(debit), "already_refunded")
    expectRefusal(try shop.refund(debit, 1), "already_refunded")
    #expect(try shop.balance("C1", "bonus") == 5000)
    #expect(try shop.balance("C1", "principal") == 100_000)
    try shop.close()
  }

  @Test func `partial refunds sum to the debit at most, however many are sent at once`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let debit = try shop.debit("C1", 1000).string("/entry/entry_id")
    let answers = try shop.engine.pipeline(
      (0..<50).map {
        (
          method: "debit.refund",
          params: [
            "idempotency_key": .string("r\($0)"), "entry_id": .string(debit), "amount": 30,
          ]
        )
      })
    #expect(answers.count { $0.isResult } == 33)
    #expect(answers.count { $0.refusal == "refund_exceeds_debit" } == 17)
    #expect(try shop.balance("C1") == 990)
    let rest = try shop.refund(debit)
    #expect(rest.int("/entry/amount") == 10 && rest.int("/account/balance/available") == 1000)
    try shop.close()
  }

  @Test func `a full refund sent fifty times succeeds once`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let debit = try shop.debit("C1", 700).string("/entry/entry_id")
    for method in ["debit.refund", "entry.reverse"] {
      let answers = try shop.engine.pipeline(
        (0..<25).map {
          let key: JSONTree = .string("\(method)\($0)")
          let params: JSONTree = ["idempotency_key": key, "entry_id": .string(debit)]
          return (
            method: method,
            params: method == "entry.reverse" ? params.merging(["reason": "x"]) : params
          )
        })
      #expect(answers.count { $0.isResult } == (method == "debit.refund" ? 1 : 0))
    }
    #expect(try shop.balance("C1") == 1000)
  }

  @Test func `what is no debit is not refunded`() throws {
    let shop = try Shop(Self.program)
    let open = try shop.open("C1", topUp: 100_000).string("/entry/entry_id")
    let debit = try shop.debit("C1", 100).string("/entry/entry_id")
    let refund = try shop.refund(debit, 40).string("/entry/entry_id")
    for entry in [open, refund] { expectRefusal(try shop.refund(entry), "not_refundable") }
    expectRefusal(try shop.reverse(refund), "not_reversible")
    expectRefusal(try shop.refund("ent_0"), "not_found")
    expectRefusal(try shop.reverse("ent_0"), "not_found")
    // Partly refunded, it cannot be reversed.
    let answer = try shop.reverse(debit)
    #expect(!answer.isResult && (answer.number ?? 0) / 1000 == 4, "\(answer)")
  }

  @Test func `a reversed debit returns whole and once`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000)
    let debit = try shop.debit("C1", 10_000).string("/entry/entry_id")
    let reverse = try shop.reverse(debit)
    #expect(reverse["/entry/kind"] == "reverse" && reverse.int("/entry/amount") == 10_000)
    #expect(reverse.int("/entry/principal") == 9500 && reverse.int("/entry/bonus") == 500)
    #expect(reverse["/entry/links/reverses"] == .string(debit))
    #expect(reverse["/entry/reason"] == "misrung")
    #expect(reverse.int("/account/balance/available") == 105_000)
    expectRefusal(try shop.reverse(debit), "already_reversed")
    expectRefusal(try shop.refund(debit), "already_reversed")
    expectRefusal(try shop.refund(debit, 1), "already_reversed")
    try shop.close()
  }

  @Test func `a reversed top-up takes its bonus back`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1")
    let before = try shop.account("C1").resultText
    let topUp = try shop.topUp("C1", 50_000).string("/entry/entry_id")
    let reverse = try shop.reverse(topUp)
    #expect(reverse.int("/entry/amount") == 50_000)
    #expect(reverse.int("/entry/principal") == 50_000 && reverse.int("/entry/bonus") == 5000)
    #expect(try shop.account("C1").resultText == before)
    expectRefusal(try shop.reverse(topUp), "already_reversed")
    try shop.close()
  }

  @Test func `a top-up of which value was spent or is held is not reversed`() throws {
    let shop = try Shop(Self.program)
    let topUp = try shop.open("C1", topUp: 50_000).string("/entry/entry_id")
    let debit = try shop.debit("C1", 2000).string("/entry/entry_id")
    let hold = try shop.hold("C1", 100).string("/hold_id")
    let spent = expectRefusal(try shop.reverse(topUp), "already_spent")
    #expect(spent.detail("principal") == 1500 && spent.detail("bonus") == 500)
    expectResult(try shop.refund(debit))
    expectRefusal(try shop.reverse(topUp), "value_held")
    expectResult(try shop.release(hold))
    expectResult(try shop.reverse(topUp))
    #expect(try shop.balance("C1") == 0)
    try shop.close()
  }

  @Test func `by key an original is reversed, and account.open's key names its top-up`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000, ["idempotency_key": "open"])
    expectResult(try shop.debit("C1", 500, ["idempotency_key": "sale"]))
    func byKey(_ key: String) throws -> Answer {
      try shop.change(
        "entry.reverse", ["original_idempotency_key": .string(key), "reason": "till died"])
    }
    #expect(try byKey("sale").int("/account/balance/available") == 105_000)
    expectRefusal(try byKey("sale"), "already_reversed")
    #expect(try byKey("open").int("/account/balance/available") == 0)
    expectRefusal(try byKey("open"), "already_reversed")
    try shop.close()
  }

  @Test func `an unknown key is blocked for the original that arrives later`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000)
    let params: JSONTree = ["original_idempotency_key": "late", "reason": "customer left"]
    let reverse = expectResult(
      try shop.change("entry.reverse", params.merging(["idempotency_key": "undo"])))
    #expect(reverse["/entry"] == nil || reverse["/entry"] == .null)
    #expect(
      try shop.change("entry.reverse", params.merging(["idempotency_key": "undo"])).isReplayed)
    expectRefusal(try shop.change("entry.reverse", params), "already_reversed")
    for _ in 0..<2 {
      expectRefusal(
        try shop.debit("C1", 500, ["idempotency_key": "late"]), "original_reversed")
      try shop.crash()
    }
    expectRefusal(try shop.topUp("C1", 5, "cash", ["idempotency_key": "late"]), "original_reversed")
    #expect(try shop.balance("C1") == 1000)
    try shop.close()
  }

  @Test func `keys of requests that move no value are not reversible`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100_000, ["idempotency_key": "k-open"])
    let hold = try shop.hold("C1", 100, ["idempotency_key": "k-hold"]).string("/hold_id")
    expectResult(
      try shop.change("debit.release", ["hold_id": .string(hold)], ["idempotency_key": "k-free"]))
    let debit = try shop.debit("C1", 10).string("/entry/entry_id")
    expectResult(try shop.refund(debit, nil, ["idempotency_key": "k-refund"]))
    let cheque = try shop.topUp("C1", 50_000, "cheque").string("/entry/entry_id")
    expectResult(
      try shop.change("topup.clear", ["entry_id": .string(cheque)], ["idempotency_key": "k-clear"]))
    expectResult(try shop.card("account.freeze", "C1", ["idempotency_key": "k-freeze"]))
    expectResult(try shop.card("account.unfreeze", "C1"))
    expectResult(try shop.card("pin.set", "C1", ["pin": "1234", "idempotency_key": "k-pin"]))
    for key in ["k-hold", "k-free", "k-refund", "k-clear", "k-freeze", "k-pin"] {
      expectRefusal(
        try shop.change(
          "entry.reverse", ["original_idempotency_key": .string(key), "reason": "x"]),
        "not_reversible", "\(key)")
    }
  }

  @Test func `entries of no account`() throws {
    let shop = try Shop(Self.program)
    let list = try shop.ask("entry.list", ["kind": "program_set"])
    let entry = try #require(list["/entries/0/entry_id"]?.string)
    expectResult(try shop.ask("entry.get", ["entry_id": .string(entry)]))
    expectRefusal(try shop.reverse(entry), "not_reversible")
    expectRefusal(try shop.refund(entry), "not_refundable")
    for method in ["topup.clear", "topup.bounce"] {
      expectRefusal(try shop.change(method, ["entry_id": .string(entry)]), "not_pending")
    }
  }

  @Test func `exactly one of the two names is needed`() throws {
    let shop = try Shop()
    expectRefusal(try shop.change("entry.reverse", ["reason": "x"]), "invalid_params")
    expectRefusal(
      try shop.change(
        "entry.reverse",
        ["reason": "x", "entry_id": "ent_1", "original_idempotency_key": "a"]), "invalid_params")
  }

  @Test func `frozen and lost cards take back what belongs to them`() throws {
    let shop = try Shop(Self.program)
    for (card, method) in [("C1", "account.freeze"), ("C2", "account.report_lost")] {
      try shop.open(card, topUp: 1000)
      let ids = try (0..<2).map { _ in try shop.debit(card, 100).string("/entry/entry_id") }
      expectResult(try shop.card(method, card))
      expectResult(try shop.refund(ids[0]))
      expectResult(try shop.reverse(ids[1]))
    }
  }

  @Test func `lapsed bonus bars no reversal`() throws {
    let shop = try Shop(Self.program.setting("/topup/bonus_rules/0/expires_after_days", to: 1))
    let topUp = try shop.open("C1", topUp: 50_000).string("/entry/entry_id")
    try shop.advance(seconds: 5 * 86_400)
    let reverse = expectResult(try shop.reverse(topUp))
    #expect(reverse.int("/entry/principal") == 50_000 && reverse.int("/entry/bonus") == 0)
    #expect(reverse.int("/account/balance/available") == 0)
    try shop.close()
  }
}
