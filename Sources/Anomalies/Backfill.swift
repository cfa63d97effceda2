// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Brings the series that new rules have brought in up to the entry that set them.
///
/// A rule looks at the journal, not at what it has been told since it was set, so its windows
/// reach back behind that.
package struct Backfill<Records: WatchRecords> {
  private let detector: Detector
  private let records: Records
  private let numbers: Set<Int64>
  /// The subjects whose records this has changed.
  private var own: Set<WatchedSubject> = []
  /// Those that somebody who has gone further has done.
  private var done: Set<WatchedSubject> = []

  package init(_ detector: Detector, into records: Records) {
    self.detector = detector
    self.records = records
    numbers = Set(detector.news.map(\.number))
  }

  /// How many seconds of the journal matter; nil for all of it, 0 for nothing.
  package var reach: Int64? {
    var reach: Int64 = 0
    for (_, definition) in detector.news {
      guard let seconds = definition.reach else { return nil }
      reach = max(reach, seconds)
    }
    return reach
  }

  /// Takes the next entry of those that may matter.
  package mutating func take(_ entry: Entry) throws(Records.Failure) {
    guard detector.watches(entry.kind) else { return }
    let attempt = Attempt(entry)
    guard !attempt.wasDeclined else { return }
    for group in detector.groups(attempt.kind) {
      let series = group.series.filter { numbers.contains($0.number) }
      guard !series.isEmpty, let subject = attempt.subject(group.subject),
        !done.contains(subject)
      else { continue }
      try take(attempt, series, of: subject)
    }
  }

  private mutating func take(
    _ attempt: Attempt, _ series: [Detector.PlacedSeries], of subject: WatchedSubject
  ) throws(Records.Failure) {
    var record = try records.record(of: subject) ?? SubjectRecord()
    if !own.contains(subject), record.lastEntry >= detector.setBy {
      done.insert(subject)
      return
    }
    own.insert(subject)
    if try detector.count(attempt, series, in: &record, of: subject, records) {
      records.keep(record, of: subject)
    } else {
      records.keep(try records.record(of: subject, beyond: detector.setBy), of: subject)
      done.insert(subject)
      own.remove(subject)
    }
  }

  /// Ends it: from now on the records stand at the entry that set the rules.
  package func finish() throws(Records.Failure) {
    for subject in own {
      guard var record = try records.record(of: subject) else { continue }
      detector.forgetOld(in: &record)
      record.lastEntry = detector.setBy
      records.keep(record, of: subject)
    }
  }
}
