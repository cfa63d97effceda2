// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

extension Detector {
  /// What the rule measures, the entry included; nil when it does not hit.
  ///
  /// `record` is what is remembered of the subject, where the rule needs that.
  func measure<Records: WatchRecords>(
    _ placed: PlacedRule, _ attempt: Attempt, _ subject: WatchedSubject, _ record: SubjectRecord?,
    in records: Records, wall: (Instant) -> WallTime
  ) throws(Records.Failure) -> Measure? {
    // Looked for only where it is needed: most rules look at one entry alone.
    func series() -> Series? { placed.series.flatMap { record?.series($0) } }
    switch placed.test {
    case .amount(let min):
      guard attempt.amount >= min else { return nil }
      return Measure(observed: attempt.amount.minorUnits, threshold: min.minorUnits)
    case .timeOfDay(let span):
      let time = wall(attempt.at)
      guard span.contains(time) else { return nil }
      return Measure(observed: time.millisecondsOfDay / 60_000, threshold: Int64(span.from))
    case .count(let window, let min), .pinFailures(let window, let min):
      return try measureLog(placed, attempt, subject, record, window: window, in: records) {
        log in
        log.count + 1 >= min ? (log.count + 1, min) : nil
      }
    case .sum(let window, let min):
      return try measureLog(placed, attempt, subject, record, window: window, in: records) {
        log in
        let sum = log.sum + Int128(attempt.amount.minorUnits)
        return sum >= Int128(min.minorUnits) ? (Int64(clamping: sum), min.minorUnits) : nil
      }
    case .distinctTerminals(let window, let min):
      return terminals(attempt, series(), window: window, min: min)
    case .drain(let within, let rate, let min):
      return drain(attempt, series(), within: within, rate: rate, min: min)
    case .deviation(let factor, let history):
      return deviation(attempt, series(), factor: factor, history: history)
    case .codeFailures(let window, let min):
      guard let codes = attempt.codes, codes.windowSeconds == window else { return nil }
      return Measure(
        windowStart: attempt.at.back(seconds: window), observed: codes.observed, threshold: min,
        hits: codes.hits, isOver: codes.observed < min)
    }
  }

  private func measureLog<Records: WatchRecords>(
    _ placed: PlacedRule, _ attempt: Attempt, _ subject: WatchedSubject, _ record: SubjectRecord?,
    window: Int64, in records: Records, _ judge: (EventLog) -> (observed: Int64, min: Int64)?
  ) throws(Records.Failure) -> Measure? {
    guard let number = placed.series else { preconditionFailure("it judges by a log") }
    var log = record?.log(number) ?? EventLog()
    let edge = attempt.at.back(seconds: window)
    func load(_ chunk: Int64) throws(Records.Failure) -> [EventLog.Item] {
      let key = ChunkKey(subject: subject, series: number, number: chunk)
      if let items = try records.chunk(key) { return items }
      // Nobody is beyond an entry that is only about to be: it is lost, and this says so.
      _ = try records.record(of: subject, beyond: attempt.id)
      return []
    }
    try log.advance(past: edge, load: load)
    guard let (observed, min) = judge(log) else { return nil }
    let evidence = try log.newest(Self.evidenceLimit - 1, load: load)
    return Measure(windowStart: edge, observed: observed, threshold: min, evidence: evidence)
  }

  private func terminals(
    _ attempt: Attempt, _ series: Series?, window: Int64, min: Int64
  ) -> Measure? {
    guard let terminal = attempt.origin.terminal else { return nil }
    var known = TerminalSet()
    if case .terminals(let set) = series { known = set }
    let edge = attempt.at.back(seconds: window)
    known.advance(past: edge)
    let before = known.visits
    known.add(terminal, attempt.id, attempt.at)
    let count = Int64(known.visits.count)
    guard count >= min else { return nil }
    let evidence = before.suffix(Self.evidenceLimit - 1).map(\.entry)
    return Measure(windowStart: edge, observed: count, threshold: min, evidence: evidence)
  }

  private func drain(
    _ attempt: Attempt, _ series: Series?, within: Int64, rate: BasisPoints, min: Amount
  ) -> Measure? {
    guard !attempt.credits, case .drain(let drain) = series, drain.amount >= min,
      attempt.at < drain.at.advanced(bySeconds: within)
    else { return nil }
    let spent = drain.spent + Int128(attempt.amount.minorUnits)
    let part = Int128(drain.amount.minorUnits) * Int128(rate.value)
    guard spent * 10_000 >= part else { return nil }
    return Measure(
      windowStart: drain.at, observed: Int64(clamping: spent),
      threshold: Int64(clamping: (part + 9_999) / 10_000), evidence: [drain.topUp])
  }

  private func deviation(
    _ attempt: Attempt, _ series: Series?, factor: BasisPoints, history: Int64
  ) -> Measure? {
    guard case .mean(let mean) = series, mean.count >= max(history, 1) else { return nil }
    let bound = Int128(factor.value) * mean.sum
    guard Int128(attempt.amount.minorUnits) * 10_000 * Int128(mean.count) > bound else {
      return nil
    }
    return Measure(
      observed: attempt.amount.minorUnits,
      threshold: Int64(clamping: bound / (10_000 * Int128(mean.count))))
  }
}

extension Instant {
  /// This many seconds earlier, which may be before 1970.
  func back(seconds: Int64) -> Instant { Instant(milliseconds: milliseconds - seconds * 1000) }
}
