// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// An entry in the making: each change is applied to the draft's own account as it is recorded, so
/// that what follows, and the snapshot at the end, see it.
package struct Draft {
  package let context: DecisionContext
  package let id: EntryID
  package private(set) var account: Account
  private var changes: [Change] = []
  private var postings: [Posting] = []
  package let kind: EntryKind
  package var amount = Amount.zero
  package var principal = Amount.zero
  package var bonus = Amount.zero
  package var tender: String?
  package var links: [Entry.Link] = []
  package var hold: HoldID?

  package init(_ kind: EntryKind, id: EntryID, on account: Account, in context: DecisionContext) {
    self.kind = kind
    self.id = id
    self.account = account
    self.context = context
    // What a sale takes: growing by steps would copy what is there each time.
    changes.reserveCapacity(4)
    postings.reserveCapacity(4)
  }

  private var stamp: EntryStamp { EntryStamp(id: id, at: context.now, date: context.date) }

  /// Records a change and applies it; traps when it does not fit, because the decision judged it.
  package mutating func record(_ change: Change) {
    changes.append(change)
    if case .accountOpened = change { return }
    do {
      try account.apply(change, of: stamp)
    } catch {
      preconditionFailure("decided what the state does not allow: \(error.reason)")
    }
  }

  /// Posts `amount` from one account to another: debits the first, credits the second.
  package mutating func post(_ amount: Amount, debit: LedgerAccount, credit: LedgerAccount) {
    guard !amount.isZero else { return }
    postings.append(.debit(debit, amount))
    postings.append(.credit(credit, amount))
  }

  /// Posts a single leg; the entry's legs must sum to zero in the end.
  package mutating func postLeg(_ posting: Posting) {
    if posting.amount != 0 { postings.append(posting) }
  }

  /// Lapses what is due, as the same entry: value freed from a hold, or given back too late.
  package mutating func lapseDue() {
    for part in account.due(at: context.now) {
      let kind = account.kind(of: part.lot)
      record(.lotLapsed(part.lot, part.amount))
      post(
        part.amount, debit: kind == .principal ? .cardPrincipal : .cardBonus, credit: .breakage)
    }
  }

  /// The finished entry; traps when its postings do not balance (INV-1).
  ///
  /// Nothing is recorded afterwards.
  package mutating func finish(answering request: RequestRecord?) -> Entry {
    lapseDue()
    let previous = account.lastEntry
    account.finish(stamp)
    let entry = Entry(
      id: id, at: context.now, date: context.date, kind: kind, account: account.id,
      previous: previous, programVersion: context.programVersion, origin: context.origin,
      reason: context.reason,
      tender: tender, amount: amount, principal: principal, bonus: bonus, links: links, hold: hold,
      changes: changes, postings: postings,
      after: account.snapshot(at: context.now, date: context.date, under: context.rules.spending),
      request: request)
    precondition(entry.isBalanced, "INV-1: the postings of an entry sum to zero")
    return entry
  }
}
