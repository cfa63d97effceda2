// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

/// What must hold after every entry, by the numbers of spec/invariants.md.
enum Invariants {
  static func check(_ entry: Entry, account: Account, rules: StoredValueRules) throws {
    guard entry.isBalanced else { throw Broken("INV-1: \(entry.postings)") }
    guard entry.postings.allSatisfy({ $0.amount != 0 }) else { throw Broken("an empty posting") }
    try checkCoding(of: entry, account: account)
    try checkLots(of: account, at: entry.at)
    let after = account.snapshot(at: entry.at, date: entry.date, under: rules.spending)
    guard entry.after == after else { throw Broken("INV-13: \(entry.kind.name)") }
    guard account.due(at: entry.at).isEmpty else { throw Broken("due value was left standing") }
    guard account.liveHolds(at: entry.at) == account.holds else {
      throw Broken("a hold outlived its time")
    }
    try checkNextDue(of: account, after: entry.at)
  }

  private static func checkCoding(of entry: Entry, account: Account) throws {
    guard try Account(id: account.id, encoded: account.encoded()[...]) == account else {
      throw Broken("the account does not come back from its record")
    }
    let read = try Entry(
      id: entry.id, at: entry.at, kind: entry.kind.rawValue, account: entry.account?.value,
      key: entry.request?.key.text, body: entry.encodedBody()[...])
    guard read == entry else { throw Broken("the entry does not come back from its body") }
    var again: Account? = account
    try Account.apply(entry, to: &again)
    guard again == account else { throw Broken("an entry was folded in twice") }
  }

  private static func checkLots(of account: Account, at now: Instant) throws {
    for lot in account.lots {
      let held = account.held(of: lot.id, at: now)
      guard lot.remaining + lot.lapsed <= lot.granted else { throw Broken("INV-2: \(lot)") }
      guard held <= lot.remaining else { throw Broken("INV-6: \(lot)") }
      if lot.state == .withdrawn, !lot.remaining.isZero { throw Broken("withdrawn, yet there") }
      if lot.state == .pending, lot.remaining != lot.granted || !held.isZero {
        throw Broken("pending, yet used")
      }
      guard (lot.creditedBy == nil) == (lot.state == .pending) || lot.state == .withdrawn else {
        throw Broken("credited and pending at once")
      }
    }
    let held = account.liveHolds(at: now).reduce(into: Amount.zero) { $0 += $1.amount }
    guard account.held(at: now) == held else { throw Broken("holds do not sum up") }
  }

  /// `nextDue` is exact: at that instant something lapses, and a millisecond before nothing does.
  private static func checkNextDue(of account: Account, after now: Instant) throws {
    guard let next = account.nextDue else {
      guard account.due(at: .latest).isEmpty || account.status == .closed else {
        throw Broken("something lapses, and nothing is due")
      }
      return
    }
    guard next > now else { throw Broken("due in the past") }
    guard !account.due(at: next).isEmpty else { throw Broken("due, and nothing lapses") }
    let before = Instant(milliseconds: next.milliseconds - 1)
    guard account.due(at: before).isEmpty else { throw Broken("lapses before it is due") }
  }

  /// INV-12: the ledger accounts of the cards are the sums over the cards, and all sum to zero.
  static func check(_ accounts: some Sequence<Account>, totals: [LedgerAccount: Int64]) throws {
    var principal: Int64 = 0
    var bonus: Int64 = 0
    var pending: Int64 = 0
    for account in accounts {
      for lot in account.lots {
        switch (lot.state, lot.kind) {
        case (.pending, _): pending += lot.remaining.minorUnits
        case (_, .principal): principal += lot.remaining.minorUnits
        case (_, .bonus): bonus += lot.remaining.minorUnits
        }
      }
    }
    guard totals[.cardPrincipal, default: 0] == -principal,
      totals[.cardBonus, default: 0] == -bonus, totals[.pendingTopUps, default: 0] == -pending
    else { throw Broken("INV-12: \(totals)") }
    guard totals.values.reduce(0, +) == 0 else { throw Broken("the totals are not zero") }
  }
}
