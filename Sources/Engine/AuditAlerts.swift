// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import Program
import Store

extension Audit {
  /// The alerts, computed anew from the journal and the rules in force at each entry (INV-21).
  final class Alerts {
    private let source: Source
    private let findings: Findings
    private let calendar: BusinessCalendar?
    private(set) var rehearsal: Rehearsal
    /// False once an entry could not be read: what comes after cannot be known.
    private(set) var isReliable = true
    /// What has become of the alerts, by the number of their event.
    private(set) var rows: [Int64: AlertRow] = [:]
    /// Whether the rules freeze the card of the entry looked at last.
    private(set) var freezes = false

    init(_ source: Source, _ calendar: BusinessCalendar?) {
      self.source = source
      findings = source.findings
      self.calendar = calendar
      rehearsal = Rehearsal { at in
        calendar?.wallTime(at: at) ?? WallTime(local: at.milliseconds)
      }
    }

    func giveUp() { isReliable = false }

    func take(_ entry: Entry) throws(StoreError) {
      freezes = false
      guard isReliable else { return }
      let attempt = Attempt(entry)
      let told = entry.changes.filter { $0.alertSubject != nil }
      let endings = rehearsal.endings(by: entry.at)
      let due: [Change]
      if entry.kind == .alertsEnded {
        due = endings.prefix(Engine.endingLimit).map { .alertUpdated($0) }
      } else {
        if !endings.isEmpty {
          findings.add(
            "alerts had ended before it, and that was not told", at: entry.id, breaking: 21)
        }
        let judgement = rehearsal.judge(attempt, after: rehearsal.sequence)
        freezes = judgement.freezes
        due = judgement.changes
        check(judgement, attempt, entry)
      }
      if told != due { name(told, due, entry) }
      rehearsal.fold(attempt, isCounted: !attempt.wasDeclined, saying: due)
      note(entry, due)
      if entry.kind == .programSet { try setRules(by: entry) }
    }

    /// What is declined was to be declined, and the other way round.
    private func check(_ judgement: Judgement, _ attempt: Attempt, _ entry: Entry) {
      // An opening's top-up is judged together with the opening.
      guard entry.linked(.opens) == nil, entry.kind != .pinFailed else { return }
      guard (judgement.declinedBy != nil) != attempt.wasDeclined else { return }
      findings.add(
        attempt.wasDeclined
          ? "it was declined, but no rule declines it"
          : "rule \(judgement.declinedBy?.id ?? "") declines it", at: entry.id, breaking: 21)
    }

    private func name(_ told: [Change], _ due: [Change], _ entry: Entry) {
      let missing = due.filter { !told.contains($0) }.count
      let strange = told.filter { !due.contains($0) }.count
      var words: [String] = []
      if missing > 0 { words.append("\(missing) that the rules make") }
      if strange > 0 { words.append("not \(strange) that it tells") }
      if words.isEmpty { words.append("in another order") }
      findings.add(
        "it does not tell rightly of alerts: " + words.joined(separator: ", "), at: entry.id,
        breaking: 21)
    }

    private func note(_ entry: Entry, _ changes: [Change]) {
      for change in changes {
        switch change {
        case .alertRaised(let raise):
          rows[raise.sequence] = AlertRow(
            entry: entry.id, standing: AlertStanding(lastEntry: entry.id))
        case .alertCounted(let count):
          rows[count.alert]?.standing?.count = count.count
          rows[count.alert]?.standing?.lastEntry = entry.id
        case .alertUpdated(let update):
          rows[update.sequence] = AlertRow(entry: entry.id, standing: nil)
          rows[update.alert]?.standing?.count = update.count
          rows[update.alert]?.standing?.lastEntry = entry.id
        default: break
        }
      }
      for case .alertAcknowledged(let found) in entry.changes {
        guard rows[found.alert]?.standing != nil else {
          findings.add("it acknowledges an alert that was not raised", at: entry.id, breaking: 21)
          continue
        }
        rows[found.alert]?.standing?.acknowledgedBy = entry.id
        rows[found.alert]?.standing?.lastEntry = entry.id
      }
    }

    private func setRules(by entry: Entry) throws(StoreError) {
      for case .programSet(let document) in entry.changes {
        guard let rules = try? Program.decode(canonical: document).anomalyRules else {
          return giveUp()
        }
        // Without a calendar nobody knows what the clocks on the wall showed.
        if calendar == nil, rules.contains(where: { $0.test.cause == .timeOfDay }) {
          return giveUp()
        }
        var backfill = rehearsal.set(rules, by: entry.id)
        guard !rehearsal.detector.news.isEmpty else { continue }
        let edge = backfill.reach.map { entry.at.milliseconds - $0 * 1000 } ?? .min
        var cursor = Int64(0)
        while let rows = try source.rows(after: cursor, limit: Audit.slice), !rows.isEmpty {
          for row in rows where row.sequence <= entry.id.sequence && row.at > edge {
            guard let earlier = try? row.entry() else { return giveUp() }
            backfill.take(earlier)
          }
          cursor = rows.last?.sequence ?? .max
          if cursor >= entry.id.sequence { break }
        }
        backfill.finish()
      }
    }
  }
}
