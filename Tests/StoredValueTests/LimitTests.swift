// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// The limits of top-ups and debits: each at its edge.
@Suite struct LimitTests {
  @Test(
    arguments: [(99, "topup.min", "least", 100), (501, "topup.max", "allowed", 500)]
      as [(Int64, String, String, Int64)])
  func `a top-up outside its bounds is refused, naming the limit`(
    amount: Int64, limit: String, name: String, bound: Int64
  ) throws {
    var till = try Till(
      rules: .with {
        $0.topUp.minimum = Amount(100)
        $0.topUp.maximum = Amount(500)
      })
    let card = try till.card()
    let refusal = try till.topUp(card, amount).refusal
    #expect(refusal.code == .limitExceeded)
    #expect(refusal.field == "/amount")
    #expect(refusal.text("limit") == limit)
    #expect(refusal.number(name) == bound)
    #expect(refusal.number("requested") == amount)
    #expect(try till.topUp(card, 100).code == nil)
    #expect(try till.topUp(card, 500).code == nil)
    let opening = try till.open("1002", topUp: amount).refusal
    #expect(opening.code == .limitExceeded)
    #expect(opening.field == "/topup/amount")
    #expect(till.accounts.count == 1)
  }

  @Test func `the balance limit counts principal, bonus, what is pending and the new bonus`()
    throws
  {
    var rules = StoredValueRules.bonus(.fixed("r", from: 1_000, 100))
    rules.card.maximumBalance = Amount(5_000)
    rules.topUp.pendingTenders = ["cheque"]
    var till = try Till(rules: rules)
    let card = try till.card(topUp: 1_000)
    _ = try till.topUp(card, 1_000, tender: "cheque").entry
    // 2,100 stand; 2,800 with a bonus of 100 would make 5,000.
    let refusal = try till.topUp(card, 2_801).refusal
    #expect(refusal.code == .limitExceeded)
    #expect(refusal.text("limit") == "card.max_balance")
    #expect(refusal.number("allowed") == 2_900)
    #expect(try till.topUp(card, 2_901, tender: "cheque").code == .limitExceeded)
    #expect(try till.topUp(card, 2_800).code == nil)
    #expect(try till.topUp(card, 1).code == .limitExceeded)
    _ = try till.debit(card, 1).entry
    #expect(try till.topUp(card, 1).code == nil)
  }

  @Test func `a pending top-up counts without its bonus, and its clearing is not judged`() throws {
    var rules = StoredValueRules.bonus(.fixed("r", 100))
    rules.card.maximumBalance = Amount(1_000)
    rules.topUp.pendingTenders = ["cheque"]
    var till = try Till(rules: rules)
    let card = try till.card()
    #expect(try till.topUp(card, 1_001, tender: "cheque").code == .limitExceeded)
    let cheque = try till.topUp(card, 1_000, tender: "cheque").entry
    _ = try till.clear(card, cheque).entry
    #expect(try till.view(card).available == Amount(1_100))
  }

  @Test func `an unregistered card has its own balance limit where one is set`() throws {
    var till = try Till(
      rules: .with {
        $0.card.maximumBalance = Amount(5_000)
        $0.card.maximumBalanceUnregistered = Amount(1_000)
      })
    let plain = try till.card("1001")
    #expect(try till.topUp(plain, 1_001).refusal.text("limit") == "card.max_balance_unregistered")
    #expect(try till.topUp(plain, 1_000).code == nil)
    let registered = try till.card("1002", registered: true)
    #expect(try till.topUp(registered, 5_000).code == nil)
    #expect(try till.topUp(registered, 1).refusal.text("limit") == "card.max_balance")
    till.rules.card.maximumBalanceUnregistered = nil
    #expect(try till.topUp(plain, 4_000).code == nil)
    #expect(try till.topUp(plain, 1).refusal.text("limit") == "card.max_balance")
  }

  @Test func `what has lapsed or was given up makes room under the balance limit`() throws {
    var rules = StoredValueRules.bonus(BonusRule.fixed("r", 500).with { $0.expiresAfterDays = 0 })
    rules.card.maximumBalance = Amount(1_500)
    var till = try Till(rules: rules)
    let card = try till.card(topUp: 1_000)
    till.rules.topUp.bonusRules = []
    #expect(try till.topUp(card, 1).code == .limitExceeded)
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.topUp(card, 501).code == .limitExceeded)
    let entry = try till.topUp(card, 500).entry
    _ = try till.reverse(card, entry).entry
    #expect(try till.topUp(card, 500).code == nil)
  }

  @Test func `every limit a top-up breaks is named, in the order they are judged`() throws {
    var till = try Till(
      rules: .with {
        $0.topUp.minimum = Amount(100)
        $0.topUp.maximum = Amount(50)
        $0.card.maximumBalance = Amount(10)
      })
    let card = try till.card()
    let broken = try till.account(card).limits(Amount(70), bonus: .accountCeiling, in: till.context)
    #expect(
      broken.map { $0.text("limit") } == [
        "topup.min", "topup.max", "card.max_balance", "account_ceiling",
      ])
    #expect(try till.account(card).limits(Amount(70), bonus: .zero, in: till.context).count == 3)
  }

  @Test func `the account ceiling counts all that was ever granted, to the unit`() throws {
    var till = try Till()
    let card = try till.card()
    let room = Amount.accountCeiling - Amount(5)
    #expect(try till.account(card).limits(Amount(5), bonus: room, in: till.context).isEmpty)
    #expect(try till.account(card).limits(Amount(6), bonus: room, in: till.context).count == 1)
    _ = try till.topUp(card, 3).entry
    #expect(try till.account(card).limits(Amount(2), bonus: room, in: till.context).isEmpty)
    let refusal = try till.account(card).limits(Amount(3), bonus: room, in: till.context)[0]
    #expect(refusal.number("allowed") == Amount.accountCeiling.minorUnits - 3)
  }

  @Test func `a debit above the most of one debit is refused`() throws {
    var till = try Till(rules: .with { $0.debit.maximum = Amount(500) })
    let card = try till.card(topUp: 10_000)
    let refusal = try till.debit(card, 501).refusal
    #expect(refusal.code == .limitExceeded)
    #expect(refusal.text("limit") == "debit.max")
    #expect(refusal.number("allowed") == 500)
    #expect(try till.authorize(card, 501).code == .limitExceeded)
    #expect(try till.debit(card, 500).code == nil)
    #expect(try till.view(card).spendable == Amount(500))
  }

  @Test func `the daily limit counts debits, captures and live holds, less what came back`()
    throws
  {
    var till = try Till(rules: .with { $0.debit.dailyMaximum = Amount(1_000) })
    let card = try till.card(topUp: 10_000)
    let debit = try till.debit(card, 400).entry
    let hold = try till.hold(card, 300)
    let refusal = try till.debit(card, 301).refusal
    #expect(refusal.text("limit") == "debit.daily_max")
    #expect(refusal.number("allowed") == 300)
    #expect(try till.view(card).spendable == Amount(300))
    _ = try till.capture(card, hold, 100).entry
    #expect(try till.view(card).spendable == Amount(500))
    _ = try till.refund(card, debit, 150).entry
    #expect(try till.view(card).spendable == Amount(650))
    _ = try till.debit(card, 650).entry
    #expect(try till.debit(card, 1).code == .limitExceeded)
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.view(card).spendable == Amount(1_000))
    #expect(try till.debit(card, 1_000).code == nil)
  }

  @Test func `a refund of an earlier day gives no room today`() throws {
    var till = try Till(rules: .with { $0.debit.dailyMaximum = Amount(1_000) })
    let card = try till.card(topUp: 10_000)
    let yesterday = try till.debit(card, 1_000).entry
    till.now = till.start(ofDayAfter: 1)
    let today = try till.debit(card, 600).entry
    _ = try till.refund(card, yesterday, 500).entry
    #expect(try till.debit(card, 401).code == .limitExceeded)
    _ = try till.reverse(card, today).entry
    #expect(try till.debit(card, 1_000).code == nil)
  }

  @Test func `a hold over midnight counts on the new day, and its capture there`() throws {
    var till = try Till(rules: .with { $0.debit.dailyMaximum = Amount(1_000) })
    let card = try till.card(topUp: 10_000)
    let hold = try till.hold(card, 800, seconds: 200_000)
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.debit(card, 201).code == .limitExceeded)
    // A capture is not judged again.
    till.rules.debit.dailyMaximum = Amount(100)
    let capture = try till.capture(card, hold, 700).entry
    #expect(try till.account(card).spent(on: till.date) == Amount(700))
    till.rules.debit.dailyMaximum = Amount(1_000)
    #expect(try till.view(card).spendable == Amount(300))
    _ = try till.refund(card, capture).entry
    #expect(try till.view(card).spendable == Amount(1_000))
  }

  @Test(
    arguments: [
      (5_000, 700), (700, 700), (699, 699), (1, 1),
    ] as [(Int64, Int64)])
  func `a partial debit takes the lesser of the amount and what may be spent`(
    asked: Int64, taken: Int64
  ) throws {
    for limit in ["max", "daily", "first", "funds"] {
      var till = try Till(
        rules: .with {
          if limit == "max" { $0.debit.maximum = Amount(700) }
          if limit == "daily" { $0.debit.dailyMaximum = Amount(700) }
          if limit == "first" { $0.firstDay.cap = BasisPoints(7000) }
        })
      let card = try till.card(topUp: limit == "funds" ? 700 : 1_000)
      #expect(try till.debit(card, asked, partial: true).entry.amount == Amount(taken), "\(limit)")
    }
  }

  @Test func `a partial debit with nothing to take answers as the whole amount would`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    _ = try till.debit(card, 1_000).entry
    #expect(try till.debit(card, 5, partial: true).code == .insufficientFunds)
    till.rules.firstDay.cap = BasisPoints(5000)
    #expect(try till.debit(card, 5, partial: true).code == .firstDayLimit)
    till.rules.debit.dailyMaximum = Amount(900)
    #expect(try till.debit(card, 5, partial: true).code == .limitExceeded)
  }

  @Test func `what may be spent at once is never more than one request may name`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000_000_000_000)
    _ = try till.topUp(card, 1_000_000_000_000).entry
    #expect(try till.view(card).spendable == .requestLimit)
    #expect(try till.view(card).available == Amount(2_000_000_000_000))
  }
}
