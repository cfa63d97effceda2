// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

@Suite struct EntryTests {
  private static let lot = LotID(topUp: EntryID(1), index: 0)

  private static func entry(
    links: [Entry.Link] = [], changes: [Change] = [], postings: [Posting] = []
  ) -> Entry {
    Entry(
      id: EntryID(2), at: Instant(milliseconds: 0), date: BusinessDate(daysSince1970: 0),
      kind: .debit, account: nil, programVersion: 0, links: links, changes: changes,
      postings: postings, after: nil, request: nil)
  }

  @Test func `postings balance when they sum to zero, however large they are`() {
    #expect(Self.entry().isBalanced)
    #expect(
      Self.entry(postings: [.debit(.sales, Amount(5)), .credit(.payouts, Amount(5))]).isBalanced)
    #expect(!Self.entry(postings: [.debit(.sales, Amount(5))]).isBalanced)
    #expect(
      !Self.entry(postings: [.debit(.sales, Amount(5)), .credit(.payouts, Amount(4))]).isBalanced)
    let huge = Posting.debit(.sales, Amount(.max))
    #expect(!Self.entry(postings: [huge, huge, Posting(.sales, 2)]).isBalanced)
    #expect(!Self.entry(postings: [Posting(.sales, .min), Posting(.sales, .min)]).isBalanced)
  }

  @Test func `a debit posting is positive and a credit negative`() {
    #expect(Posting.debit(.sales, Amount(5)).amount == 5)
    #expect(Posting.credit(.sales, Amount(5)).amount == -5)
    #expect(Posting.credit(.sales, Amount(.max)).amount == -.max)
  }

  @Test func `links, what was consumed and what was granted are read from an entry`() {
    let principal = Change.Grant(lot: Self.lot, kind: .principal, amount: Amount(9))
    let bonus = Change.Grant(
      lot: LotID(topUp: EntryID(1), index: 1), kind: .bonus, amount: Amount(3), rule: "r")
    let entry = Self.entry(
      links: [.init(.captures, EntryID(3)), .init(.refunds, EntryID(4))],
      changes: [
        .lotGranted(principal), .lotGranted(bonus), .lotTaken(bonus.lot, Amount(2)),
        .lotReturned(bonus.lot, Amount(1)), .lotTaken(Self.lot, Amount(4)),
      ])
    #expect(entry.linked(.captures) == EntryID(3))
    #expect(entry.linked(.refunds) == EntryID(4))
    #expect(entry.linked(.reverses) == nil)
    #expect(entry.bonusGrants == [bonus])
    #expect(entry.consumption.map(\.lot) == [bonus.lot, Self.lot])
    #expect(entry.consumption.map(\.amount) == [Amount(2), Amount(4)])
  }

  @Test func `a hold is worth its parts`() {
    let parts = [
      Change.Part(lot: Self.lot, amount: Amount(2)), Change.Part(lot: Self.lot, amount: Amount(3)),
    ]
    let hold = Change.Hold(id: HoldID(EntryID(1)), parts: parts, expiresAt: .latest)
    #expect(hold.amount == Amount(5))
    #expect(Change.Hold(id: hold.id, parts: [], expiresAt: .latest).amount == .zero)
  }

  @Test func `a snapshot sums its lots by kind, and what is pending apart`() throws {
    func lot(_ kind: LotKind, _ remaining: Int64, pending: Bool = false) -> AccountSnapshot.Lot {
      AccountSnapshot.Lot(
        id: Self.lot, kind: kind, granted: Amount(100), remaining: Amount(remaining),
        releasePerDebit: nil, expiresAt: nil, pending: pending)
    }
    let snapshot = AccountSnapshot(
      cardNumber: try #require(CardNumber("1")), status: .active,
      lots: [
        lot(.principal, 10), lot(.bonus, 4), lot(.principal, 20), lot(.bonus, 3),
        lot(.principal, 7, pending: true),
      ],
      held: Amount(5), spendable: .zero,
      firstDay: AccountSnapshot.FirstDay(cap: Amount(6), spent: Amount(4)), pinSet: false,
      pinAttemptsLeft: 5, pinLock: nil)
    #expect(snapshot.principal == Amount(30))
    #expect(snapshot.bonus == Amount(7))
    #expect(snapshot.pending == Amount(7))
    #expect(snapshot.available == Amount(32))
    #expect(snapshot.firstDay?.remaining == Amount(2))
    var fields = snapshot.fields
    fields.firstDay = AccountSnapshot.FirstDay(cap: Amount(6), spent: Amount(7))
    #expect(AccountSnapshot(fields).firstDay?.remaining == .zero)
    fields.held = Amount(38)
    #expect(AccountSnapshot(fields).available == .zero)
    #expect(AccountSnapshot(fields) == AccountSnapshot(fields))
    #expect(AccountSnapshot(fields) != snapshot && snapshot.held == Amount(5))
  }
}
