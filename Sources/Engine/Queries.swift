// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import Program
import Store
package import StoredValue

/// An account as a query sees it: what is due has lapsed, whether or not it is posted yet.
package struct AccountView: Sendable {
  package let account: Account
  package let snapshot: AccountSnapshot
}

extension Engine {
  /// The account of this name as it stands now.
  package func view(_ name: AccountName) throws(Interruption) -> AccountView {
    view(try working.find(name))
  }

  package func view(_ account: Account) -> AccountView {
    let now = now
    let standing = account.lapsed(at: now)
    let snapshot = standing.snapshot(
      at: now, date: calendar.date(at: now), under: program.storedValue.spending)
    return AccountView(account: standing, snapshot: snapshot)
  }

  /// An entry with what later ones did to it; `not_found` when there is none.
  package func entry(
    _ id: EntryID, field: String
  ) throws(Interruption) -> (entry: Entry, marks: EntryMarks) {
    guard let entry = try reading({ () throws(StoreError) in try working.entry(id) }) else {
      throw .refused(Refusal(.notFound, field: field))
    }
    return (entry, try reading { () throws(StoreError) in try working.marks(of: id) })
  }

  /// The entry that a key made; `not_found` when the key was never used or only blocked.
  package func lookup(
    _ key: IdempotencyKey
  ) throws(Interruption) -> (entry: Entry, marks: EntryMarks) {
    let standing = try reading { () throws(StoreError) in try working.standing(of: key) }
    guard case .used(let entry) = standing else {
      throw .refused(Refusal(.notFound, field: "/original_idempotency_key"))
    }
    return try self.entry(entry.id, field: "/original_idempotency_key")
  }

  /// What a top-up would bring now, and the limits it would break; changes nothing.
  package func quote(
    _ amount: Amount, to name: AccountName, store: String?
  ) throws(Interruption) -> TopUpQuote {
    let account = try working.find(name)
    guard account.status != .closed else { throw .refused(Refusal(.accountClosed)) }
    let context = DecisionContext(
      now: now, calendar: calendar, rules: program.storedValue, programVersion: programVersion,
      nextEntry: working.head.next)
    let standing = account.lapsed(at: now)
    let judgement = BonusJudgement(
      amount: amount, store: store, account: standing, in: context)
    let limits = standing.limits(amount, bonus: judgement.total, in: context)
    let coupons = coupons
    let offers = try reading { () throws(StoreError) in
      try coupons.offers(by: judgement.granted.map(\.rule), to: account.id)
    }
    return TopUpQuote(judgement: judgement, gifts: offers.gifts(of: judgement), limits: limits)
  }
}

/// What a top-up would bring.
package struct TopUpQuote: Sendable {
  package let judgement: BonusJudgement
  /// The coupons that the granted rules promise.
  package let gifts: [PromisedGift]
  /// The limits that the top-up would break.
  package let limits: [Refusal]
}

/// Which entries a listing wants; empty means all.
package struct EntryFilter: Sendable {
  package var account: AccountID?
  package var kind: EntryKind?
  package var from: Instant?
  package var to: Instant?
  package var businessDate: BusinessDate?
  package var origin = Origin()

  package init() {}

  package func admits(_ entry: Entry) -> Bool {
    if let account, entry.account != account { return false }
    if let kind, entry.kind != kind { return false }
    if let from, entry.at < from { return false }
    if let to, entry.at >= to { return false }
    if let businessDate, entry.date != businessDate { return false }
    if let store = origin.store, entry.origin.store != store { return false }
    if let terminal = origin.terminal, entry.origin.terminal != terminal { return false }
    if let person = origin.operator, entry.origin.operator != person { return false }
    return true
  }
}

/// A part of a listing, newest entry first; entries that come later do not disturb it.
package struct EntryPage: Sendable {
  package var entries: [Entry] = []
  /// Where the next part begins; nil at the end.
  ///
  /// A part may be short, or empty, before the end.
  package var next: EntryID?
}

extension Engine {
  /// How many entries one call looks at, so that a listing never holds up the tills for long.
  private static let scanBudget = 5000

  /// Entries of an account or of the whole ledger that the filter admits, at or before `start`.
  package func list(
    _ filter: EntryFilter, at start: EntryID?, limit: Int
  ) throws(Interruption) -> EntryPage {
    do {
      if let account = filter.account {
        return try chain(of: account, filter, at: start, limit: limit)
      }
      return try scan(filter, at: start ?? working.head, limit: limit)
    } catch {
      throw .store(error)
    }
  }

  /// Walks an account's own entries back, each naming the one before it.
  private func chain(
    of account: AccountID, _ filter: EntryFilter, at start: EntryID?, limit: Int
  ) throws(StoreError) -> EntryPage {
    var page = EntryPage()
    let last = try working.account(account)?.lastEntry ?? .none
    var next = start ?? last
    var looked = 0
    while next > .none {
      guard let entry = try working.entry(next), entry.account == account else { return page }
      if page.entries.count == limit || looked == Self.scanBudget
        || filter.from.map({ entry.at < $0 }) == true
      {
        page.next = filter.from.map { entry.at < $0 } == true ? nil : next
        return page
      }
      if filter.admits(entry) { page.entries.append(entry) }
      looked += 1
      next = entry.previous
    }
    return page
  }

  /// Walks the whole journal back in windows.
  private func scan(
    _ filter: EntryFilter, at start: EntryID, limit: Int
  ) throws(StoreError) -> EntryPage {
    var page = EntryPage()
    var last = min(start, working.head)
    var looked = 0
    while last > .none {
      let size = min(last.sequence, 500)
      let window = try store.entries(from: EntryID(last.sequence - size + 1), limit: Int(size))
      for entry in window.reversed() where entry.id <= last {
        if let from = filter.from, entry.at < from { return page }
        if page.entries.count == limit || looked == Self.scanBudget {
          page.next = entry.id
          return page
        }
        if filter.admits(entry) { page.entries.append(entry) }
        looked += 1
      }
      last = EntryID(last.sequence - size)
    }
    return page
  }
}
