// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What the rules say of an entry.
package struct Judgement: Sendable {
  /// What the entry says of alerts, in the program's order of rules.
  package var changes: [Change] = []
  /// The first rule that declines it.
  package var declinedBy: Rule?
  /// Whether a rule that hit freezes the card.
  package var freezes = false
  /// The number of the newest event, this judgement's included.
  package var sequence: Int64

  package init(sequence: Int64) { self.sequence = sequence }
}

extension Detector {
  /// How often news of a live alert are told, in seconds.
  package static let updateInterval: Int64 = 60
  /// How many entries an alert names.
  static let evidenceLimit = 10

  /// Judges an entry by all rules that look at its kind, as if it were the next.
  ///
  /// Changes nothing: what it says is folded in with the entry. `sequence` is the number of the
  /// newest event so far; `wall` tells what the clocks of the ledger's zone show.
  package func judge<Records: WatchRecords>(
    _ attempt: Attempt, after sequence: Int64, in records: Records,
    wall: (Instant) -> WallTime
  ) throws(Records.Failure) -> Judgement {
    var judgement = Judgement(sequence: sequence)
    var hits: [Hit] = []
    let groups = groups(attempt.kind)
    for index in groups.indices where !groups[index].rules.isEmpty {
      let group = groups[index]
      guard let subject = attempt.subject(group.subject) else { continue }
      var record: SubjectRecord?
      var isLoaded = false
      for index in group.rules.indices {
        let placed = group.rules[index]
        if !isLoaded, placed.series != nil {
          record = try records.record(of: subject)
          isLoaded = true
        }
        guard
          let measure = try measure(
            placed, attempt, subject, record, in: records, wall: wall)
        else { continue }
        if !isLoaded {
          record = try records.record(of: subject)
          isLoaded = true
        }
        let live = record?.live(placed.bits, at: attempt.at)
        if measure.isOver, live == nil { continue }
        hits.append(Hit(placed: placed, subject: subject, measure: measure, live: live))
      }
    }
    guard !hits.isEmpty else { return judgement }
    for hit in hits.sorted(by: { $0.placed.place < $1.placed.place }) {
      judgement.take(hit, of: rules[hit.placed.place], attempt)
    }
    return judgement
  }

  struct Hit {
    let placed: PlacedRule
    let subject: WatchedSubject
    let measure: Measure
    /// The rule's alert on the subject, where one is live.
    let live: LiveAlert?
  }

  /// What a rule that hit has measured.
  struct Measure {
    var windowStart: Instant?
    let observed: Int64
    let threshold: Int64
    var evidence: [EntryID] = []
    /// How many hits the entry stands for.
    var hits: Int64 = 1
    /// These were hits when they came, and would be none now: they belong to an alert that is live,
    /// and raise none.
    var isOver = false
  }
}

extension Judgement {
  mutating func take(_ hit: Detector.Hit, of rule: Rule, _ attempt: Attempt) {
    // A wrong PIN was refused already: it counts as what it was.
    if rule.action != .alert, attempt.kind != .pinFailed, declinedBy == nil { declinedBy = rule }
    if rule.action == .freeze { freezes = true }
    guard let live = hit.live else { return raise(hit, of: rule, attempt) }
    let count = live.count + hit.measure.hits
    guard attempt.at >= live.toldAt.advanced(bySeconds: Detector.updateInterval) else {
      changes.append(
        .alertCounted(
          Change.AlertCount(
            alert: live.alert, subject: hit.subject, count: count,
            observed: hit.measure.observed)))
      return
    }
    sequence += 1
    changes.append(
      .alertUpdated(
        Change.AlertUpdate(
          sequence: sequence, alert: live.alert, id: live.id, number: live.updates + 1,
          subject: hit.subject, count: count, observed: hit.measure.observed, newest: attempt.id,
          at: attempt.at, isFinal: false)))
  }

  private mutating func raise(_ hit: Detector.Hit, of rule: Rule, _ attempt: Attempt) {
    sequence += 1
    changes.append(
      .alertRaised(
        Change.AlertRaise(
          sequence: sequence, rule: rule.id, cause: rule.test.cause, subject: hit.subject,
          severity: rule.severity, action: rule.action, windowStart: hit.measure.windowStart,
          observed: hit.measure.observed, threshold: hit.measure.threshold,
          evidence: hit.measure.evidence + [attempt.id],
          suppressedUntil: attempt.at.advanced(bySeconds: rule.suppressSeconds))))
  }
}
