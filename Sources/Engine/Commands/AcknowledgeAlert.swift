// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import Store
import StoredValue

/// `alert.ack`: somebody has looked at an alert; a later word on it stands over an earlier one.
package struct AcknowledgeAlert: Command {
  package static let method = RequestMethod.alertAck
  package let alert: AlertID
  package let disposition: AlertDisposition
  package let note: String?

  package init(alert: AlertID, disposition: AlertDisposition, note: String?) {
    self.alert = alert
    self.disposition = disposition
    self.note = note
  }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let entry = try reading { () throws(StoreError) in try desk.working.entry(alert.entry) }
    guard let raise = entry?.raise(of: alert) else {
      throw .refused(Refusal(.notFound, field: "/alert_id"))
    }
    let acknowledgement = Change.AlertAcknowledgement(
      alert: raise.sequence, id: alert, disposition: disposition, note: note)
    return Decided(
      .accepted([
        Entry(
          id: desk.working.head.next, at: desk.now, date: desk.calendar.date(at: desk.now),
          kind: .alertAck, account: nil, programVersion: desk.programVersion,
          origin: desk.ticket.origin, reason: desk.ticket.reason,
          changes: [.alertAcknowledged(acknowledgement)], after: nil,
          request: try desk.recordWithoutAccount())
      ]))
  }
}
