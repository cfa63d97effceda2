// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/bonus.md, Expiry: what lapses, when, and where its value goes.
@Suite struct ExpiryTests {
  private static func rules(days: Int64, _ bonus: Int64 = 500) -> StoredValueRules {
    .bonus(BonusRule.fixed("r", bonus).with { $0.expiresAfterDays = days })
  }

  @Test(
    arguments: [
      (30, 0, "2026-03-31T16:00:00.000Z"), (0, 0, "2026-03-01T16:00:00.000Z"),
      (30, 240, "2026-03-31T20:00:00.000Z"), (1, 240, "2026-03-02T20:00:00.000Z"),
    ] as [(Int64, Int64, String)])
  func `a bonus of 1 March is good through n business dates more`(
    days: Int64, dayStart: Int64, end: String
  ) throws {
    var till = try Till(
      at: "2026-03-01T01:00:00Z", dayStartMinutes: dayStart, rules: Self.rules(days: days))
    let card = try till.card(topUp: 1_000)
    #expect(try till.view(card).lots.last?.expiresAt?.text == end)
    #expect(try till.account(card).nextDue?.text == end)
    let last = try #require(Instant(text: end)).milliseconds - 1
    till.now = Instant(milliseconds: last)
    #expect(try till.view(card).bonus == Amount(500))
    #expect(try till.view(card).spendable == Amount(1_500))
    till.now = Instant(milliseconds: last + 1)
    #expect(try till.view(card).bonus == .zero)
    #expect(try till.view(card).spendable == Amount(1_000))
  }

  @Test func `what lapses is an entry of its own before the request that finds it`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    _ = try till.debit(card, 200).entry
    till.now = till.start(ofDayAfter: 1)
    let answer = try till.debit(card, 1_000)
    let lapse = try #require(answer.entries.first)
    #expect(answer.entries.count == 2)
    #expect(lapse.kind == .expire)
    #expect((lapse.amount, lapse.principal, lapse.bonus) == (Amount(300), .zero, Amount(300)))
    #expect(lapse.origin == Origin())
    #expect(lapse.reason == nil)
    #expect(lapse.postings.map(\.account) == [.cardBonus, .breakage])
    #expect(till.total(.breakage) == -300)
    #expect(try answer.entry.taken == ["0:1000"])
    #expect(try till.account(card).lot(LotID(topUp: EntryID(2), index: 1))?.lapsed == Amount(300))
    #expect(try till.account(card).nextDue == nil)
  }

  @Test func `a lapse for its own sake takes all that is due, and nothing when nothing is`() throws
  {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    _ = try till.topUp(card, 1_000).entry
    #expect(try till.account(card).lapse(in: till.context, id: EntryID(4)) == nil)
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.account(card).due(at: till.now).map(\.amount) == [Amount(500), Amount(500)])
    let entry = try #require(try till.account(card).lapse(in: till.context, id: EntryID(4)))
    #expect(entry.amount == Amount(1_000))
    #expect(entry.request == nil)
    #expect(entry.id == EntryID(4))
    let lapsed = try till.account(card).lapsed(at: till.now)
    #expect(lapsed.lots.map(\.remaining.minorUnits) == [1_000, 0, 1_000, 0])
    #expect(lapsed.lots.map(\.lapsed.minorUnits) == [0, 500, 0, 500])
  }

  @Test func `what a hold sets aside of an expiring lot stays until the hold ends`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    let hold = try till.hold(card, 400, seconds: 200_000)
    let end = till.start(ofDayAfter: 1)
    #expect(try till.account(card).nextDue == end)
    till.now = end
    // 100 of the bonus were free, and are gone; 400 are held.
    #expect(try till.view(card).bonus == Amount(400))
    #expect(try till.view(card).spendable == Amount(1_000))
    #expect(try till.debit(card, 1_001).code == .insufficientFunds)
    _ = try till.debit(card, 10).entry
    #expect(till.total(.breakage) == -100)
    let capture = try till.capture(card, hold, 150).entry
    #expect(capture.bonus == Amount(150))
    // What the capture left lapsed in the same entry.
    #expect(till.total(.breakage) == -350)
    #expect(try till.view(card).bonus == .zero)
  }

  @Test func `what a release frees of an expired lot lapses at once`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    let hold = try till.hold(card, 500, seconds: 200_000)
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.account(card).due(at: till.now).isEmpty)
    let release = try till.release(card, hold).entry
    #expect(release.changes.contains(.lotLapsed(LotID(topUp: EntryID(2), index: 1), Amount(500))))
    #expect(try till.view(card).bonus == .zero)
    #expect(try till.view(card).principal == Amount(1_000))
  }

  @Test func `of a lot held whole the next thing due is the first hold that ends`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    let expiry = till.start(ofDayAfter: 1)
    let long = till.now.advanced(bySeconds: 300_000)
    let short = till.now.advanced(bySeconds: 200_000)
    _ = try till.hold(card, 300, seconds: 300_000)
    #expect(try till.account(card).nextDue == expiry)
    _ = try till.hold(card, 200, seconds: 200_000)
    #expect(try till.account(card).nextDue == short)
    _ = try till.topUp(card, 10).entry
    #expect(try till.account(card).nextDue == expiry)
    till.now = short
    #expect(try till.view(card).bonus == Amount(300))
    _ = try till.freeze(card).entry
    #expect(try till.account(card).nextDue == long)
    till.now = long
    #expect(try till.view(card).bonus == .zero)
    _ = try till.unfreeze(card).entry
    #expect(try till.account(card).nextDue == nil)
    #expect(till.total(.breakage) == -1_000)
  }

  @Test func `a hold on another lot that ends first makes nothing due`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    _ = try till.hold(card, 500, seconds: 300_000)
    let second = till.now.advanced(bySeconds: 300_000)
    let other = try till.authorize(card, 100, seconds: 200_000).entry
    #expect(try till.account(card).liveHold(HoldID(other.id), at: till.now)?.parts.count == 1)
    #expect(try till.account(card).nextDue == second)
  }

  @Test func `an account that nobody has lapsed yet does not offer what has expired`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    till.now = till.start(ofDayAfter: 1)
    let account = try till.account(card)
    #expect(account.lots.last?.remaining == Amount(500))
    #expect(Consumption(of: account, at: till.now).usable == Amount(1_000))
  }

  @Test func `a hold that ends before the lot does frees it in time`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    _ = try till.hold(card, 500, seconds: 60)
    #expect(try till.account(card).nextDue == till.start(ofDayAfter: 1))
    till.advance(seconds: 60)
    #expect(try till.debit(card, 500).entry.bonus == Amount(500))
  }

  @Test func `a refund to an expired lot lapses at once`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    let debit = try till.debit(card, 700).entry
    till.now = till.start(ofDayAfter: 1)
    let refund = try till.refund(card, debit, 350).entry
    #expect((refund.principal, refund.bonus) == (Amount(200), Amount(150)))
    #expect(refund.returned == ["0:200", "1:150"])
    #expect(try till.view(card).principal == Amount(1_000))
    #expect(try till.view(card).bonus == .zero)
    #expect(till.total(.breakage) == -150)
    #expect(till.total(.sales) == -350)
    _ = try till.refund(card, debit).entry
    #expect(till.total(.breakage) == -500)
    #expect(till.total(.sales) == 0)
  }

  @Test func `a refused request records no lapse`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.debit(card, 1_001).entries.isEmpty)
    #expect(try till.account(card).lots.last?.remaining == Amount(500))
    #expect(try till.freeze(card).entries.map(\.kind) == [.expire, .freeze])
  }

  @Test func `a request refused for its PIN, or after it, records the lapse before the count`()
    throws
  {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000, pin: [1])
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.debit(card, 1).entries.isEmpty)
    #expect(try till.debit(card, 1, pin: .wrong).entries.map(\.kind) == [.expire, .pinFailed])
    till.rules = Self.rules(days: 1)
    _ = try till.topUp(card, 5).entry
    till.now = till.start(ofDayAfter: 2)
    let answer = try till.debit(card, 5_000, pin: .right)
    #expect(answer.code == .insufficientFunds)
    #expect(answer.entries.map(\.kind) == [.expire, .pinAccepted])
    #expect(till.total(.breakage) == -1_000)
  }

  @Test func `a frozen card's bonus lapses like another's`() throws {
    var till = try Till(rules: Self.rules(days: 0))
    let card = try till.card(topUp: 1_000)
    _ = try till.freeze(card).entry
    till.now = till.start(ofDayAfter: 1)
    #expect(try till.unfreeze(card).entries.map(\.kind) == [.expire, .unfreeze])
    #expect(try till.view(card).bonus == .zero)
  }
}
