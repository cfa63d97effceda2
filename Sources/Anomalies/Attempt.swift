// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// An entry as the rules see it: one that was appended, is about to be, or was declined.
///
/// Refers to its entry rather than copying from it, because it is handed on at every step.
package struct Attempt: Sendable {
  private let entry: Entry
  package private(set) var id: EntryID
  package let kind: EntryKind
  package let account: AccountID?
  /// Whether it made a top-up spendable.
  package let credits: Bool

  package init(_ entry: Entry) {
    self.entry = entry
    id = entry.id
    var kind = entry.kind
    var account = entry.account
    if kind == .declined {
      for case .attemptDeclined(let attempt) in entry.changes {
        kind = attempt.kind
        account = attempt.account
      }
    }
    self.kind = kind
    self.account = account
    credits =
      switch kind {
      case .topUp: entry.kind == .declined || !entry.principal.isZero
      case .topUpClear: true
      default: false
      }
  }

  /// What a scanner's process counted.
  package var codes: Change.CodeFailures? {
    guard entry.kind == .codeFailures else { return nil }
    for case .codesFailed(let failures) in entry.changes.reversed() { return failures }
    return nil
  }

  package var at: Instant { entry.at }
  package var amount: Amount { entry.amount }
  package var origin: Origin { entry.origin }
  /// Whether a rule declined it when it was made.
  package var wasDeclined: Bool { entry.kind == .declined }

  /// The same attempt as the entry of another number.
  package func numbered(_ id: EntryID) -> Attempt {
    var copy = self
    copy.id = id
    return copy
  }

  /// The one of this kind that it concerns; nil when it names none.
  package func subject(_ kind: SubjectKind) -> WatchedSubject? {
    if self.kind == .codeFailures, let codes {
      return codes.subject.kind == kind ? codes.subject : nil
    }
    return switch kind {
    case .account: account.map { .account($0) }
    case .terminal: origin.terminal.map { .terminal($0) }
    case .operator: origin.operator.map { .operator($0) }
    case .store: origin.store.map { .store($0) }
    }
  }
}
