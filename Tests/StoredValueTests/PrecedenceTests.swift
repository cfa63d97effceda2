// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// Contract §2, Precedence: where several refusals hold, the first of the order is answered.
///
/// Each ladder begins with everything wrong at once. A rung names the code that is answered, and
/// what is put right before the next.
@Suite struct PrecedenceTests {
  private typealias Rung = (code: RefusalCode?, repair: (inout Till) throws -> Void)

  private static func climb(
    _ till: Till, _ rungs: [Rung], _ ask: (inout Till) throws -> Answer
  ) throws {
    var till = till
    for (number, rung) in rungs.enumerated() {
      let code = try ask(&till).code
      #expect(code == rung.code, "rung \(number)")
      try rung.repair(&till)
    }
  }

  private static func unfreeze(_ card: AccountID) -> (inout Till) throws -> Void {
    { till in _ = try till.unfreeze(card).entry }
  }

  /// A card with a PIN, locked, frozen, on its first day, with little on it.
  private static func hopeless() throws -> (till: Till, card: AccountID) {
    var till = try Till(
      rules: .with {
        $0.debit.maximum = Amount(500)
        $0.debit.dailyMaximum = Amount(400)
        $0.firstDay.cap = BasisPoints(3000)
        $0.pin.maximumAttempts = 2
        $0.pin.lockSeconds = 60
      })
    let card = try till.card(topUp: 1_000, pin: [1])
    for _ in 0..<2 { _ = try till.verifyPIN(card, .wrong).refusal }
    _ = try till.freeze(card).entry
    return (till, card)
  }

  @Test(arguments: [false, true])
  func `a debit and a hold are judged by status, PIN, limits, first day and funds`(
    isHold: Bool
  ) throws {
    let (till, card) = try Self.hopeless()
    var evidence = PINEvidence.absent
    let rungs: [Rung] = [
      (.accountFrozen, Self.unfreeze(card)), (.pinRequired, { _ in evidence = .wrong }),
      (.pinLocked, { $0.advance(seconds: 60) }),
      (.pinIncorrect, { _ in evidence = .right }),
      (.limitExceeded, { $0.rules.debit.maximum = nil }),
      (.limitExceeded, { $0.rules.debit.dailyMaximum = nil }),
      (.firstDayLimit, { $0.rules.firstDay.cap = nil }),
      (.insufficientFunds, { _ = try $0.topUp(card, 1_000).entry }), (nil, { _ in }),
    ]
    try Self.climb(till, rungs) {
      isHold
        ? try $0.authorize(card, 1_001, pin: evidence) : try $0.debit(card, 1_001, pin: evidence)
    }
  }

  @Test func `a debit of a card without its required PIN tells that before any limit`() throws {
    var till = try Till(
      rules: .with {
        $0.pin.required = true
        $0.debit.maximum = Amount(10)
      })
    let card = try till.card()
    #expect(try till.debit(card, 11).code == .pinNotSet)
    till.rules.pin.required = false
    #expect(try till.debit(card, 11, pin: .right).code == .pinNotSet)
    #expect(try till.debit(card, 11).code == .limitExceeded)
    #expect(try till.debit(card, 10).code == .insufficientFunds)
  }

  @Test func `a capture is judged by status, the hold's life and its amount`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let hold = try till.hold(card, 100)
    _ = try till.freeze(card).entry
    var named = HoldID(EntryID(999))
    var amount: Int64 = 101
    let rungs: [Rung] = [
      (.accountFrozen, Self.unfreeze(card)), (.holdNotLive, { _ in named = hold }),
      (.captureExceedsHold, { _ in amount = 100 }), (nil, { _ in }), (.holdNotLive, { _ in }),
    ]
    try Self.climb(till, rungs) { try $0.capture(card, named, amount) }
  }

  @Test func `a refund is judged by kind, reversal, what is left and its amount`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let reversed = try till.debit(card, 100).entry
    _ = try till.reverse(card, reversed).entry
    let spent = try till.debit(card, 100).entry
    _ = try till.refund(card, spent).entry
    let open = try till.debit(card, 100).entry
    var named = try #require(till.journal.first)
    var amount: Int64 = 101
    let rungs: [Rung] = [
      (.notRefundable, { _ in named = reversed }), (.alreadyReversed, { _ in named = spent }),
      (.alreadyRefunded, { _ in named = open }), (.refundExceedsDebit, { _ in amount = 100 }),
      (nil, { _ in }), (.alreadyRefunded, { _ = try $0.close(card).entry }),
      (.accountClosed, { _ in }),
    ]
    try Self.climb(till, rungs) { try $0.refund(card, named, amount) }
  }

  @Test func `a reversal is judged by kind, reversal, refund, spending and holds`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let topUp = try #require(till.journal.last)
    let refunded = try till.debit(card, 100).entry
    _ = try till.refund(card, refunded, 1).entry
    let debit = try till.debit(card, 10).entry
    let hold = try till.hold(card, 100)
    var named = try #require(till.journal.first)
    let rungs: [Rung] = [
      (.notReversible, { _ in named = refunded }), (.alreadyRefunded, { _ in named = topUp }),
      (
        .alreadySpent,
        {
          _ = try $0.refund(card, refunded).entry
          _ = try $0.refund(card, debit).entry
        }
      ),
      (.valueHeld, { _ = try $0.release(card, hold).entry }), (nil, { _ in }),
      (.alreadyReversed, { _ = try $0.close(card).entry }), (.accountClosed, { _ in }),
    ]
    try Self.climb(till, rungs) { try $0.reverse(card, named) }
  }

  @Test func `a top-up is judged by status, then its own bounds, then the balance`() throws {
    var till = try Till(
      rules: .with {
        $0.topUp.minimum = Amount(100)
        $0.topUp.maximum = Amount(60)
        $0.card.maximumBalance = Amount(50)
      })
    let card = try till.card()
    _ = try till.reportLost(card).entry
    let limits = ["topup.min", "topup.max", "card.max_balance"]
    #expect(try till.topUp(card, 70).code == .accountLost)
    _ = try till.replace(card, "1002").entry
    for limit in limits {
      #expect(try till.topUp(card, 70).refusal.text("limit") == limit)
      switch limit {
      case "topup.min": till.rules.topUp.minimum = nil
      case "topup.max": till.rules.topUp.maximum = nil
      default: till.rules.card.maximumBalance = nil
      }
    }
    #expect(try till.topUp(card, 70).code == nil)
  }

  @Test func `closing is judged by status, holds and pending top-ups`() throws {
    var till = try Till(rules: .with { $0.topUp.pendingTenders = ["cheque"] })
    let card = try till.card(topUp: 100)
    let cheque = try till.topUp(card, 5, tender: "cheque").entry
    let hold = try till.hold(card, 5)
    _ = try till.freeze(card).entry
    let rungs: [Rung] = [
      (.accountFrozen, Self.unfreeze(card)), (.holdsOpen, { _ = try $0.release(card, hold).entry }),
      (.topUpPending, { _ = try $0.clear(card, cheque).entry }), (nil, { _ in }),
      (.accountClosed, { _ in }),
    ]
    try Self.climb(till, rungs) { try $0.close(card) }
  }

  @Test func `replacing is judged by status, forfeit and the number`() throws {
    var till = try Till(rules: .with { $0.card.lostCard = .forfeit })
    let card = try till.card("1001")
    _ = try till.card("1002")
    _ = try till.freeze(card).entry
    var number = "1002"
    let rungs: [Rung] = [
      (
        .accountFrozen,
        {
          _ = try $0.unfreeze(card).entry
          _ = try $0.reportLost(card).entry
        }
      ),
      (.lostCardForfeit, { $0.rules.card.lostCard = .replace }),
      (.cardInUse, { _ in number = "1003" }), (nil, { _ = try $0.close(card).entry }),
      (.accountClosed, { _ in }),
    ]
    try Self.climb(till, rungs) { try $0.replace(card, number) }
  }

  @Test func `changing and verifying a PIN are judged by status, existence, lock and PIN`() throws {
    var till = try Till(rules: .with { $0.pin.maximumAttempts = 1 })
    let plain = try till.card("1001")
    let card = try till.card("1002", pin: [1])
    _ = try till.verifyPIN(card, .wrong).refusal
    _ = try till.freeze(card).entry
    for ask in [
      { (till: inout Till, card: AccountID, pin: PINEvidence) in try till.verifyPIN(card, pin) },
      { till, card, pin in try till.changePIN(card, current: pin) },
    ] as [(inout Till, AccountID, PINEvidence) throws -> Answer] {
      var till = till
      #expect(try ask(&till, plain, .wrong).code == .pinNotSet)
      #expect(try ask(&till, card, .right).code == .accountFrozen)
      _ = try till.unfreeze(card).entry
      #expect(try ask(&till, card, .right).code == .pinLocked)
      till.advance(seconds: 1800)
      #expect(try ask(&till, card, .wrong).code == .pinIncorrect)
      till.advance(seconds: 1800)
      #expect(try ask(&till, card, .right).code == nil)
    }
  }
}
