// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Each method on cards of each status, and each with what does not exist (contract §2, §9).
@Suite struct RefusalTableTests {
  /// One request on a card or on something of the card's, and whether it must be active.
  private struct Request {
    let method: String
    let params: JSONTree
    /// What a frozen or lost card refuses.
    let needsActive: Bool
  }

  private static let program: JSONTree = ["topup": ["pending_tenders": ["cheque"]]]

  /// Every method that concerns a card, with something of the card's for those that need it.
  private func requests(_ shop: Shop, _ card: String) throws -> [Request] {
    let debits = try (0..<2).map { _ in try shop.debit(card, 10).string("/entry/entry_id") }
    let holds = try (0..<2).map { _ in try shop.hold(card, 10).string("/hold_id") }
    let cheques = try (0..<2).map { _ in
      try shop.topUp(card, 10, "cheque").string("/entry/entry_id")
    }
    let own: JSONTree = ["card_no": .string(card)]
    func entry(_ id: String) -> JSONTree { ["entry_id": .string(id)] }
    func active(_ method: String, _ params: JSONTree) -> Request {
      Request(method: method, params: params, needsActive: true)
    }
    func any(_ method: String, _ params: JSONTree) -> Request {
      Request(method: method, params: params, needsActive: false)
    }
    return [
      active("topup.create", own.merging(["amount": 10, "tender": "cash"])),
      active("debit.create", own.merging(["amount": 10])),
      active("debit.authorize", own.merging(["amount": 10, "expires_in": 60])),
      active("debit.capture", ["hold_id": .string(holds[0])]),
      active("pin.set", own.merging(["pin": "1234"])),
      active("pin.verify", own.merging(["pin": "1234"])),
      active("pin.change", own.merging(["current_pin": "1234", "new_pin": "1111"])),
      active("pin.reset", own.merging(["new_pin": "1234", "proof": "passport"])),
      active("account.close", own),
      any("debit.release", ["hold_id": .string(holds[1])]),
      any("debit.refund", entry(debits[0])),
      any("entry.reverse", entry(debits[1]).merging(["reason": "x"])),
      any("topup.clear", entry(cheques[0])), any("topup.bounce", entry(cheques[1])),
    ]
  }

  @Test func `frozen and lost cards give nothing out and take back what is theirs`() throws {
    let shop = try Shop(Self.program)
    for (card, method, code) in [
      ("C1", "account.freeze", "account_frozen"), ("C2", "account.report_lost", "account_lost"),
    ] {
      try shop.open(card, topUp: 1000)
      let requests = try requests(shop, card)
      expectResult(try shop.card(method, card))
      #expect(try shop.balance(card, "spendable") == 0)
      for request in requests {
        let answer = try shop.change(request.method, request.params)
        if request.needsActive {
          expectRefusal(answer, code, "\(request.method)")
        } else {
          expectResult(answer, "\(request.method) on a card that is \(code)")
        }
      }
      expectResult(try shop.account(card))
      expectResult(try shop.ask("topup.quote", ["card_no": .string(card), "amount": 5]))
      expectResult(try shop.ask("account.statement", ["card_no": .string(card)]))
    }
    try shop.close()
  }

  @Test func `a closed card refuses every mutation`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000)
    let debit = try shop.debit("C1", 10).string("/entry/entry_id")
    let hold = try shop.hold("C1", 10).string("/hold_id")
    expectResult(try shop.release(hold))
    expectResult(try shop.card("account.close", "C1"))
    for (method, params) in [
      ("debit.release", ["hold_id": .string(hold)]), ("debit.capture", ["hold_id": .string(hold)]),
      ("debit.refund", ["entry_id": .string(debit)]),
      ("entry.reverse", ["entry_id": .string(debit), "reason": "x"]),
      ("account.freeze", ["card_no": "C1"]), ("account.unfreeze", ["card_no": "C1"]),
      ("account.report_lost", ["card_no": "C1"]),
      ("account.replace_card", ["card_no": "C1", "new_card_no": "C2"]),
    ] as [(String, JSONTree)] {
      expectRefusal(try shop.change(method, params), "account_closed", "\(method)")
    }
  }

  @Test func `the life of a card's status`() throws {
    let shop = try Shop()
    for card in ["F", "L", "A"] { try shop.open(card, topUp: 100) }
    #expect(try shop.card("account.freeze", "F")["/account/status"] == "frozen")
    #expect(try shop.card("account.report_lost", "L")["/account/status"] == "lost")
    for (method, card, code) in [
      ("account.freeze", "F", "account_frozen"), ("account.report_lost", "F", "account_frozen"),
      ("account.freeze", "L", "account_lost"), ("account.report_lost", "L", "account_lost"),
      ("account.unfreeze", "L", "account_lost"), ("account.unfreeze", "A", "not_frozen"),
      ("account.close", "F", "account_frozen"), ("account.close", "L", "account_lost"),
    ] {
      expectRefusal(try shop.card(method, card), code, "\(method) \(card)")
    }
    expectRefusal(
      try shop.card("account.replace_card", "F", ["new_card_no": "F2"]), "account_frozen")
    #expect(try shop.card("account.unfreeze", "F")["/account/status"] == "active")
    expectResult(try shop.debit("F", 5))
    expectRefusal(try shop.card("account.unfreeze", "F"), "not_frozen")
  }

  @Test func `a replaced card keeps everything but its number`() throws {
    let shop = try Shop()
    let open = try shop.open("C1", topUp: 1000, pin: "1234", ["level": "gold"])
    expectResult(try shop.card("account.report_lost", "C1"))
    let moved = try shop.card("account.replace_card", "C1", ["new_card_no": "C2"])
    #expect(moved["/account/status"] == "active" && moved["/account/card_no"] == "C2")
    #expect(moved["/account/account_id"] == open["/account/account_id"])
    #expect(moved["/account/balance"] == open["/account/balance"])
    #expect(moved["/account/level"] == "gold")
    expectResult(try shop.debit("C2", 5, pin: "1234"))
    // The old number is not found for ever and never issued again.
    expectRefusal(try shop.account("C1"), "not_found")
    expectRefusal(try shop.debit("C1", 5, pin: "1234"), "not_found")
    expectRefusal(try shop.tryToOpen("C1"), "card_in_use")
    try shop.open("C5")
    for number in ["C1", "C2", "C5"] {
      expectRefusal(
        try shop.card("account.replace_card", "C2", ["new_card_no": .string(number)]), "card_in_use"
      )
    }
    // An active card may be replaced too.
    expectResult(
      try shop.card("account.replace_card", "C2", ["new_card_no": "C3", "new_pin": "9876"]))
    expectRefusal(try shop.debit("C3", 5, pin: "1234"), "pin_incorrect")
    expectResult(try shop.debit("C3", 5, pin: "9876"))
    try shop.crash()
    expectRefusal(try shop.account("C1"), "not_found")
    expectRefusal(try shop.tryToOpen("C2"), "card_in_use")
    try shop.close()
  }

  @Test func `lost cards may be forfeit`() throws {
    let shop = try Shop(["card": ["lost_card": "forfeit"]])
    try shop.open("C1", topUp: 1000)
    try shop.open("C2")
    expectResult(try shop.card("account.report_lost", "C1"))
    for number in ["C3", "C2"] {
      let answer = try shop.card("account.replace_card", "C1", ["new_card_no": .string(number)])
      expectRefusal(answer, "lost_card_forfeit")
    }
    expectResult(try shop.card("account.replace_card", "C2", ["new_card_no": "C4"]))
  }

  @Test func `opening refuses in its order`() throws {
    let shop = try Shop(["first_day": ["gate_basis_points": 5000], "topup": ["max": 500]])
    try shop.open("C1")
    let bad: JSONTree = ["same_day_spend": 1000]
    expectRefusal(try shop.tryToOpen("C1", topUp: 501, pin: "12", bad), "pin_format")
    expectRefusal(try shop.tryToOpen("C1", topUp: 501, bad), "card_in_use")
    expectRefusal(try shop.tryToOpen("C2", topUp: 501, bad), "purchase_gate")
    expectRefusal(try shop.tryToOpen("C2", topUp: 501), "limit_exceeded")
    expectRefusal(try shop.account("C2"), "not_found")
    expectResult(try shop.tryToOpen("C2", topUp: 500))
  }

  @Test func `what does not exist is not found`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 100)
    let none: [JSONTree] = [["card_no": "C2"], ["account_id": "acc_0000"], ["account_id": "C1"]]
    for name in none {
      for (method, more) in [
        ("account.get", [:]), ("account.statement", [:]), ("topup.quote", ["amount": 5]),
      ] as [(String, JSONTree)] {
        expectRefusal(try shop.ask(method, name.merging(more)), "not_found", "\(method)")
      }
      for (method, more) in [
        ("debit.create", ["amount": 5]), ("topup.create", ["amount": 5, "tender": "cash"]),
        ("debit.authorize", ["amount": 5, "expires_in": 5]), ("account.freeze", [:]),
        ("account.unfreeze", [:]), ("account.report_lost", [:]), ("account.close", [:]),
        ("account.replace_card", ["new_card_no": "C9"]), ("pin.set", ["pin": "1234"]),
        ("pin.verify", ["pin": "1234"]), ("pin.reset", ["new_pin": "1234", "proof": "x"]),
        ("pin.change", ["current_pin": "1234", "new_pin": "1111"]),
      ] as [(String, JSONTree)] {
        expectRefusal(try shop.change(method, name.merging(more)), "not_found", "\(method)")
      }
    }
    for id in ["ent_0", "ent_99999999", "nonsense", "hld_1"] {
      let entry: JSONTree = ["entry_id": .string(id)]
      expectRefusal(try shop.ask("entry.get", entry), "not_found", field: "/entry_id")
      for method in ["debit.refund", "topup.clear", "topup.bounce", "entry.reverse"] {
        let more: JSONTree = method == "entry.reverse" ? ["reason": "x"] : [:]
        expectRefusal(try shop.change(method, entry.merging(more)), "not_found")
      }
      for method in ["debit.capture", "debit.release"] {
        expectRefusal(try shop.change(method, ["hold_id": .string(id)]), "not_found")
      }
    }
    expectRefusal(
      try shop.ask("entry.lookup", ["original_idempotency_key": "nobody's"]), "not_found")
    #expect(try shop.ask("account.find", ["card_no": "C2"])["/accounts"] == [])
  }

  @Test func `a card number is used once, whatever its case`() throws {
    let shop = try Shop()
    try shop.open("c1")
    expectRefusal(try shop.tryToOpen("c1"), "card_in_use", field: "/card_no")
    expectResult(try shop.tryToOpen("C1"))
    for number in ["", " ", "a b", "\u{5361}", String(repeating: "9", count: 65), "a\u{0}"] {
      expectInvalid(try shop.tryToOpen(number), "/card_no")
    }
    expectResult(try shop.tryToOpen(String(repeating: "9", count: 64)))
  }
}
