// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// What rules do beside raising alerts.
@Suite struct AlertActionTests {
  @Test func `a declined attempt moves nothing, counts in no window and may be tried again`() throws
  {
    let shop = try Shop(Watch.program(Watch.large(500, "decline"), Watch.burst(2)))
    try shop.open("C1", topUp: 10_000)
    let params: JSONTree = ["card_no": "C1", "amount": 500, "idempotency_key": "k"]
    let refused = expectRefusal(try shop.ask("debit.create", params), "declined_by_rule")
    #expect(refused.detail("rule_id") == "large")
    expectRefusal(try shop.ask("debit.create", params), "declined_by_rule")
    #expect(try shop.ask("account.get", ["card_no": "C1"])["/balance/available"] == 10_000)
    #expect(try shop.spend("C1", 1) == [])
    #expect(try shop.ask("debit.create", params.merging(["amount": 499]))["/alerts"] != nil)
    let rules = try Watch.tail(shop.ledger).map { try Watch.data($0)["rule_id"]?.string }
    #expect(rules.filter { $0 == "large" }.count == 2)
    try shop.close()
  }

  @Test func `a freezing rule refuses the debit and freezes the card`() throws {
    let shop = try Shop(Watch.program(Watch.large(500, "freeze")))
    try shop.open("C1", topUp: 10_000, pin: "1234")
    expectRefusal(
      try shop.change("debit.create", ["card_no": "C1", "amount": 500, "pin": "1234"]),
      "declined_by_rule")
    expectRefusal(
      try shop.change("debit.create", ["card_no": "C1", "amount": 1, "pin": "1234"]),
      "account_frozen")
    try expectResult(shop.change("account.unfreeze", ["card_no": "C1"]))
    _ = try shop.spend("C1", 1, ["pin": "1234"])
    try shop.close()
  }

  @Test func `a card that a rule freezes while it is lost is frozen once it is replaced`() throws {
    let shop = try Shop(
      Watch.program([
        "id": "back", "kind": "amount", "on": ["refund"], "min": 5, "action": "freeze",
      ]))
    try shop.open("C1", topUp: 1000)
    let debit = try shop.change("debit.create", ["card_no": "C1", "amount": 100])
    try expectResult(shop.change("account.report_lost", ["card_no": "C1"]))
    let refund: JSONTree = ["entry_id": debit["/entry/entry_id"] ?? .null]
    for _ in 0..<2 { expectRefusal(try shop.change("debit.refund", refund), "declined_by_rule") }
    #expect(try shop.ask("account.get", ["card_no": "C1"])["/status"] == "lost")
    expectRefusal(try shop.change("account.unfreeze", ["card_no": "C1"]), "account_lost")
    try shop.restart()
    let replaced = try expectResult(
      shop.change("account.replace_card", ["card_no": "C1", "new_card_no": "C2"]))
    #expect(replaced["/account/status"] == "frozen")
    expectRefusal(
      try shop.change("debit.create", ["card_no": "C2", "amount": 1]), "account_frozen")
    let thawed = try expectResult(shop.change("account.unfreeze", ["card_no": "C2"]))
    #expect(thawed["/account/status"] == "active")
    try shop.close()
    try shop.ledger.expectSound()
  }

  @Test func `rules come last: who has not the PIN learns nothing of them`() throws {
    let shop = try Shop(Watch.program(Watch.large(1, "decline")))
    try shop.open("C1", topUp: 100, pin: "1234")
    expectRefusal(
      try shop.change("debit.create", ["card_no": "C1", "amount": 50]), "pin_required")
    expectRefusal(
      try shop.change("debit.create", ["card_no": "C1", "amount": 500, "pin": "1234"]),
      "insufficient_funds")
    expectRefusal(
      try shop.change("debit.create", ["card_no": "C1", "amount": 50, "pin": "1234"]),
      "declined_by_rule")
    try shop.close()
  }

  @Test func `a large first top-up is declined with its card`() throws {
    let shop = try Shop(
      Watch.program([
        "id": "load", "kind": "amount", "on": ["topup"], "min": 5000, "action": "decline",
      ]))
    expectRefusal(try shop.tryToOpen("C1", topUp: 5000), "declined_by_rule")
    expectRefusal(try shop.ask("account.get", ["card_no": "C1"]), "not_found")
    try shop.open("C1", topUp: 4999)
    try shop.close()
  }

  @Test func `an answer tells its alerts again when it is repeated`() throws {
    let shop = try Shop(Watch.program(Watch.large(500)))
    try shop.open("C1", topUp: 10_000)
    let params: JSONTree = ["card_no": "C1", "amount": 500, "idempotency_key": "k"]
    let first = try shop.ask("debit.create", params)
    try expectResult(shop.set(Watch.program()))
    let again = try shop.ask("debit.create", params)
    #expect(first["/alerts/0/rule_id"] == "large")
    #expect(again["/alerts"] == first["/alerts"])
    #expect(again["/replayed"] == true)
    try shop.close()
  }

  @Test func `an alert is acknowledged, and the last word stands`() throws {
    let shop = try Shop(Watch.program(Watch.large(500)))
    try shop.open("C1", topUp: 10_000)
    _ = try shop.spend("C1", 500)
    let id = try shop.ask("alert.list").string("/alerts/0/id")
    for disposition in ["test", "false_positive"] {
      try expectResult(
        shop.change(
          "alert.ack", ["alert_id": .string(id), "disposition": .string(disposition)]))
    }
    let list = try shop.ask("alert.list", ["acknowledged": true])
    #expect(list["/alerts/0/acknowledged/disposition"] == "false_positive")
    #expect(try shop.ask("alert.list", ["acknowledged": false])["/alerts"] == [])
    expectRefusal(
      try shop.change("alert.ack", ["alert_id": "alr_0", "disposition": "test"]), "not_found")
    expectInvalid(
      try shop.change("alert.ack", ["alert_id": .string(id), "disposition": "x"]), "/disposition")
    try shop.close()
  }
}
