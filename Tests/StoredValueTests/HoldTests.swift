// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/stored-value.md, Holds.
@Suite struct HoldTests {
  /// The worked example of the specification.
  @Test func `a hold reduces what is available and a capture spends a part of it`() throws {
    var till = try Till()
    let card = try till.card(topUp: 10_000)
    let authorization = try till.authorize(card, 6_000).entry
    #expect(authorization.kind == .authorize)
    #expect(authorization.amount == Amount(6_000))
    #expect(authorization.principal == .zero)
    #expect(authorization.postings.isEmpty)
    let hold = try #require(authorization.hold)
    #expect(hold == HoldID(authorization.id))
    #expect(try till.view(card).available == Amount(4_000))
    #expect(try till.view(card).held == Amount(6_000))
    #expect(try till.view(card).principal == Amount(10_000))
    #expect(try till.debit(card, 4_001).code == .insufficientFunds)
    let capture = try till.capture(card, hold, 2_500).entry
    #expect(capture.kind == .capture)
    #expect(capture.amount == Amount(2_500))
    #expect(capture.principal == Amount(2_500))
    #expect(capture.linked(.captures) == authorization.id)
    #expect(capture.hold == hold)
    let view = try till.view(card)
    #expect((view.principal, view.available, view.held) == (Amount(7_500), Amount(7_500), .zero))
    #expect(try till.capture(card, hold).code == .holdNotLive)
    #expect(till.marks[authorization.id]?.isCaptured == true)
    #expect(till.marks[authorization.id]?.isReleased == false)
  }

  @Test func `a capture without an amount takes all, and one above the hold is refused`() throws {
    var till = try Till()
    let card = try till.card(topUp: 10_000)
    let hold = try till.hold(card, 6_000)
    let refusal = try till.capture(card, hold, 6_001).refusal
    #expect(refusal.code == .captureExceedsHold)
    #expect(refusal.field == "/amount")
    #expect(refusal.number("held") == 6_000)
    #expect(try till.capture(card, hold).entry.amount == Amount(6_000))
  }

  @Test func `a release frees all and moves nothing`() throws {
    var till = try Till()
    let card = try till.card(topUp: 10_000)
    let authorization = try till.authorize(card, 6_000).entry
    let hold = HoldID(authorization.id)
    let release = try till.release(card, hold).entry
    #expect(release.amount == Amount(6_000))
    #expect(release.principal == .zero)
    #expect(release.postings.isEmpty)
    #expect(release.linked(.releases) == authorization.id)
    #expect(try till.view(card).available == Amount(10_000))
    #expect(try till.release(card, hold).code == .holdNotLive)
    #expect(try till.capture(card, hold, 99_999).code == .holdNotLive)
    #expect(till.marks[authorization.id]?.isReleased == true)
    #expect(till.marks[authorization.id]?.isCaptured == false)
  }

  @Test func `a hold ends by itself at exactly its time`() throws {
    var till = try Till()
    let card = try till.card(topUp: 10_000)
    let hold = try till.hold(card, 6_000, seconds: 60)
    till.now = Instant(milliseconds: till.now.milliseconds + 59_999)
    #expect(try till.view(card).held == Amount(6_000))
    #expect(try till.debit(card, 4_001).code == .insufficientFunds)
    till.now = Instant(milliseconds: till.now.milliseconds + 1)
    #expect(try till.view(card).held == .zero)
    #expect(try till.view(card).spendable == Amount(10_000))
    #expect(try till.capture(card, hold).code == .holdNotLive)
    #expect(try till.release(card, hold).code == .holdNotLive)
    #expect(try till.debit(card, 10_000).code == nil)
  }

  @Test func `a capture a millisecond before the end still serves`() throws {
    var till = try Till()
    let card = try till.card(topUp: 10_000)
    let hold = try till.hold(card, 6_000, seconds: 60)
    till.now = Instant(milliseconds: till.now.milliseconds + 59_999)
    #expect(try till.capture(card, hold).code == nil)
  }

  @Test func `a hold sets aside the lots a debit would take, and a capture keeps their order`()
    throws
  {
    var till = try Till(rules: .bonus(.fixed("r", 500)))
    let card = try till.card(topUp: 1_000)
    let hold = try till.hold(card, 800)
    // Held of the bonus: 500, of the principal: 300.
    #expect(try till.debit(card, 100).entry.taken == ["0:100"])
    let capture = try till.capture(card, hold, 600).entry
    #expect(capture.taken == ["1:500", "0:100"])
    #expect(capture.bonus == Amount(500))
    #expect(capture.principal == Amount(100))
    #expect(try till.view(card).available == Amount(800))
  }

  @Test func `the order of the program at the capture does not matter any more`() throws {
    var till = try Till(rules: .bonus(.fixed("r", 500)))
    let card = try till.card(topUp: 1_000)
    let hold = try till.hold(card, 400)
    till.rules.debit.order = .principalFirst
    #expect(try till.capture(card, hold).entry.taken == ["1:400"])
  }

  @Test func `several holds end each by itself`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000)
    let first = try till.hold(card, 300)
    let second = try till.hold(card, 300, seconds: 10)
    let third = try till.hold(card, 400)
    #expect(try till.debit(card, 1).code == .insufficientFunds)
    _ = try till.release(card, first).entry
    #expect(try till.view(card).held == Amount(700))
    till.advance(seconds: 10)
    #expect(try till.view(card).held == Amount(400))
    #expect(try till.capture(card, second).code == .holdNotLive)
    #expect(try till.capture(card, third).code == nil)
    #expect(try till.view(card).available == Amount(600))
  }

  @Test func `a hold of another card is not this card's`() throws {
    var till = try Till()
    let card = try till.card("1001", topUp: 1_000)
    let other = try till.card("1002", topUp: 1_000)
    let hold = try till.hold(card, 300)
    #expect(try till.capture(other, hold).code == .holdNotLive)
    #expect(try till.release(other, hold).code == .holdNotLive)
  }

  @Test func `a capture is refunded and reversed like a debit`() throws {
    var till = try Till(rules: .bonus(.fixed("r", 500)))
    let card = try till.card(topUp: 1_000)
    let capture = try till.capture(card, try till.hold(card, 800), 700).entry
    #expect(try till.refund(card, capture, 300).entry.returned == ["0:200", "1:100"])
    let other = try till.capture(card, try till.hold(card, 500)).entry
    _ = try till.reverse(card, other).entry
    #expect(try till.view(card).available == Amount(1_100))
  }
}
