// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// What a closed card pays out (contract §4, §9 Close).
@Suite struct ClosingTests {
  private static func program(_ method: String, bonus: Int = 100_000, _ more: JSONTree = [:])
    -> JSONTree
  {
    let rule: JSONTree = [
      "id": "r", "min_amount": 1000, "grant": ["type": "fixed", "amount": .number(bonus)],
    ]
    return [
      "topup": ["bonus_rules": [rule.merging(more)], "pending_tenders": ["cheque"]],
      "close": ["refund_method": .string(method)],
    ]
  }

  @Test(arguments: [("principal", 40_600), ("paid_ratio", 30_450), ("none", 0)])
  func `paid 300,000 with 100,000 on top, used 359,400`(method: String, payout: Int64) throws {
    let shop = try Shop(Self.program(method))
    try shop.open("C1", topUp: 300_000)
    expectResult(try shop.debit("C1", 359_400))
    let close = try shop.card("account.close", "C1")
    #expect(close.int("/payout") == payout)
    #expect(close.int("/forfeited_bonus") == 0)
    #expect(close["/account/status"] == "closed")
    #expect(close.int("/account/balance/available") == 0)
    let entry = try shop.ask("entry.list", ["card_no": "C1", "kind": "close"])
    #expect(entry.int("/entries/0/amount") == 40_600)
    #expect(entry.int("/entries/0/principal") == 40_600 && entry.int("/entries/0/bonus") == 0)
    try shop.close()
  }

  @Test func `the used share is rounded up, and what was given back does not count`() throws {
    let shop = try Shop(Self.program("paid_ratio", bonus: 500))
    try shop.open("C1", topUp: 1000)
    let debit = try shop.debit("C1", 100).string("/entry/entry_id")
    expectResult(try shop.refund(debit, 50))
    // 1000 − ceil(50 × 1000 ÷ 1500) = 1000 − 34
    let close = try shop.card("account.close", "C1")
    #expect(close.int("/payout") == 966)
    try shop.close()
  }

  @Test func `paid_ratio may pay more than the principal left`() throws {
    let shop = try Shop(
      Self.program("paid_ratio", bonus: 1000).setting("/debit/order", to: "principal_first"))
    try shop.open("C1", topUp: 1000)
    expectResult(try shop.debit("C1", 1000))
    let close = try shop.card("account.close", "C1")
    #expect(close.int("/payout") == 500 && close.int("/forfeited_bonus") == 1000)
    try shop.close()
  }

  @Test func `paid and granted are those of top-ups that stand, lapsed bonus included`() throws {
    let shop = try Shop(Self.program("paid_ratio", bonus: 500, ["expires_after_days": 1]))
    try shop.open("C1", topUp: 1000)
    let second = try shop.topUp("C1", 2000).string("/entry/entry_id")
    expectResult(try shop.reverse(second))
    try shop.advance(seconds: 5 * 86_400)
    expectResult(try shop.debit("C1", 300))
    // 1000 − ceil(300 × 1000 ÷ 1500)
    #expect(try shop.card("account.close", "C1").int("/payout") == 800)
    try shop.close()
  }

  @Test func `under principal the bonus left is forfeited and never becomes cash`() throws {
    let shop = try Shop(Self.program("principal", bonus: 500))
    try shop.open("C1", topUp: 1000)
    let close = try shop.card("account.close", "C1")
    #expect(close.int("/payout") == 1000 && close.int("/forfeited_bonus") == 500)
    let sheet = try shop.ask("ledger.trial_balance")
    let payouts = sheet["/accounts"]?.elements.first { $0["name"] == "payouts" }
    let net = (payouts?["debit"]?.integer ?? 0) - (payouts?["credit"]?.integer ?? 0)
    #expect(abs(net) == 1000)
    try shop.close()
  }

  @Test func `holds and pending top-ups bar closing, holds first`() throws {
    let shop = try Shop(Self.program("principal"))
    try shop.open("C1", topUp: 500)
    let cheque = try shop.topUp("C1", 500, "cheque").string("/entry/entry_id")
    let hold = try shop.hold("C1", 100).string("/hold_id")
    expectRefusal(try shop.card("account.close", "C1"), "holds_open")
    expectResult(try shop.release(hold))
    expectRefusal(try shop.card("account.close", "C1"), "topup_pending")
    expectResult(try shop.change("topup.bounce", ["entry_id": .string(cheque)]))
    expectResult(try shop.card("account.close", "C1"))
  }

  @Test func `a hold that has run out does not bar closing`() throws {
    let shop = try Shop(Self.program("principal"))
    try shop.open("C1", topUp: 500)
    expectResult(try shop.hold("C1", 100, seconds: 60))
    try shop.advance(seconds: 60)
    #expect(try shop.card("account.close", "C1").int("/payout") == 500)
  }

  @Test func `a card without value closes for nothing`() throws {
    let shop = try Shop(Self.program("paid_ratio"))
    try shop.open("C1")
    let close = try shop.card("account.close", "C1")
    #expect(close.int("/payout") == 0 && close.int("/forfeited_bonus") == 0)
    try shop.close()
  }

  @Test func `a closed card refuses all but reads`() throws {
    let shop = try Shop(Self.program("principal"))
    try shop.open("C1", topUp: 1000)
    let debit = try shop.debit("C1", 10).string("/entry/entry_id")
    let cheque = try shop.topUp("C1", 5, "cheque").string("/entry/entry_id")
    expectResult(try shop.change("topup.bounce", ["entry_id": .string(cheque)]))
    expectResult(try shop.card("account.close", "C1"))
    let refused = [
      try shop.topUp("C1", 5), try shop.debit("C1", 5), try shop.hold("C1", 5),
      try shop.refund(debit), try shop.reverse(debit),
      try shop.change("topup.clear", ["entry_id": .string(cheque)]),
      try shop.card("account.freeze", "C1"), try shop.card("account.unfreeze", "C1"),
      try shop.card("account.report_lost", "C1"), try shop.card("account.close", "C1"),
      try shop.card("account.replace_card", "C1", ["new_card_no": "C2"]),
      try shop.card("pin.set", "C1", ["pin": "1234"]),
      try shop.card("pin.verify", "C1", ["pin": "1234"]),
      try shop.card("pin.change", "C1", ["current_pin": "1234", "new_pin": "4321"]),
      try shop.card("pin.reset", "C1", ["new_pin": "1234", "proof": "passport"]),
    ]
    for answer in refused { expectRefusal(answer, "account_closed") }
    #expect(try shop.account("C1")["/status"] == "closed")
    #expect(try shop.ask("account.statement", ["card_no": "C1"]).isResult)
    expectRefusal(try shop.tryToOpen("C1"), "card_in_use")
  }
}
