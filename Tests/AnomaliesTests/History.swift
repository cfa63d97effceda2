// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore

/// Makes journals by hand: entries that say only what rules look at.
struct History {
  private(set) var entries: [Entry] = []
  var now = Instant(milliseconds: 1_800_000_000_000)

  static func account(_ number: Int) -> AccountID {
    guard let id = AccountID(stored: Int64(number)) else { preconditionFailure("no id") }
    return id
  }

  /// UTC on the wall.
  static func wall(_ at: Instant) -> WallTime {
    WallTime(local: at.milliseconds)
  }

  /// Adds an entry `after` milliseconds after the one before.
  @discardableResult
  mutating func add(
    _ kind: EntryKind, after milliseconds: Int64 = 0, card: Int? = 1, amount: Int64 = 0,
    terminal: String? = nil, operator person: String? = nil, store: String? = nil,
    pending: Bool = false
  ) -> Entry {
    now = Instant(milliseconds: now.milliseconds + milliseconds)
    let entry = Entry(
      id: EntryID(Int64(entries.count + 1)), at: now,
      date: BusinessDate(daysSince1970: now.milliseconds / 86_400_000), kind: kind,
      account: card.map { Self.account($0) }, programVersion: 1,
      origin: Origin(store: store, terminal: terminal, operator: person),
      amount: Amount(amount), principal: pending ? .zero : Amount(amount), changes: [],
      after: nil, request: nil)
    entries.append(entry)
    return entry
  }

  /// Runs the rules over it.
  func run(_ rules: [Rule]) -> [Rehearsal.Verdict] {
    let rehearsal = Rehearsal(rules, wall: Self.wall)
    return entries.map { rehearsal.take($0) }
  }
}

extension Rehearsal.Verdict {
  var raised: [Change.AlertRaise] {
    judgement.changes.compactMap { change in
      if case .alertRaised(let raise) = change { raise } else { nil }
    }
  }

  var updates: [Change.AlertUpdate] {
    endings
      + judgement.changes.compactMap { change in
        if case .alertUpdated(let update) = change { update } else { nil }
      }
  }
}

extension [Rehearsal.Verdict] {
  var raised: [Change.AlertRaise] { flatMap(\.raised) }
  var updates: [Change.AlertUpdate] { flatMap(\.updates) }
  /// The numbers of the entries at which something was raised.
  var places: [Int] { enumerated().filter { !$1.raised.isEmpty }.map { $0.offset + 1 } }
}
