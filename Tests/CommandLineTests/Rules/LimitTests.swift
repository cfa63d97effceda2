// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Limits of top-ups, balances and debits (contract §9, Limits).
@Suite struct LimitTests {
  @Test func `a top-up outside its bounds is refused, at opening too`() throws {
    let shop = try Shop(["topup": ["min": 100, "max": 500]])
    try shop.open("C1")
    for (amount, isFine) in [(99, false), (100, true), (500, true), (501, false)] {
      let answers = [try shop.topUp("C1", amount), try shop.tryToOpen("D\(amount)", topUp: amount)]
      for answer in answers {
        if isFine { expectResult(answer) } else { expectRefusal(answer, "limit_exceeded") }
      }
    }
    expectRefusal(try shop.account("D99"), "not_found")
  }

  @Test func `a card holds at most its balance, bonus and pending included`() throws {
    let shop = try Shop([
      "card": ["max_balance": 1000],
      "topup": [
        "pending_tenders": ["cheque"],
        "bonus_rules": [
          ["id": "r", "min_amount": 500, "grant": ["type": "fixed", "amount": 100]]
        ],
      ],
    ])
    try shop.open("C1")
    expectRefusal(try shop.topUp("C1", 901), "limit_exceeded")
    expectResult(try shop.topUp("C1", 600))  // 600 and 100
    expectRefusal(try shop.topUp("C1", 301), "limit_exceeded")
    expectResult(try shop.topUp("C1", 200, "cheque"))  // 900
    expectRefusal(try shop.topUp("C1", 101), "limit_exceeded")
    expectResult(try shop.topUp("C1", 100))
    expectRefusal(try shop.topUp("C1", 1), "limit_exceeded")
    expectResult(try shop.debit("C1", 1))
    expectResult(try shop.topUp("C1", 1))
    // A pending one counts without the bonus it may bring.
    try shop.open("C2")
    expectResult(try shop.topUp("C2", 1000, "cheque"))
    expectRefusal(try shop.tryToOpen("C3", topUp: 901), "limit_exceeded")
    try shop.close()
  }

  @Test func `an unregistered card has its own bound where one is set`() throws {
    let shop = try Shop(["card": ["max_balance": 1000, "max_balance_unregistered": 300]])
    try shop.open("C1", ["registered": true])
    try shop.open("C2", ["registered": false])
    try shop.open("C3")
    expectResult(try shop.topUp("C1", 1000))
    for card in ["C2", "C3"] {
      expectRefusal(try shop.topUp(card, 301), "limit_exceeded")
      expectResult(try shop.topUp(card, 300))
    }
    #expect(try shop.account("C1")["/registered"] == true)
    #expect(try shop.account("C3")["/registered"] == false)
    expectResult(try shop.set(["card": ["max_balance": 1000]]))
    expectResult(try shop.topUp("C3", 700))
  }

  @Test func `one debit is bounded, and what is spendable knows it`() throws {
    let shop = try Shop(["debit": ["max": 500]])
    try shop.open("C1", topUp: 1000)
    #expect(try shop.balance("C1", "spendable") == 500)
    expectRefusal(try shop.debit("C1", 501), "limit_exceeded")
    expectRefusal(try shop.hold("C1", 501), "limit_exceeded")
    expectResult(try shop.debit("C1", 500))
    #expect(try shop.debit("C1", 700, ["allow_partial": true]).int("/entry/amount") == 500)
  }

  @Test func `a day's debits are bounded, live holds included`() throws {
    let shop = try Shop(["debit": ["daily_max": 500]])
    try shop.open("C1", topUp: 10_000)
    let first = try shop.debit("C1", 300).string("/entry/entry_id")
    #expect(try shop.balance("C1", "spendable") == 200)
    let hold = try shop.hold("C1", 150).string("/hold_id")
    expectRefusal(try shop.debit("C1", 51), "limit_exceeded")
    expectResult(try shop.debit("C1", 50))
    expectRefusal(try shop.hold("C1", 1), "limit_exceeded")
    // A capture is not judged again, and its rest is free again.
    expectResult(try shop.capture(hold, 100))
    expectResult(try shop.debit("C1", 50))
    expectRefusal(try shop.debit("C1", 1), "limit_exceeded")
    expectResult(try shop.refund(first, 20))
    expectRefusal(try shop.debit("C1", 21), "limit_exceeded")
    #expect(try shop.debit("C1", 9999, ["allow_partial": true]).int("/entry/amount") == 20)
    try shop.setClock("2026-03-02T16:00:00Z")
    expectResult(try shop.debit("C1", 500))
    expectRefusal(try shop.debit("C1", 1), "limit_exceeded")
    // What is given back of yesterday's makes no room today.
    expectResult(try shop.refund(first, 280))
    expectRefusal(try shop.debit("C1", 1), "limit_exceeded")
  }

  @Test func `a hold of yesterday's counts today while it lives`() throws {
    let shop = try Shop(["debit": ["daily_max": 500]])
    try shop.open("C1", topUp: 10_000)
    let hold = try shop.hold("C1", 400, seconds: 7 * 86_400).string("/hold_id")
    try shop.advance(seconds: 86_400)
    expectRefusal(try shop.debit("C1", 101), "limit_exceeded")
    expectResult(try shop.debit("C1", 100))
    // Captured today it is of today.
    expectResult(try shop.capture(hold, 300))
    expectRefusal(try shop.debit("C1", 101), "limit_exceeded")
    expectResult(try shop.debit("C1", 100))
  }

  @Test func `a bonus that clears is granted even above the card's balance`() throws {
    // A pending top-up was judged without the bonus it may bring, and is not judged again.
    let shop = try Shop([
      "card": ["max_balance": 1000],
      "topup": [
        "pending_tenders": ["cheque"],
        "bonus_rules": [["id": "r", "grant": ["type": "fixed", "amount": 100]]],
      ],
    ])
    try shop.open("C1")
    let cheque = try shop.topUp("C1", 1000, "cheque").string("/entry/entry_id")
    let clear = expectResult(try shop.change("topup.clear", ["entry_id": .string(cheque)]))
    #expect(clear.int("/account/balance/available") == 1100)
  }

  @Test func `a card's ceiling under the preset for single-purpose cards`() throws {
    let shop = try Shop(["preset": "cn-single-purpose"])
    // 5,000 yuan on a card in a name, 1,000 on another.
    let named: JSONTree = [
      "registered": true, "holder": ["name": "\u{674E}\u{96F7}", "phone": "1", "document_no": "2"],
    ]
    expectRefusal(try shop.tryToOpen("C1", topUp: 500_001, named), "limit_exceeded")
    expectResult(try shop.tryToOpen("C1", topUp: 500_000, named))
    expectRefusal(try shop.tryToOpen("C2", topUp: 100_001), "limit_exceeded")
    expectResult(try shop.tryToOpen("C2", topUp: 100_000))
    // A preset may ask for a holder.
    let nameless = try shop.tryToOpen("C3", ["registered": true])
    #expect(!nameless.isResult && nameless.number ?? 0 > 0, "\(nameless)")
    expectRefusal(try shop.account("C3"), "not_found")
  }

  @Test func `without a preset a registered card needs no holder`() throws {
    let shop = try Shop()
    expectResult(try shop.tryToOpen("C1", ["registered": true]))
  }

  @Test func `nothing spendable is answered by the code of the whole amount`() throws {
    let shop = try Shop(["debit": ["max": 500, "daily_max": 600]])
    try shop.open("C1", topUp: 600)
    let partial: JSONTree = ["allow_partial": true]
    expectResult(try shop.debit("C1", 500))
    expectResult(try shop.debit("C1", 100))
    expectRefusal(try shop.debit("C1", 50, partial), "limit_exceeded")
    try shop.setClock("2026-03-02T16:00:00Z")
    expectRefusal(try shop.debit("C1", 50, partial), "insufficient_funds")
    expectRefusal(try shop.debit("C1", 501, partial), "limit_exceeded")
  }

  @Test func `a neutral program limits nothing`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1_000_000_000_000)
    expectResult(try shop.debit("C1", 999_999_999_999))
    #expect(try shop.account("C1")["/first_day"] == .null)
  }
}
