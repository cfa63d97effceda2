// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A tender that must clear first (contract §4, `topup.create`, `topup.clear`, `topup.bounce`).
@Suite struct ChequeTests {
  static let program: JSONTree = [
    "topup": [
      "pending_tenders": ["cheque"],
      "bonus_rules": [
        ["id": "r", "min_amount": 50_000, "grant": ["type": "fixed", "amount": 5000]]
      ],
    ]
  ]

  private func balance(_ answer: Answer, _ place: String = "/account/balance") -> [Int64?] {
    ["principal", "bonus", "pending", "available", "spendable"].map {
      answer.int("\(place)/\($0)")
    }
  }

  @Test func `a cheque is neither spendable nor rewarded before it clears`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1")
    let cheque = try shop.topUp("C1", 50_000, "cheque")
    #expect(balance(cheque) == [0, 0, 50_000, 0, 0])
    #expect(cheque.int("/bonus/amount") == 0)
    #expect(cheque.int("/entry/amount") == 50_000)
    #expect(cheque.int("/entry/principal") == 0 && cheque.int("/entry/bonus") == 0)
    #expect(cheque["/account/lots/0/pending"] == true)
    expectRefusal(try shop.debit("C1", 1), "insufficient_funds")
    let id: JSONTree = .string(try cheque.string("/entry/entry_id"))
    let clear = try shop.change("topup.clear", ["entry_id": id])
    #expect(balance(clear) == [50_000, 5000, 0, 55_000, 55_000])
    #expect(clear["/entry/kind"] == "topup_clear")
    #expect(clear.int("/entry/amount") == 50_000 && clear.int("/entry/bonus") == 5000)
    expectResult(try shop.debit("C1", 55_000))
    for method in ["topup.clear", "topup.bounce"] {
      expectRefusal(try shop.change(method, ["entry_id": id]), "not_pending")
    }
    try shop.close()
  }

  @Test func `after a bounce nothing of it remains`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 100)
    let id: JSONTree = .string(try shop.topUp("C1", 50_000, "cheque").string("/entry/entry_id"))
    let bounce = try shop.change("topup.bounce", ["entry_id": id])
    #expect(balance(bounce) == [100, 0, 0, 100, 100])
    #expect(bounce.int("/entry/amount") == 50_000)
    #expect(bounce.int("/entry/principal") == 0 && bounce.int("/entry/bonus") == 0)
    #expect(try shop.account("C1")["/lots"]?.elements.count == 1)
    for method in ["topup.clear", "topup.bounce"] {
      expectRefusal(try shop.change(method, ["entry_id": id]), "not_pending")
    }
    expectRefusal(try shop.reverse(id.string ?? ""), "already_reversed")
    let sheet = try shop.ask("ledger.trial_balance")
    for account in sheet["/accounts"]?.elements ?? [] where account["name"] == "uncleared:cheque" {
      #expect(account["debit"] == account["credit"])
    }
    try shop.close()
  }

  @Test func `a pending top-up reversed is a bounce`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1")
    let id = try shop.topUp("C1", 50_000, "cheque").string("/entry/entry_id")
    let reverse = try shop.reverse(id)
    #expect(balance(reverse) == [0, 0, 0, 0, 0])
    expectRefusal(
      try shop.change("topup.clear", ["entry_id": .string(id)]), "not_pending")
    expectRefusal(try shop.reverse(id), "already_reversed")
    try shop.close()
  }

  @Test func `a card may be opened by cheque`() throws {
    let shop = try Shop(Self.program)
    let open = try shop.open("C1", ["topup": ["amount": 50_000, "tender": "cheque"]])
    #expect(balance(open) == [0, 0, 50_000, 0, 0])
    let id = try open.string("/entry/entry_id")
    let clear = try shop.change("topup.clear", ["entry_id": .string(id)])
    #expect(balance(clear) == [50_000, 5000, 0, 55_000, 55_000])
  }

  @Test func `the bonus is judged when it clears, by the store of the top-up`() throws {
    func rule(_ amount: Int) -> JSONTree {
      Self.program.setting(
        "/topup/bonus_rules",
        to: [
          [
            "id": "r", "store_ids": ["S1"], "valid_from": "2026-03-03",
            "grant": ["type": "fixed", "amount": .number(amount)],
          ]
        ])
    }
    let shop = try Shop(rule(100))
    try shop.open("C1")
    let cheques = try ["S1", "S2"].map {
      try shop.topUp("C1", 50_000, "cheque", ["store_id": .string($0)]).string("/entry/entry_id")
    }
    expectResult(try shop.set(rule(200)))
    try shop.setClock("2026-03-03T02:00:00Z")
    let bonuses = try cheques.map {
      try shop.change("topup.clear", ["entry_id": .string($0), "store_id": "S2"])
        .int("/entry/bonus")
    }
    #expect(bonuses == [200, 0])
  }

  @Test func `clearing and bouncing serve cards that are frozen or lost, not closed ones`() throws {
    let shop = try Shop(Self.program)
    for (card, method) in [("C1", "account.freeze"), ("C2", "account.report_lost")] {
      try shop.open(card)
      let ids = try (0..<2).map { _ in
        try shop.topUp(card, 50_000, "cheque").string("/entry/entry_id")
      }
      expectResult(try shop.card(method, card))
      expectResult(try shop.change("topup.clear", ["entry_id": .string(ids[0])]))
      expectResult(try shop.change("topup.bounce", ["entry_id": .string(ids[1])]))
    }
  }

  @Test func `a first top-up's bonus and a cheque that is pending`() throws {
    let shop = try Shop([
      "topup": [
        "pending_tenders": ["cheque"],
        "bonus_rules": [
          ["id": "r", "first_topup_only": true, "grant": ["type": "fixed", "amount": 100]]
        ],
      ]
    ])
    try shop.open("C1")
    let cheque = try shop.topUp("C1", 500, "cheque").string("/entry/entry_id")
    // The cheque is not credited yet, so cash is the first; then the cheque is not.
    #expect(try shop.topUp("C1", 500).int("/bonus/amount") == 100)
    let clear = try shop.change("topup.clear", ["entry_id": .string(cheque)])
    #expect(clear.int("/entry/bonus") == 0)
    #expect(try shop.topUp("C1", 500).int("/bonus/amount") == 0)
  }

  @Test func `only a top-up that is pending can clear`() throws {
    let shop = try Shop(Self.program)
    let cash = try shop.open("C1", topUp: 500).string("/entry/entry_id")
    let debit = try shop.debit("C1", 5).string("/entry/entry_id")
    for method in ["topup.clear", "topup.bounce"] {
      for id in [cash, debit] {
        expectRefusal(try shop.change(method, ["entry_id": .string(id)]), "not_pending")
      }
      expectRefusal(try shop.change(method, ["entry_id": "ent_0"]), "not_found")
    }
  }
}
