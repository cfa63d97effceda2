// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
package import JSON
package import LedgerCore
package import Store

extension AlertEvent {
  /// The event as one CloudEvents 1.0 object (contract §7).
  package var cloudEvent: [UInt8] {
    var writer = JSONWriter(reservingCapacity: 1024)
    writer.cloudEvent(self)
    return writer.bytes
  }

  /// Its name: the alert's, for news with a number behind.
  package var eventID: String {
    alertID.text + (update.map { ".\($0.number)" } ?? "")
  }

  package var time: Instant { update?.at ?? raisedBy.at }

  package var count: Int64 { update?.count ?? 1 }
}

extension JSONWriter {
  /// An event as a CloudEvents object.
  package mutating func cloudEvent(_ event: AlertEvent) {
    beginObject()
    cloudEventMembers(event, count: event.count)
    endObject()
  }

  /// An alert as it stands: its own event with today's count, and what somebody found.
  mutating func alert(_ view: AlertView) {
    beginObject()
    cloudEventMembers(view.event, count: view.count)
    name("acknowledged")
    if let found = view.acknowledgement, let entry = view.acknowledgedBy {
      beginObject()
      name("disposition")
      string(found.disposition.name)
      name("note")
      optional(found.note)
      name("at")
      string(entry.at.text)
      name("operator_id")
      optional(entry.origin.operator)
      name("entry_id")
      string(entry.id.text)
      endObject()
    } else {
      null()
    }
    endObject()
  }

  /// `alerts`: the alerts that an entry raised, as the data of their events.
  mutating func alerts(of entry: Entry) {
    name("alerts")
    beginArray()
    for case .alertRaised(let raise) in entry.changes {
      alertData(AlertEvent(raise: raise, raisedBy: entry, update: nil), count: 1)
    }
    endArray()
  }

  private mutating func cloudEventMembers(_ event: AlertEvent, count: Int64) {
    let origin = event.raisedBy.origin
    name("specversion")
    string("1.0")
    name("id")
    string(event.eventID)
    name("source")
    string("/scrip/" + pathSegment(origin.store) + "/" + pathSegment(origin.terminal))
    name("type")
    string(event.update == nil ? "scrip.alert.raised.v1" : "scrip.alert.updated.v1")
    name("time")
    string(event.time.text)
    name("subject")
    string(event.raise.subject.text)
    name("data")
    alertData(event, count: count)
  }

  /// The `data` of an event.
  package mutating func alertData(_ event: AlertEvent, count: Int64) {
    let raise = event.raise
    beginObject()
    name("seq")
    integer(event.sequence)
    name("alert_id")
    string(event.alertID.text)
    name("update")
    integer(event.update?.number ?? 0)
    name("final")
    bool(event.update?.isFinal ?? false)
    name("rule_id")
    string(raise.rule)
    name("kind")
    string(raise.cause.name)
    name("program_version")
    integer(event.raisedBy.programVersion)
    name("severity")
    string(raise.severity.name)
    name("action")
    string(raise.action.name)
    name("summary")
    beginObject()
    name("zh")
    string(AlertSummary.chinese(event, count: count))
    name("en")
    string(AlertSummary.english(event, count: count))
    endObject()
    name("subject_kind")
    string(raise.subject.kind.name)
    name("window")
    if let from = raise.windowStart {
      beginObject()
      name("from")
      string(from.text)
      name("to")
      string(event.raisedBy.at.text)
      endObject()
    } else {
      null()
    }
    name("observed")
    integer(event.update?.observed ?? raise.observed)
    name("threshold")
    integer(raise.threshold)
    name("evidence")
    beginArray()
    for entry in event.evidence { string(entry.text) }
    endArray()
    name("store_id")
    optional(event.raisedBy.origin.store)
    name("terminal_id")
    optional(event.raisedBy.origin.terminal)
    name("operator_id")
    optional(event.raisedBy.origin.operator)
    name("count")
    integer(count)
    endObject()
  }
}

extension AlertEvent {
  /// The entries it rests on; news name the newest hit too.
  fileprivate var evidence: [EntryID] {
    guard let newest = update?.newest, raise.evidence.last != newest else { return raise.evidence }
    return raise.evidence + [newest]
  }
}

/// A name as a segment of a URI path: what is not unreserved is percent-encoded; none is `-`.
private func pathSegment(_ name: String?) -> String {
  guard let name else { return "-" }
  var out = ""
  for byte in name.utf8 {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
      out.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let digits = String(byte, radix: 16, uppercase: true)
      out += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
    }
  }
  return out
}
