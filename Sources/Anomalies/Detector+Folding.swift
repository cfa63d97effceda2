// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Detector {
  /// Folds the next entry into the records of its subjects, with what it says of alerts.
  ///
  /// `isCounted` is false for an attempt that was declined: it counts in no window. Idempotent: a
  /// record that has the entry already stays as it is.
  package func fold<Records: WatchRecords>(
    _ attempt: Attempt, isCounted: Bool, saying changes: [Change], into records: Records
  ) throws(Records.Failure) {
    let groups = groups(attempt.kind)
    if isCounted {
      for index in groups.indices where !groups[index].series.isEmpty {
        let group = groups[index]
        guard let subject = attempt.subject(group.subject) else { continue }
        try fold(attempt, group.series, changes, into: records, subject)
      }
    }
    guard !changes.isEmpty else { return }
    var told: [WatchedSubject] = []
    for change in changes {
      guard let subject = change.alertSubject, !told.contains(subject) else { continue }
      told.append(subject)
      // Where the subject's series were folded above, what is said of it was too.
      try fold(attempt, [], changes, into: records, subject)
    }
  }

  private func fold<Records: WatchRecords>(
    _ attempt: Attempt, _ series: [PlacedSeries], _ changes: [Change], into records: Records,
    _ subject: WatchedSubject
  ) throws(Records.Failure) {
    var record = try records.recordToChange(of: subject) ?? SubjectRecord()
    guard record.lastEntry < attempt.id else { return }
    guard try count(attempt, series, in: &record, of: subject, records) else {
      records.keep(try records.record(of: subject, beyond: attempt.id), of: subject)
      return
    }
    for change in changes where change.alertSubject == subject {
      record.apply(change, of: attempt.id, at: attempt.at)
    }
    record.forgetEnded(by: attempt.at)
    forgetOld(in: &record)
    record.lastEntry = attempt.id
    records.keep(record, of: subject)
  }

  /// Drops series that no rule in force needs.
  func forgetOld(in record: inout SubjectRecord) {
    guard record.hasSeries(beside: numbers) else { return }
    record.series.removeAll { !numbers.contains($0.number) }
  }

  /// Adds the entry to the series; false when a chunk that is needed has gone.
  func count<Records: WatchRecords>(
    _ attempt: Attempt, _ series: [PlacedSeries], in record: inout SubjectRecord,
    of subject: WatchedSubject, _ records: Records
  ) throws(Records.Failure) -> Bool {
    for index in series.indices {
      let placed = series[index]
      let number = placed.number
      switch placed.shape {
      case .log(let window):
        var log = EventLog()
        if case .log(let known) = record.take(number) { log = known }
        guard try count(attempt, window: window, number, in: &log, of: subject, records) else {
          return false
        }
        record.put(.log(log), number: number)
      case .terminals(let window):
        guard let terminal = attempt.origin.terminal else { continue }
        var set = TerminalSet()
        if case .terminals(let known) = record.take(number) { set = known }
        set.advance(past: attempt.at.back(seconds: window))
        set.add(terminal, attempt.id, attempt.at)
        record.put(.terminals(set), number: number)
      case .drain(let within):
        if let drain = drained(record.series(number), attempt, within: within) {
          record.put(drain, number: number)
        }
      case .mean:
        var mean = Mean()
        if case .mean(let known) = record.series(number) { mean = known }
        mean.count += 1
        mean.sum += Int128(attempt.amount.minorUnits)
        record.put(.mean(mean), number: number)
      }
    }
    return true
  }

  private func count<Records: WatchRecords>(
    _ attempt: Attempt, window: Int64, _ number: Int64, in log: inout EventLog,
    of subject: WatchedSubject, _ records: Records
  ) throws(Records.Failure) -> Bool {
    var isMissing = false
    let before = log.storedChunks
    try log.advance(past: attempt.at.back(seconds: window)) {
      (chunk: Int64) throws(Records.Failure) in
      let key = ChunkKey(subject: subject, series: number, number: chunk)
      guard let items = try records.chunk(key) else {
        isMissing = true
        return []
      }
      return items
    }
    guard !isMissing else { return false }
    let after = log.storedChunks
    for chunk in before where !after.contains(chunk) {
      records.keep(nil, as: ChunkKey(subject: subject, series: number, number: chunk))
    }
    let item = EventLog.Item(entry: attempt.id, at: attempt.at, amount: attempt.amount)
    if let full = log.append(item) {
      records.keep(
        full.items, as: ChunkKey(subject: subject, series: number, number: full.number))
    }
    return true
  }

  private func drained(_ value: Series?, _ attempt: Attempt, within: Int64) -> Series? {
    if attempt.credits {
      return .drain(TopUpDrain(topUp: attempt.id, at: attempt.at, amount: attempt.amount))
    }
    guard case .drain(var drain) = value, attempt.kind != .topUp,
      attempt.at < drain.at.advanced(bySeconds: within)
    else { return value }
    drain.spent += Int128(attempt.amount.minorUnits)
    return .drain(drain)
  }
}

extension Detector {
  /// The last news of those alerts on the subject that have ended untold by `now`.
  ///
  /// Numbered 0 as events: whoever appends them numbers them in order of end and alert.
  package static func endings(
    of record: SubjectRecord, on subject: WatchedSubject, by now: Instant
  ) -> [Change.AlertUpdate] {
    record.live.compactMap { alert in
      guard alert.hasNews, alert.end <= now else { return nil }
      return Change.AlertUpdate(
        sequence: 0, alert: alert.alert, id: alert.id, number: alert.updates + 1,
        subject: subject, count: alert.count, observed: alert.observed, newest: alert.newest,
        at: alert.end, isFinal: true)
    }
  }

  /// Numbers the last news of alerts as events after `sequence`, in order of end and alert.
  package static func numbered(
    _ endings: [Change.AlertUpdate], after sequence: Int64
  ) -> [Change.AlertUpdate] {
    endings.sorted { ($0.at, $0.alert) < ($1.at, $1.alert) }.enumerated().map { index, update in
      Change.AlertUpdate(
        sequence: sequence + Int64(index) + 1, alert: update.alert, id: update.id,
        number: update.number, subject: update.subject, count: update.count,
        observed: update.observed, newest: update.newest, at: update.at, isFinal: true)
    }
  }
}
