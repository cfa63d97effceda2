// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
package import Store

/// An alert as it stands: its own event, how often it has hit, and what somebody found.
package struct AlertView: Sendable {
  package let event: AlertEvent
  package let count: Int64
  /// The entry that acknowledged it last.
  package let acknowledgedBy: Entry?

  package var acknowledgement: Change.AlertAcknowledgement? {
    for case .alertAcknowledged(let found) in acknowledgedBy?.changes ?? []
    where found.alert == event.raise.sequence {
      return found
    }
    return nil
  }
}

extension Engine {
  /// The events from number `first` on, at most `limit`.
  package func events(from first: Int64, limit: Int) throws(StoreError) -> [AlertEvent] {
    var events: [AlertEvent] = []
    var sequence = first
    while sequence <= working.point.alertSequence, events.count < limit {
      guard let row = try working.alert(sequence), let entry = try working.entry(row.entry) else {
        throw .damaged(entry: nil, reason: "event \(sequence) of the outbox is missing")
      }
      let found = try AlertEvent.events(of: entry) { id throws(StoreError) in
        try working.entry(id)
      }
      guard let event = found.first(where: { $0.sequence == sequence }) else {
        throw .damaged(entry: nil, reason: "event \(sequence) of the outbox is not in its entry")
      }
      events.append(event)
      sequence += 1
    }
    return events
  }

  /// The alert of this name; nil when there is none.
  package func alert(_ id: AlertID) throws(StoreError) -> AlertView? {
    guard let entry = try working.entry(id.entry), let raise = entry.raise(of: id) else {
      return nil
    }
    return try view(AlertEvent(raise: raise, raisedBy: entry, update: nil))
  }

  private func view(_ event: AlertEvent) throws(StoreError) -> AlertView? {
    guard let standing = try working.alert(event.raise.sequence)?.standing else { return nil }
    let acknowledgedBy = try standing.acknowledgedBy.flatMap { id throws(StoreError) in
      try working.entry(id)
    }
    return AlertView(event: event, count: standing.count, acknowledgedBy: acknowledgedBy)
  }

  /// How many events one call looks at.
  private static let alertBudget = 2_000

  /// Alerts newest first, from event `start` back, that `admits` lets through; the next start.
  package func alerts(
    at start: Int64?, limit: Int, _ admits: (AlertView) -> Bool
  ) throws(StoreError) -> (alerts: [AlertView], next: Int64?) {
    var found: [AlertView] = []
    let first = min(start ?? .max, working.point.alertSequence)
    var sequence = first
    while sequence > 0 {
      if found.count == limit || first - sequence >= Int64(Self.alertBudget) {
        return (found, sequence)
      }
      if let row = try working.alert(sequence), row.standing != nil,
        let event = try events(from: sequence, limit: 1).first, let view = try view(event),
        admits(view)
      {
        found.append(view)
      }
      sequence -= 1
    }
    return (found, nil)
  }
}
