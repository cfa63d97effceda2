// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Counts bad payloads in memory, for the process that serves the scanners.
///
/// A bad payload costs no database work; only reaching a rule's threshold writes, and while it
/// stays reached at most once in 60 s and subject. A process that ends forgets what it counted.
package struct CodeFailureCounter: Sendable {
  /// Rules that count alike share a count.
  fileprivate struct Count: Sendable {
    let kind: SubjectKind
    let window: Int64
    /// The least threshold among them.
    var min: Int64
    var tallies: [WatchedSubject: Tally] = [:]
  }

  fileprivate struct Tally: Sendable {
    /// When the failures in the window were; those before `start` have left it.
    var times: [Instant] = []
    var start = 0
    /// Hits that were not written yet, and when one was last.
    var pending: Int64 = 0
    var writtenAt: Instant?
    /// Whom the newest hit came from.
    var origin = Origin()

    var inWindow: Int64 { Int64(times.count - start) }

    mutating func advance(past edge: Instant) {
      while start < times.count, times[start] <= edge { start += 1 }
      guard start > 64, start * 2 > times.count else { return }
      times.removeFirst(start)
      start = 0
    }
  }

  /// One to be written.
  package struct Report: Sendable {
    package let failures: Change.CodeFailures
    package let origin: Origin
  }

  /// No window tells more failures than this apart.
  private static let failureLimit = 100_000
  /// How many subjects are counted at once.
  ///
  /// The idle ones make room for a new one, then the half that has failed least: so nobody is rid
  /// of a count by inventing terminals.
  private static let subjectLimit = 10_000
  private var counts: [Count] = []
  private var rules: [Rule] = []

  package init() {}

  /// Whether any rule asks for it.
  package var isIdle: Bool { counts.isEmpty }

  /// Counts for these rules from now on; what is counted already for the same windows stays.
  package mutating func follow(_ rules: [Rule]) {
    guard rules != self.rules else { return }
    self.rules = rules
    var next: [Count] = []
    for rule in rules where rule.isEnabled {
      guard case .codeFailures(let window, let min) = rule.test else { continue }
      if let index = next.firstIndex(where: { $0.kind == rule.subject && $0.window == window }) {
        next[index].min = Swift.min(next[index].min, min)
        continue
      }
      let known = counts.first { $0.kind == rule.subject && $0.window == window }
      next.append(
        Count(kind: rule.subject, window: window, min: min, tallies: known?.tallies ?? [:]))
    }
    counts = next
  }

  /// A bad payload came in; answers what is to be written of it.
  package mutating func note(at now: Instant, from origin: Origin) -> [Report] {
    var reports: [Report] = []
    for index in counts.indices {
      let name: WatchedSubject? =
        switch counts[index].kind {
        case .account: nil
        case .terminal: origin.terminal.map { .terminal($0) }
        case .operator: origin.operator.map { .operator($0) }
        case .store: origin.store.map { .store($0) }
        }
      guard let subject = name else { continue }
      if counts[index].tallies[subject] == nil { makeRoom(index, now) }
      let window = counts[index].window
      var tally = counts[index].tallies[subject] ?? Tally()
      tally.advance(past: now.back(seconds: window))
      // Reached anew: that is told at once.
      if tally.inWindow < counts[index].min { tally.writtenAt = nil }
      if tally.inWindow < Self.failureLimit { tally.times.append(now) }
      tally.origin = origin
      if tally.inWindow >= counts[index].min { tally.pending += 1 }
      if let report = tally.report(subject, window, at: now) { reports.append(report) }
      counts[index].tallies[subject] = tally
    }
    return reports
  }

  /// What has been counted and is due to be written though nothing more came.
  package mutating func flush(at now: Instant) -> [Report] {
    var reports: [Report] = []
    for index in counts.indices {
      let window = counts[index].window
      for (subject, known) in counts[index].tallies where known.pending > 0 {
        var tally = known
        if let report = tally.report(subject, window, at: now) { reports.append(report) }
        counts[index].tallies[subject] = tally
      }
    }
    return reports.sorted { $0.failures.subject.text < $1.failures.subject.text }
  }

  /// When `flush` would have something to write, at the earliest.
  package var nextFlush: Instant? {
    var next: Instant?
    for count in counts {
      for tally in count.tallies.values where tally.pending > 0 {
        guard let written = tally.writtenAt else { continue }
        let due = written.advanced(bySeconds: Detector.updateInterval)
        next = next.map { min($0, due) } ?? due
      }
    }
    return next
  }

  private mutating func makeRoom(_ index: Int, _ now: Instant) {
    guard counts[index].tallies.count >= Self.subjectLimit else { return }
    let edge = now.back(seconds: counts[index].window)
    let busy = counts[index].tallies.compactMapValues { known in
      var tally = known
      tally.advance(past: edge)
      return tally.pending > 0 || tally.inWindow > 0 ? tally : nil
    }
    counts[index].tallies = busy
    guard busy.count >= Self.subjectLimit else { return }
    let ranked = busy.sorted {
      ($0.value.pending, $0.value.inWindow) > ($1.value.pending, $1.value.inWindow)
    }
    counts[index].tallies = Dictionary(
      uniqueKeysWithValues: ranked.prefix(Self.subjectLimit / 2).map { ($0.key, $0.value) })
  }
}

extension CodeFailureCounter.Tally {
  fileprivate mutating func report(
    _ subject: WatchedSubject, _ window: Int64, at now: Instant
  ) -> CodeFailureCounter.Report? {
    guard pending > 0,
      writtenAt.map({ now >= $0.advanced(bySeconds: Detector.updateInterval) }) ?? true
    else { return nil }
    defer {
      pending = 0
      writtenAt = now
    }
    // As it is now: what came a minute ago may have left the window.
    advance(past: now.back(seconds: window))
    return CodeFailureCounter.Report(
      failures: Change.CodeFailures(
        subject: subject, windowSeconds: window, observed: inWindow, hits: pending),
      origin: origin)
  }
}
