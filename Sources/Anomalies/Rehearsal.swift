// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Rules run over a journal in memory: for backtests, the audit and tests.
///
/// The same judging and the same folding as live, entry by entry, so it comes to the same alerts.
package final class Rehearsal {
  package let records = MemoryRecords()
  package private(set) var detector: Detector
  /// The number of the newest event.
  package private(set) var sequence: Int64 = 0
  private let wall: (Instant) -> WallTime

  package init(_ rules: [Rule] = [], wall: @escaping (Instant) -> WallTime) {
    detector = rules.isEmpty ? .idle : Detector(rules, after: [], setBy: .none)
    self.wall = wall
  }

  /// What the rules say of one entry.
  package struct Verdict {
    /// The last news of alerts that had ended before it, in order.
    package var endings: [Change.AlertUpdate] = []
    package var judgement: Judgement
  }

  /// The last news of alerts that have ended by `now`, numbered as the next events.
  package func endings(by now: Instant) -> [Change.AlertUpdate] {
    var ended: [Change.AlertUpdate] = []
    for subject in records.subjectsDue(by: now) {
      guard let record = records.record(of: subject) else { continue }
      ended += Detector.endings(of: record, on: subject, by: now)
    }
    return ended.isEmpty ? [] : Detector.numbered(ended, after: sequence)
  }

  /// Judges an entry as if it were the next, after the endings that precede it.
  package func judge(_ attempt: Attempt, after sequence: Int64) -> Judgement {
    detector.judge(attempt, after: sequence, in: records, wall: wall)
  }

  /// Folds an entry in, with what it says of alerts.
  package func fold(_ attempt: Attempt, isCounted: Bool, saying changes: [Change]) {
    for change in changes {
      switch change {
      case .alertRaised(let raise): sequence = max(sequence, raise.sequence)
      case .alertUpdated(let update): sequence = max(sequence, update.sequence)
      default: break
      }
    }
    detector.fold(attempt, isCounted: isCounted, saying: changes, into: records)
  }

  /// Takes the next entry of a journal whatever it says itself: ends what has ended, judges it and
  /// folds in what came of that.
  package func take(_ entry: Entry) -> Verdict {
    let attempt = Attempt(entry)
    let endings = endings(by: attempt.at)
    let judgement = judge(attempt, after: sequence + Int64(endings.count))
    let changes = endings.map { Change.alertUpdated($0) } + judgement.changes
    fold(attempt, isCounted: judgement.declinedBy == nil, saying: changes)
    return Verdict(endings: endings, judgement: judgement)
  }

  /// Folds an entry in without judging it: what lies before the time that is asked about.
  package func skip(_ entry: Entry) {
    let attempt = Attempt(entry)
    fold(attempt, isCounted: !attempt.wasDeclined, saying: [])
  }

  /// Puts other rules in force from the entry after `entry` on; feed what this answers with the
  /// entries up to that one, as far back as it reaches, and finish it.
  package func set(_ rules: [Rule], by entry: EntryID) -> Backfill<MemoryRecords> {
    detector = Detector(rules, after: detector.standing, setBy: entry)
    return Backfill(detector, into: records)
  }
}
