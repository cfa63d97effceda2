// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Value set aside, taken, freed (contract §4, §9 Debit, refund, hold).
@Suite struct HoldTests {
  @Test func `a hold reduces what is available and moves nothing`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    let hold = try shop.hold("C1", 6000)
    #expect(hold["/entry/kind"] == "authorize" && hold.int("/entry/amount") == 6000)
    #expect(hold.int("/entry/principal") == 0 && hold.int("/entry/bonus") == 0)
    #expect(hold.int("/account/balance/principal") == 10_000)
    #expect(hold.int("/account/balance/held") == 6000)
    #expect(hold.int("/account/balance/available") == 4000)
    #expect(hold.int("/account/balance/spendable") == 4000)
    expectRefusal(try shop.debit("C1", 4001), "insufficient_funds")
    let capture = try shop.capture(hold.string("/hold_id"), 2500)
    #expect(capture["/entry/kind"] == "capture" && capture.int("/entry/amount") == 2500)
    #expect(capture.int("/account/balance/available") == 7500)
    #expect(capture.int("/account/balance/held") == 0)
    try shop.close()
  }

  @Test func `a hold ends once`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    for end in ["debit.capture", "debit.release"] {
      let hold = try shop.hold("C1", 100).string("/hold_id")
      expectResult(try shop.change(end, ["hold_id": .string(hold)]))
      expectRefusal(try shop.capture(hold), "hold_not_live")
      expectRefusal(try shop.capture(hold, 101), "hold_not_live")
      expectRefusal(try shop.release(hold), "hold_not_live")
    }
    #expect(try shop.balance("C1") == 9900)
  }

  @Test func `a capture is at most the hold`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    let hold = try shop.hold("C1", 100).string("/hold_id")
    expectRefusal(try shop.capture(hold, 101), "capture_exceeds_hold")
    let release = try shop.release(hold)
    #expect(release["/entry/kind"] == "release" && release.int("/entry/amount") == 100)
    #expect(release.int("/entry/principal") == 0)
    #expect(release.int("/account/balance/held") == 0)
  }

  @Test func `a hold frees itself at its last instant`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let hold = try shop.hold("C1", 1000, seconds: 60).string("/hold_id")
    try shop.advance(seconds: 59)
    expectRefusal(try shop.debit("C1", 1), "insufficient_funds")
    #expect(try shop.balance("C1", "held") == 1000)
    try shop.advance(seconds: 1)
    #expect(try shop.balance("C1", "held") == 0)
    #expect(try shop.balance("C1", "spendable") == 1000)
    expectRefusal(try shop.capture(hold), "hold_not_live")
    expectRefusal(try shop.release(hold), "hold_not_live")
    expectResult(try shop.debit("C1", 1000))
    try shop.close()
  }

  @Test func `a hold outlives the process, and ends in the next`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let hold = try shop.hold("C1", 600, seconds: 3600).string("/hold_id")
    try shop.crash()
    #expect(try shop.balance("C1") == 400)
    expectResult(try shop.capture(hold))
    expectResult(try shop.hold("C1", 400, seconds: 3600))
    try shop.restart()
    try shop.advance(seconds: 3600)
    #expect(try shop.balance("C1") == 400)
  }

  @Test func `a capture is refunded and reversed like a debit`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let hold = try shop.hold("C1", 600).string("/hold_id")
    let capture = try shop.capture(hold, 500).string("/entry/entry_id")
    expectResult(try shop.refund(capture, 200))
    expectRefusal(try shop.refund(capture, 301), "refund_exceeds_debit")
    #expect(try shop.balance("C1") == 700)
    let other = try shop.capture(shop.hold("C1", 100).string("/hold_id")).string("/entry/entry_id")
    expectResult(try shop.reverse(other))
    #expect(try shop.balance("C1") == 700)
    try shop.close()
  }

  @Test func `an authorization is no debit`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let entry = try shop.hold("C1", 600).string("/entry/entry_id")
    expectRefusal(try shop.refund(entry), "not_refundable")
    expectRefusal(try shop.reverse(entry), "not_reversible")
    for method in ["debit.capture", "debit.release"] {
      expectRefusal(try shop.change(method, ["hold_id": "hld_0"]), "not_found")
    }
  }

  @Test func `a capture takes the lots that were set aside`() throws {
    let shop = try Shop([
      "topup": ["bonus_rules": [["id": "r", "grant": ["type": "fixed", "amount": 100]]]]
    ])
    try shop.open("C1", topUp: 1000)
    let hold = try shop.hold("C1", 300).string("/hold_id")  // 100 bonus, 200 principal
    #expect(try shop.debit("C1", 500).int("/entry/bonus") == 0)
    let capture = try shop.capture(hold, 150)
    #expect(capture.int("/entry/bonus") == 100 && capture.int("/entry/principal") == 50)
    #expect(capture.int("/account/balance/available") == 450)
  }

  @Test func `frozen and lost cards release, and do not capture`() throws {
    let shop = try Shop()
    for (card, method, code) in [
      ("C1", "account.freeze", "account_frozen"), ("C2", "account.report_lost", "account_lost"),
    ] {
      try shop.open(card, topUp: 1000)
      let hold = try shop.hold(card, 300).string("/hold_id")
      expectResult(try shop.card(method, card))
      expectRefusal(try shop.capture(hold), code)
      expectRefusal(try shop.hold(card, 1), code)
      expectResult(try shop.release(hold))
    }
  }

  @Test func `of many pipelined debits of a hot card exactly as many succeed as it can pay`() throws
  {
    let shop = try Shop()
    try shop.open("C1", topUp: 100)
    let answers = try shop.engine.pipeline(
      (0..<1000).map {
        (
          method: "debit.create",
          params: ["idempotency_key": .string("d\($0)"), "card_no": "C1", "amount": 1]
        )
      })
    #expect(answers.count { $0.isResult } == 100)
    #expect(answers.count { $0.refusal == "insufficient_funds" } == 900)
    #expect(try shop.balance("C1") == 0)
    try shop.close()
  }
}
