// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// The card's part of a checkout and of its returns (spec/coupon-life.md, Checkout).
@Suite struct CheckoutPaymentTests {
  private static let pin: [UInt8] = [1, 2, 3]

  private func pay(
    _ till: inout Till, _ card: AccountID, _ amount: Int64, pin: PINEvidence = .absent,
    refusing refusal: Refusal? = nil
  ) throws -> Answer {
    try till.ask(card) { account, context in
      account.checkOut(paying: Amount(amount), pin: pin, in: context) { _ throws(Refusal) in
        if let refusal { throw refusal }
      }
    }
  }

  private func takeBack(
    _ till: inout Till, _ card: AccountID, _ checkout: Entry, _ amount: Int64
  ) throws -> Answer {
    let marks = till.marks[checkout.id] ?? EntryMarks()
    return try till.ask(card) { account, context in
      account.refundCheckout(checkout, marks: marks, toCard: Amount(amount), in: context) {
        draft throws(Refusal) in
        draft.links = [Entry.Link(.refunds, checkout.id)]
        draft.record(
          .marked(
            checkout.id,
            .returned(
              Change.GoodsReturn(
                units: [.init(line: 0, quantity: 1)], amount: Amount(amount),
                toCard: Amount(amount), isWhole: false))))
      }
    }
  }

  @Test func `it takes lots as a debit does, and returns go back the other way round`() throws {
    var till = try Till(rules: .bonus(BonusRule.fixed("r", 500)))
    let card = try till.card(topUp: 1_000)
    let before = try till.account(card).lots
    let checkout = try pay(&till, card, 700).entry
    #expect(checkout.kind == .checkout && checkout.amount == Amount(700))
    #expect(checkout.taken == ["1:500", "0:200"])
    #expect((checkout.principal, checkout.bonus) == (Amount(200), Amount(500)))
    #expect(try till.account(card).used == Amount(700))
    let first = try takeBack(&till, card, checkout, 300).entry
    #expect(first.kind == .checkoutRefund && first.amount == Amount(300))
    #expect(first.returned == ["0:200", "1:100"])
    #expect(try takeBack(&till, card, checkout, 400).entry.returned == ["1:400"])
    #expect(try till.account(card).lots == before)
    #expect(till.marks[checkout.id]?.refunded == Amount(700))
    #expect(till.total(.sales) == 0)
  }

  @Test func `one that the card pays nothing of moves nothing, whatever the limits`() throws {
    var rules = StoredValueRules()
    rules.debit.dailyMaximum = Amount(1)
    var till = try Till(rules: rules)
    let card = try till.card(topUp: 1_000, pin: Self.pin)
    let checkout = try pay(&till, card, 0).entry
    #expect(checkout.amount == .zero && checkout.taken.isEmpty && checkout.postings.isEmpty)
    let back = try takeBack(&till, card, checkout, 0).entry
    #expect(back.amount == .zero && back.returned.isEmpty && back.postings.isEmpty)
  }

  @Test func `without stored value no PIN is asked for, and one that is given is checked`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000, pin: Self.pin)
    #expect(try pay(&till, card, 1).code == .pinRequired)
    #expect(try pay(&till, card, 0).code == nil)
    #expect(try pay(&till, card, 0, pin: .differs).code == .pinIncorrect)
    #expect(try pay(&till, card, 1, pin: .matches(upgrade: nil)).code == nil)
  }

  @Test func `refusals come in the order of status, PIN, the cart's, the money's`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000, pin: Self.pin)
    let changed = Refusal(.payableChanged)
    #expect(try pay(&till, card, 9_999, pin: .differs, refusing: changed).code == .pinIncorrect)
    let right = PINEvidence.matches(upgrade: nil)
    #expect(try pay(&till, card, 9_999, pin: right, refusing: changed).code == .payableChanged)
    let poor = try pay(&till, card, 9_999, pin: right).refusal
    #expect(poor.code == .insufficientFunds && poor.field == "/stored_value")
    _ = try till.ask(card) { $0.freeze(in: $1) }
    #expect(try pay(&till, card, 1, pin: .differs, refusing: changed).code == .accountFrozen)
  }

  @Test func `what bars it is told of the member that gave the amount`() throws {
    var rules = StoredValueRules()
    rules.debit.maximum = Amount(500)
    rules.debit.dailyMaximum = Amount(600)
    rules.firstDay.cap = BasisPoints(1_000)
    var till = try Till(rules: rules)
    let card = try till.card(topUp: 1_000)
    for (amount, code) in [(501, RefusalCode.limitExceeded), (101, .firstDayLimit)] {
      let refusal = try pay(&till, card, Int64(amount)).refusal
      #expect(refusal.code == code && refusal.field == "/stored_value")
      #expect(try till.debit(card, Int64(amount)).refusal.field == "/amount")
    }
  }

  @Test func `it counts for the day and for the first day, less what comes back`() throws {
    var rules = StoredValueRules()
    rules.debit.dailyMaximum = Amount(600)
    var till = try Till(rules: rules)
    let card = try till.card(topUp: 1_000)
    let checkout = try pay(&till, card, 500).entry
    #expect(try till.debit(card, 101).code == .limitExceeded)
    _ = try takeBack(&till, card, checkout, 200).entry
    #expect(try till.debit(card, 300).code == nil)
    #expect(try till.debit(card, 1).code == .limitExceeded)
  }

  @Test func `a closed card takes nothing back, a frozen one does`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let checkout = try pay(&till, card, 500).entry
    _ = try till.ask(card) { $0.freeze(in: $1) }
    #expect(try takeBack(&till, card, checkout, 100).code == nil)
    _ = try till.ask(card) { $0.unfreeze(in: $1) }
    _ = try till.ask(card) { $0.close(in: $1) }
    #expect(try takeBack(&till, card, checkout, 100).code == .accountClosed)
  }

  @Test func `it is neither refunded nor reversed as a debit is`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let checkout = try pay(&till, card, 500).entry
    #expect(try till.refund(card, checkout).code == .notRefundable)
    #expect(try till.reverse(card, checkout).code == .notReversible)
  }

  @Test func `marks of returns are read back as they were`() throws {
    var marks = EntryMarks()
    let goods = Change.GoodsReturn(
      units: [.init(line: 3, quantity: 2), .init(line: 0, quantity: .max)], amount: Amount(9),
      toCard: Amount(4), isWhole: true)
    marks.apply(.returned(goods), of: EntryID(4))
    marks.apply(.returned(goods), of: EntryID(4))
    #expect(marks.returned == [3: 2, 0: .max] && marks.paidBack == Amount(9))
    marks.apply(.returned(goods), of: EntryID(5))
    #expect(marks.returned == [3: 4, 0: .max] && marks.refunded == Amount(8) && marks.isReturned)
    #expect(try EntryMarks(encoded: marks.encoded()[...]) == marks)
  }
}
