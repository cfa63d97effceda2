// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Names a chunk of a log that stands by itself.
package struct ChunkKey: Hashable, Sendable {
  package let subject: WatchedSubject
  /// The number of the series.
  package let series: Int64
  package let number: Int64

  package init(subject: WatchedSubject, series: Int64, number: Int64) {
    self.subject = subject
    self.series = series
    self.number = number
  }
}

/// Where the records of the subjects are.
package protocol WatchRecords: AnyObject {
  associatedtype Failure: Error

  func record(of subject: WatchedSubject) throws(Failure) -> SubjectRecord?

  /// The record, to be changed and kept again: whoever remembered it only for the next question
  /// forgets it, so that one that is kept nowhere else is not copied.
  func recordToChange(of subject: WatchedSubject) throws(Failure) -> SubjectRecord?

  func chunk(_ key: ChunkKey) throws(Failure) -> [EventLog.Item]?

  /// The record with that entry and perhaps later ones folded in, for when a chunk is missing
  /// because somebody who has gone further has used it up; throws when it is lost.
  func record(of subject: WatchedSubject, beyond entry: EntryID) throws(Failure) -> SubjectRecord

  func keep(_ record: consuming SubjectRecord, of subject: WatchedSubject)

  /// Keeps a chunk, or with nil lets go of one.
  func keep(_ chunk: [EventLog.Item]?, as key: ChunkKey)
}

extension WatchRecords {
  package func recordToChange(of subject: WatchedSubject) throws(Failure) -> SubjectRecord? {
    try record(of: subject)
  }
}

/// Records in memory, for auditing, backtests and tests.
package final class MemoryRecords: WatchRecords {
  package private(set) var subjects: [WatchedSubject: SubjectRecord] = [:]
  package private(set) var chunks: [ChunkKey: [EventLog.Item]] = [:]
  /// The subjects of which something ends untold, by when.
  private var due: [WatchedSubject: Instant] = [:]

  package init() {}

  package func record(of subject: WatchedSubject) -> SubjectRecord? { subjects[subject] }

  package func chunk(_ key: ChunkKey) -> [EventLog.Item]? { chunks[key] }

  package func record(of subject: WatchedSubject, beyond entry: EntryID) -> SubjectRecord {
    preconditionFailure("nobody else goes further")
  }

  package func keep(_ record: SubjectRecord, of subject: WatchedSubject) {
    subjects[subject] = record
    due[subject] = record.due
  }

  package func keep(_ chunk: [EventLog.Item]?, as key: ChunkKey) { chunks[key] = chunk }

  /// The subjects of which something has ended by `now`, in no order.
  package func subjectsDue(by now: Instant) -> [WatchedSubject] {
    due.isEmpty ? [] : due.filter { $0.value <= now }.map(\.key)
  }
}
