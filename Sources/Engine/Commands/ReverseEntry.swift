// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import Store
import StoredValue

/// `entry.reverse`, by entry or by the key of the original request.
package struct ReverseEntry: Command {
  package static let method = RequestMethod.entryReverse

  /// What is to be reversed.
  package enum Original: Sendable {
    case entry(EntryID)
    case key(IdempotencyKey)
  }

  package let original: Original
  package let name: AccountName?

  package init(original: Original, name: AccountName?) {
    self.original = original
    self.name = name
  }

  package var subject: Subject {
    switch original {
    case .entry(let id): .entry(id)
    case .key: .ledger
    }
  }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    switch original {
    case .entry(let id): return try reverse(id, at: desk)
    case .key(let key):
      switch try reading({ () throws(StoreError) in try desk.working.standing(of: key) }) {
      case .used(let entry):
        do {
          return try reverse(entry.id, at: desk).namingKey
        } catch .refused(let refusal) {
          throw .refused(refusal.namingKey)
        }
      case .blocked:
        throw .refused(Refusal(.alreadyReversed, field: "/original_idempotency_key"))
      case .unused: return try block(key, at: desk)
      }
    }
  }

  private func reverse(_ id: EntryID, at desk: Desk) throws(Interruption) -> Decided {
    let original = try desk.original(id, of: name, ofNone: .notReversible)
    let coupons =
      original.entry.kind == .topUp
      ? try desk.withdrawal(ofCouponsGivenBy: original.entry, original.marks) : []
    return Decided(
      original.account.reverse(
        original.entry, marks: original.marks, beside: coupons,
        in: try desk.context(for: original.account.id)))
  }

  /// The original has not arrived: from now on it will be refused.
  private func block(_ key: IdempotencyKey, at desk: Desk) throws(Interruption) -> Decided {
    guard key != desk.ticket.key else {
      throw .refused(Refusal(.notReversible, field: "/original_idempotency_key"))
    }
    return Decided(
      .accepted([
        Entry(
          id: desk.working.head.next, at: desk.now, date: desk.calendar.date(at: desk.now),
          kind: .keyBlocked, account: nil, programVersion: desk.programVersion,
          origin: desk.ticket.origin, reason: desk.ticket.reason, changes: [.keyBlocked(key)],
          after: nil, request: try desk.recordWithoutAccount())
      ]))
  }
}

extension Refusal {
  /// The same, of a request that named the original by its key.
  fileprivate var namingKey: Refusal {
    var refusal = self
    if field == "/entry_id" { refusal.field = "/original_idempotency_key" }
    return refusal
  }
}

extension Decided {
  fileprivate var namingKey: Decided {
    guard case .refused(let refusal, let recording) = decision else { return self }
    return Decided(.refused(refusal.namingKey, recording: recording), person: person)
  }
}
