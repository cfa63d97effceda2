// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Everything a decision may look at besides the account: handed in, never fetched.
package final class DecisionContext: Sendable {
  /// Ledger time; never behind the newest entry (INV-14).
  package let now: Instant
  package let date: BusinessDate
  package let calendar: BusinessCalendar
  package let rules: StoredValueRules
  package let programVersion: Int64
  /// The id the first entry of the decision gets.
  package let nextEntry: EntryID
  package let origin: Origin
  package let reason: String?
  package let request: RequestRecord?

  package init(
    now: Instant, calendar: BusinessCalendar, rules: StoredValueRules, programVersion: Int64,
    nextEntry: EntryID, origin: Origin = Origin(), reason: String? = nil,
    request: RequestRecord? = nil
  ) {
    self.now = now
    date = calendar.date(at: now)
    self.calendar = calendar
    self.rules = rules
    self.programVersion = programVersion
    self.nextEntry = nextEntry
    self.origin = origin
    self.reason = reason
    self.request = request
  }
}

/// What is to be done: entries to append, or a refusal and what it leaves in the journal.
package enum Decision: Sendable {
  /// Appended together or not at all; the last one is the answer's.
  case accepted([Entry])
  /// `recording` holds at most the counting of a PIN attempt and what lapsed before it.
  case refused(Refusal, recording: [Entry])

  package var entries: [Entry] {
    switch self {
    case .accepted(let entries): entries
    case .refused(_, let entries): entries
    }
  }
}
