// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// An event of the outbox with all it tells: an alert, or news of one.
package struct AlertEvent: Sendable {
  package let raise: Change.AlertRaise
  /// The entry that raised the alert.
  package let raisedBy: Entry
  /// nil for the alert itself.
  package let update: Change.AlertUpdate?

  package init(raise: Change.AlertRaise, raisedBy: Entry, update: Change.AlertUpdate?) {
    self.raise = raise
    self.raisedBy = raisedBy
    self.update = update
  }

  package var sequence: Int64 { update?.sequence ?? raise.sequence }

  /// The alert's name.
  package var alertID: AlertID {
    AlertID(entry: raisedBy.id, rule: AlertID.bits(ofRule: raise.rule))
  }

  /// The events an entry holds, in order; `find` brings an earlier entry.
  package static func events<Failure: Error>(
    of entry: Entry, find: (EntryID) throws(Failure) -> Entry?
  ) throws(Failure) -> [AlertEvent] {
    var events: [AlertEvent] = []
    for change in entry.changes {
      switch change {
      case .alertRaised(let raise):
        events.append(AlertEvent(raise: raise, raisedBy: entry, update: nil))
      case .alertUpdated(let update):
        guard let raisedBy = try find(update.id.entry),
          let raise = raisedBy.raise(of: update.id)
        else { continue }
        events.append(AlertEvent(raise: raise, raisedBy: raisedBy, update: update))
      default: break
      }
    }
    return events
  }
}

extension Entry {
  /// What it says of the alert with this name, where it raised it.
  package func raise(of id: AlertID) -> Change.AlertRaise? {
    guard id.entry == self.id else { return nil }
    for case .alertRaised(let raise) in changes
    where AlertID.bits(ofRule: raise.rule) == id.rule {
      return raise
    }
    return nil
  }
}
