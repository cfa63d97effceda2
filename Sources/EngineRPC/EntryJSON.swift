// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import StoredValue

extension JSONWriter {
  /// An entry with what later entries did to it, as of `now` (contract §3).
  mutating func entry(_ entry: Entry, _ marks: EntryMarks, at now: Instant) {
    beginObject()
    name("entry_id")
    string(entry.id)
    name("seq")
    integer(entry.id.sequence)
    name("kind")
    string(entry.kind.name)
    name("account_id")
    optional(entry.account)
    name("amount")
    amount(entry.amount)
    name("principal")
    amount(entry.principal)
    name("bonus")
    amount(entry.bonus)
    name("at")
    string(entry.at)
    name("business_date")
    string(entry.date)
    name("store_id")
    optional(entry.origin.store)
    name("terminal_id")
    optional(entry.origin.terminal)
    name("operator_id")
    optional(entry.origin.operator)
    name("reason")
    optional(entry.reason)
    name("status")
    string(entry.status(marks, at: now))
    name("tender")
    optional(entry.tender)
    name("hold_id")
    optional(entry.hold)
    name("program_version")
    integer(entry.programVersion)
    name("idempotency_key")
    optional(entry.key?.text)
    name("links")
    beginObject()
    for link in entry.links {
      name(link.relation.name)
      string(link.entry)
    }
    endObject()
    endObject()
  }
}

extension Entry {
  /// Where the entry stands in its life.
  func status(_ marks: EntryMarks, at now: Instant) -> String {
    switch kind {
    case .topUp:
      if marks.isReversed { return "reversed" }
      if marks.isBounced { return "bounced" }
      if marks.isCleared { return "cleared" }
      return principal.isZero ? "pending" : "posted"
    case .debit, .capture:
      if marks.isReversed { return "reversed" }
      if marks.refunded.isZero { return "posted" }
      return marks.refunded < amount ? "partly_refunded" : "refunded"
    case .checkout:
      if marks.isReturned { return "refunded" }
      return marks.returned.isEmpty ? "posted" : "partly_refunded"
    case .authorize:
      if marks.isCaptured { return "captured" }
      if marks.isReleased { return "released" }
      return holdEnd.map { $0 <= now } ?? false ? "expired" : "live"
    default: return "posted"
    }
  }

  /// When the hold it placed ends by itself.
  var holdEnd: Instant? {
    for change in changes {
      if case .holdPlaced(let hold) = change { return hold.expiresAt }
    }
    return nil
  }
}
