// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import Testing

@Suite struct TotalsTests {
  @Test func `each account is posted to under its own name`() {
    for account in Totals.standing + [.cash(tender: "cash"), .uncleared(tender: "cash")] {
      var totals = Totals()
      #expect(totals.sides.isEmpty)
      totals.apply(Posting(account, 5))
      totals.apply(Posting(account, -3))
      #expect(Array(totals.sides.keys) == [account])
      #expect(totals.sides[account]?.debit == 5)
      #expect(totals.sides[account]?.credit == 3)
      #expect(totals.creditBalance(account) == -2)
      for other in Totals.standing where other != account {
        #expect(totals.creditBalance(other) == 0)
      }
      let shown = totals.trialBalance.filter { $0.sides.debit != 0 }
      #expect(shown.map(\.account) == [account])
    }
  }

  @Test func `an account that nothing was posted to is shown, but not kept`() throws {
    var totals = Totals()
    #expect(totals.trialBalance.map(\.account.name) == Totals.standing.map(\.name).sorted())
    totals.apply(Posting(.sales, 0))
    #expect(totals.sorted.map(\.account) == [.sales])
    #expect(totals != Totals())
  }

  @Test func `what is encoded is read back, in one encoding`() throws {
    var totals = Totals()
    var other = Totals()
    let postings = [
      Posting(.cash(tender: "card"), 9), Posting(.cardPrincipal, -9), Posting(.sales, -4),
      Posting(.cardPrincipal, 4), Posting(.uncleared(tender: "券"), .max),
      Posting(.cash(tender: "\u{301}x"), 1), Posting(.cash(tender: "caf\u{E9}"), 2),
      Posting(.cash(tender: "cafe\u{301}"), 3),
    ]
    for posting in postings { totals.apply(posting) }
    for posting in postings.reversed() { other.apply(posting) }
    #expect(totals == other)
    #expect(totals.encoded() == other.encoded())
    #expect(try Totals(encoded: totals.encoded()[...]) == totals)
    #expect(try Totals(encoded: Totals().encoded()[...]) == Totals())
  }
}
