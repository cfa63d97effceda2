// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
package import LedgerCore
import Program

// What is remembered for the rules of the program, and the outbox of alerts.
extension WorkingSet: WatchRecords {
  package func record(of subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
    if case .account(let id) = subject { return try watch(of: id) }
    // An entry is judged and then folded in: the second time it is at hand.
    if lastSubject?.subject == subject { return lastSubject?.record }
    guard let record = try find(subject) else { return nil }
    lastSubject = (subject, record)
    return record
  }

  package func recordToChange(of subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
    if case .account(let id) = subject {
      let record = try watch(of: id)
      forgetWatch(of: id)
      return record
    }
    if lastSubject?.subject == subject { return lastSubject.take()?.record }
    return try find(subject)
  }

  private func forgetWatch(of id: AccountID) {
    if lastWatch?.id == id { lastWatch = nil }
  }

  private func find(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
    if let record = current.subjects[subject] ?? folding.subjects[subject] { return record }
    if let record = subjects.find(subject) { return record }
    guard let record = try read(subject) else { return nil }
    subjects.keep(record, for: subject)
    return record
  }

  /// What is remembered of an account.
  private func watch(of id: AccountID) throws(StoreError) -> SubjectRecord? {
    if changedWatch != nil, isChanging(id) { return changedWatch }
    if let lastWatch, lastWatch.id == id { return lastWatch.record }
    let record = try findWatch(of: id)
    // An entry is judged and then folded in: the second time it is at hand.
    lastWatch = (id, record)
    return record
  }

  private func findWatch(of id: AccountID) throws(StoreError) -> SubjectRecord? {
    let subject = WatchedSubject.account(id)
    if let record = current.accounts.watch(of: id) ?? current.subjects[subject] { return record }
    if let record = folding.accounts.watch(of: id) ?? folding.subjects[subject] {
      return record
    }
    return try watch(beside: id)
  }

  /// What is remembered of an account, which stands in its own row.
  private func watch(beside id: AccountID) throws(StoreError) -> SubjectRecord? {
    if let watch = accountCache.find(id)?.watch {
      return watch.map { SubjectRecord(row: $0) }
    }
    let record = try read(.account(id))
    // Where the account itself is not kept, encoding what belongs to it would be for nothing.
    if accountCache.holds(id) {
      accountCache.learn(record.map { .record($0.encoded()) } ?? .nothing, of: id)
    }
    return record
  }

  private func read(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
    guard let record = try source.subject(subject) else { return nil }
    // Another process may have folded entries that are met here only now, and are passed over then:
    // what ends by them must not be.
    lowerFloor(to: record)
    return record
  }

  private func lowerFloor(to record: borrowing SubjectRecord) {
    guard let due = record.due else { return }
    alertFloor = alertFloor.map { min($0, due) } ?? due
  }

  package func chunk(_ key: ChunkKey) throws(StoreError) -> [EventLog.Item]? {
    if let chunk = current.chunks[key] ?? folding.chunks[key] { return chunk }
    return try source.chunk(key)
  }

  package func record(
    of subject: WatchedSubject, beyond entry: EntryID
  ) throws(StoreError) -> SubjectRecord {
    guard let record = try source.newestSubject(subject), record.lastEntry >= entry else {
      throw .damaged(entry: nil, reason: "a part of what is remembered of a subject is missing")
    }
    return record
  }

  package func keep(_ record: consuming SubjectRecord, of subject: WatchedSubject) {
    lowerFloor(to: record)
    if case .account(let id) = subject {
      forgetWatch(of: id)
      if isChanging(id) { changedWatch = record } else { current.keep(record, of: subject) }
    } else {
      current.keep(record, of: subject)
      lastSubject = (subject, record)
    }
  }

  package func keep(_ chunk: [EventLog.Item]?, as key: ChunkKey) {
    current.chunks[key] = .some(chunk)
  }

  /// An event of the outbox; nil when there is none of this number.
  package func alert(_ sequence: Int64) throws(StoreError) -> AlertRow? {
    guard sequence > 0, sequence <= point.alertSequence else { return nil }
    if let row = current.alerts[sequence] ?? folding.alerts[sequence] { return row }
    return try source.alert(sequence)
  }
}

extension WorkingSet {
  /// Folds in what an entry means to the rules, and what it says of alerts.
  func applyWatch(_ entry: Entry) throws(StoreError) {
    let tells = entry.tellsOfAlerts
    if tells || detector.watches(entry.kind) {
      let attempt = Attempt(entry)
      try detector.fold(
        attempt, isCounted: !attempt.wasDeclined, saying: tells ? entry.changes : [], into: self)
    }
    guard tells || entry.kind == .alertAck else { return }
    for change in entry.changes {
      switch change {
      case .alertRaised(let raise):
        try note(
          raise.sequence, AlertRow(entry: entry.id, standing: AlertStanding(lastEntry: entry.id)))
      case .alertCounted(let count):
        try update(count.alert, by: entry.id) { $0.count = count.count }
      case .alertUpdated(let update):
        try note(update.sequence, AlertRow(entry: entry.id, standing: nil))
        try self.update(update.alert, by: entry.id) { $0.count = update.count }
      case .alertAcknowledged(let acknowledgement):
        try update(acknowledgement.alert, by: entry.id) { $0.acknowledgedBy = entry.id }
      default: break
      }
    }
  }

  /// Takes the next event down.
  private func note(_ sequence: Int64, _ row: AlertRow) throws(StoreError) {
    guard sequence == point.alertSequence + 1 else {
      throw .damaged(entry: row.entry, reason: "its alert is not the next event")
    }
    point.alertSequence = sequence
    current.alerts[sequence] = row
  }

  private func update(
    _ alert: Int64, by entry: EntryID, _ change: (inout AlertStanding) -> Void
  ) throws(StoreError) {
    guard var row = try self.alert(alert), var standing = row.standing else {
      throw .damaged(entry: entry, reason: "it tells of an alert that was not raised")
    }
    // One entry may tell of an alert twice, but never of one that a later entry has told of.
    guard standing.lastEntry <= entry else { return }
    change(&standing)
    standing.lastEntry = entry
    row.standing = standing
    current.alerts[alert] = row
  }

  /// Puts the rules of the program in force that this entry has set.
  func setRules(by entry: Entry) throws(StoreError) {
    detector = Detector(program.anomalyRules, after: point.series, setBy: entry.id)
    for old in point.series where !detector.standing.contains(where: { $0.number == old.number }) {
      current.droppedSeries.append(old.number)
    }
    point.series = detector.standing
    guard !detector.news.isEmpty else { return }
    var backfill = Backfill(detector, into: self)
    var next = try first(within: backfill.reach, before: entry)
    while next < entry.id {
      guard let earlier = try source.entry(next) else {
        throw .damaged(entry: next, reason: "it is missing")
      }
      try backfill.take(earlier)
      next = next.next
    }
    try backfill.take(entry)
    try backfill.finish()
  }

  /// The first entry that lies so many seconds before one or less.
  private func first(within seconds: Int64?, before entry: Entry) throws(StoreError) -> EntryID {
    guard let seconds else { return EntryID(1) }
    let edge = entry.at.milliseconds - seconds * 1000
    var (low, high) = (Int64(1), entry.id.sequence)
    while low < high {
      let middle = low + (high - low) / 2
      guard let found = try source.entry(EntryID(middle)) else {
        throw .damaged(entry: EntryID(middle), reason: "it is missing")
      }
      if found.at.milliseconds > edge { high = middle } else { low = middle + 1 }
    }
    return EntryID(low)
  }
}

extension WorkingSet {
  /// When the next alert ends of which something is untold, at the earliest; nil when none does.
  package var nextAlertEnd: Instant? { alertFloor }

  /// The last news of alerts that have ended by `now`, numbered as the next events, at most
  /// `limit`; cheap when there are none.
  package func alertEndings(
    by now: Instant, limit: Int
  ) throws(StoreError) -> [Change.AlertUpdate] {
    guard let floor = alertFloor, floor <= now else { return [] }
    settle()
    var due: Set<WatchedSubject> = []
    for records in [current, folding] {
      due.formUnion(records.subjectsDue(by: now))
    }
    due.formUnion(try source.subjects(dueBy: now, limit: limit + unfoldedCount))
    var endings: [Change.AlertUpdate] = []
    for subject in due {
      guard let record = try record(of: subject) else { continue }
      endings += Detector.endings(of: record, on: subject, by: now)
    }
    if endings.isEmpty { alertFloor = try nextAlertEnd(after: now) }
    return Array(Detector.numbered(endings, after: point.alertSequence).prefix(limit))
  }

  private func nextAlertEnd(after now: Instant) throws(StoreError) -> Instant? {
    var next = try source.firstAlertEnd(after: now)
    for records in [current, folding] {
      if let end = records.firstAlertEnd(after: now) { next = next.map { min($0, end) } ?? end }
    }
    return next
  }
}
