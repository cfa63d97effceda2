// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Program
import StoredValue
import Testing

struct MeaningTests {
  @Test(arguments: ["{}", "{\"topup\":{},\"debit\":{},\"first_day\":{},\"pin\":{},\"card\":{}}"])
  func `members left out have the neutral defaults`(_ text: String) throws {
    let program = try decode(text)
    #expect(program.storedValue == StoredValueRules())
    #expect(program.preset == nil)
  }

  @Test func `the neutral program is the empty document`() throws {
    #expect(try decode("{}") == .neutral)
    #expect(Program.neutral.storedValue.pin.lockSeconds == 1800)
    #expect(Program.neutral.storedValue.pin.maximumAttempts == 5)
    #expect(Program.neutral.storedValue.topUp.combination == .best)
    #expect(Program.neutral.storedValue.debit.order == .bonusFirst)
    #expect(Program.neutral.storedValue.close.method == .principal)
    #expect(Program.neutral.storedValue.card.lostCard == .replace)
  }

  @Test func `every member reaches its rule`() throws {
    var rules = StoredValueRules()
    rules.topUp.minimum = Amount(200)
    rules.topUp.maximum = Amount(90_000_000)
    rules.topUp.pendingTenders = ["cheque", "支票"]
    rules.topUp.combination = .all
    var first = BonusRule(id: "r500", grant: .fixed(Amount(5000)))
    first.minimum = Amount(50_000)
    first.maximum = Amount(99_999)
    first.firstTopUpOnly = true
    first.oncePerAccount = true
    first.validFrom = BusinessDate(text: "2026-01-01")
    first.validUntil = BusinessDate(text: "2026-12-31")
    first.weekdays = [6, 7]
    first.stores = ["S1", "二店"]
    first.levels = ["gold"]
    first.release = BasisPoints(1000)
    first.expiresAfterDays = 90
    rules.topUp.bonusRules = [
      first, BonusRule(id: "per", grant: .per(every: Amount(50_000), amount: Amount(4000))),
      BonusRule(id: "rate", grant: .rate(BasisPoints(1000), maximum: Amount(20_000))),
      BonusRule(id: "open", grant: .rate(BasisPoints(500), maximum: nil)),
    ]
    rules.debit.order = .proportional
    rules.debit.pinFreeLimit = Amount(3000)
    rules.debit.maximum = Amount(400_000)
    rules.debit.dailyMaximum = Amount(800_000)
    rules.firstDay.cap = BasisPoints(6000)
    rules.firstDay.gate = BasisPoints(5000)
    rules.pin.required = true
    rules.pin.minimumLength = 6
    rules.pin.maximumLength = 8
    rules.pin.maximumAttempts = 3
    rules.pin.lockSeconds = 600
    rules.pin.hardening = .scrypt
    rules.card.maximumBalance = Amount(95_000_000)
    rules.card.maximumBalanceUnregistered = Amount(100_000)
    rules.card.lostCard = .forfeit
    rules.close.method = .paidRatio
    #expect(try decode(everything).storedValue == rules)
  }

  @Test func `a lock without an end is not the default lock`() throws {
    #expect(try decode(#"{"pin":{"lock_seconds":null}}"#).storedValue.pin.lockSeconds == nil)
    #expect(try decode(#"{"pin":{"lock_seconds":1}}"#).storedValue.pin.lockSeconds == 1)
    #expect(try decode(#"{"pin":{}}"#).storedValue.pin.lockSeconds == 1800)
  }

  @Test(arguments: BonusCombination.allCases)
  func `each combination is read`(_ combination: BonusCombination) throws {
    let program = try decode(#"{"topup":{"bonus_combination":"\#(combination.rawValue)"}}"#)
    #expect(program.storedValue.topUp.combination == combination)
  }

  @Test(arguments: DebitOrder.allCases) func `each debit order is read`(_ order: DebitOrder) throws
  {
    let program = try decode(#"{"debit":{"order":"\#(order.rawValue)"}}"#)
    #expect(program.storedValue.debit.order == order)
  }

  @Test(arguments: CloseRules.RefundMethod.allCases)
  func `each refund method is read`(_ method: CloseRules.RefundMethod) throws {
    let program = try decode(#"{"close":{"refund_method":"\#(method.rawValue)"}}"#)
    #expect(program.storedValue.close.method == method)
  }

  @Test func `order and escapes in lists are kept`() throws {
    let program = try decode(
      withRule(
        #""weekdays":[7,1],"store_ids":["b","\u0061"]"#, topUp: #""pending_tenders":["z","y"]"#))
    let rule = try #require(program.storedValue.topUp.bonusRules.first)
    #expect(rule.weekdays == [7, 1])
    #expect(rule.stores == ["b", "a"])
    #expect(program.storedValue.topUp.pendingTenders == ["z", "y"])
  }
}
