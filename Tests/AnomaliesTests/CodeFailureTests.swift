// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import Testing

@Suite struct CodeFailureTests {
  private func counter(_ min: Int64) -> CodeFailureCounter {
    var counter = CodeFailureCounter()
    counter.follow([
      Rule(
        id: "codes", test: .codeFailures(window: 60, min: min), subject: .terminal, kinds: [],
        suppressSeconds: 600)
    ])
    return counter
  }

  private func at(_ milliseconds: Int64) -> Instant {
    Instant(milliseconds: 1_800_000_000_000 + milliseconds)
  }

  @Test func `bad payloads below the threshold write nothing, reaching it writes once`() {
    var counter = counter(20)
    let terminal = Origin(terminal: "t")
    for index in 0..<19 { #expect(counter.note(at: at(Int64(index)), from: terminal).isEmpty) }
    #expect(counter.note(at: at(20), from: Origin(terminal: "other")).isEmpty)
    let reports = counter.note(at: at(59_999), from: terminal)
    #expect(reports.map(\.failures.observed) == [20])
    #expect(reports.map(\.failures.hits) == [1])
  }

  @Test(arguments: [(59_999, [2]), (60_000, [])] as [(Int64, [Int64])])
  func `the window is open at its beginning, to the millisecond`(
    later: Int64, observed: [Int64]
  ) {
    var counter = counter(2)
    let terminal = Origin(terminal: "t")
    #expect(counter.note(at: at(0), from: terminal).isEmpty)
    let reports = counter.note(at: at(later), from: terminal)
    #expect(reports.map(\.failures.observed) == observed)
  }

  @Test func `where too many terminals are counted the idle ones make room, not the others`() {
    var counter = counter(2)
    _ = counter.note(at: at(0), from: Origin(terminal: "idle"))
    _ = counter.note(at: at(0), from: Origin(terminal: "idle too"))
    for index in 0..<9_998 {
      _ = counter.note(at: at(30_000), from: Origin(terminal: "busy \(index)"))
    }
    _ = counter.note(at: at(60_000), from: Origin(terminal: "new"))
    let reports = counter.note(at: at(60_000), from: Origin(terminal: "busy 7"))
    #expect(reports.map(\.failures.observed) == [2])
    #expect(counter.note(at: at(60_000), from: Origin(terminal: "idle")).isEmpty)
  }

  @Test func `a flood of terminals does not wipe out the count of one that guesses`() {
    var counter = counter(20)
    let guesser = Origin(terminal: "guesser")
    for index in 0..<18 { #expect(counter.note(at: at(Int64(index)), from: guesser).isEmpty) }
    for index in 0..<9_999 {
      _ = counter.note(at: at(100), from: Origin(terminal: "flood \(index)"))
    }
    // All are counted now: neither one of them nor a new one may cost the guesser its count.
    #expect(counter.note(at: at(200), from: guesser).isEmpty)
    _ = counter.note(at: at(300), from: Origin(terminal: "one more"))
    #expect(counter.note(at: at(400), from: guesser).map(\.failures.observed) == [20])
  }

  @Test func `hits that are still to be told survive a flood of terminals`() {
    var counter = counter(1)
    let guesser = Origin(terminal: "guesser")
    #expect(counter.note(at: at(0), from: guesser).count == 1)
    for index in 1...5 { #expect(counter.note(at: at(Int64(index)), from: guesser).isEmpty) }
    for index in 0..<20_000 {
      _ = counter.note(at: at(100), from: Origin(terminal: "flood \(index)"))
    }
    let told = counter.flush(at: at(60_000)).filter { $0.origin == guesser }
    #expect(told.map(\.failures.hits) == [5])
  }

  @Test func `nobody counts where no rule asks`() {
    var counter = CodeFailureCounter()
    #expect(counter.isIdle)
    #expect(counter.note(at: at(0), from: Origin(terminal: "t")).isEmpty)
    counter = self.counter(1)
    #expect(!counter.isIdle)
  }

  @Test func `a thousand a minute are written once a minute with their true count`() {
    var counter = counter(20)
    var hits: Int64 = 0
    var reports = 0
    for index in 0..<5_000 {
      for report in counter.note(at: at(Int64(index) * 60), from: Origin(terminal: "t")) {
        hits += report.failures.hits
        reports += 1
      }
    }
    #expect(counter.nextFlush != nil)
    for report in counter.flush(at: at(5_000 * 60 + 60_000)) {
      hits += report.failures.hits
      reports += 1
    }
    #expect(hits == 5_000 - 19)
    #expect(reports == 6)
    #expect(counter.nextFlush == nil)
  }

  @Test func `hits that waited are told as what they are by then`() {
    var counter = counter(2)
    let terminal = Origin(terminal: "t")
    for index in 0..<2 { _ = counter.note(at: at(Int64(index)), from: terminal) }
    #expect(counter.note(at: at(30_000), from: terminal).isEmpty)
    #expect(counter.note(at: at(31_000), from: terminal).isEmpty)
    // The first two have left the window, the others have not.
    let told = counter.flush(at: at(61_000))
    #expect(told.map(\.failures.observed) == [2])
    #expect(told.map(\.failures.hits) == [2])
    #expect(counter.flush(at: at(200_000)).isEmpty)
  }

  @Test func `a threshold that is reached anew within a minute is told at once`() {
    var counter = CodeFailureCounter()
    counter.follow([
      Rule(
        id: "codes", test: .codeFailures(window: 10, min: 2), subject: .terminal, kinds: [],
        suppressSeconds: 0)
    ])
    let terminal = Origin(terminal: "t")
    let times: [Int64] = [0, 1, 2, 20_000, 20_001, 20_002]
    let reports = times.map { counter.note(at: at($0), from: terminal).map(\.failures.observed) }
    // The first of the new ones finds a hit that still waits: only an alert that is live counts it.
    #expect(reports == [[], [2], [], [1], [2], []])
    // What came third each time is over when its minute is.
    #expect(counter.flush(at: at(80_001)).map(\.failures.observed) == [0])
  }

  /// What a scanner's process has written of its count.
  private func entry(
    _ id: Int64, _ observed: Int64, _ hits: Int64, window: Int64, after: Int64
  ) -> Entry {
    Entry(
      id: EntryID(id), at: at(after), date: BusinessDate(daysSince1970: 20_000),
      kind: .codeFailures, account: nil, programVersion: 1,
      changes: [
        .codesFailed(
          Change.CodeFailures(
            subject: .terminal("t"), windowSeconds: window, observed: observed, hits: hits))
      ], after: nil, request: nil)
  }

  @Test func `hits whose alert is over raise none`() {
    let rehearsal = Rehearsal(
      [
        Rule(
          id: "codes", test: .codeFailures(window: 10, min: 3), subject: .terminal, kinds: [],
          suppressSeconds: 90)
      ], wall: History.wall)
    #expect(rehearsal.take(entry(1, 2, 4, window: 10, after: 0)).raised.isEmpty)
    #expect(rehearsal.take(entry(2, 3, 4, window: 10, after: 1_000)).raised.count == 1)
    // Told by the alert that is live, though the window is empty by now; and by none afterwards.
    let second = rehearsal.take(entry(3, 0, 4, window: 10, after: 61_000))
    #expect(second.raised.isEmpty && second.updates.map(\.count) == [5])
    let third = rehearsal.take(entry(4, 0, 4, window: 10, after: 91_000))
    #expect(third.raised.isEmpty && third.updates.allSatisfy { $0.count == 5 })
  }

  @Test func `what a scanner counted is judged by the rule that counts so`() {
    let rehearsal = Rehearsal(
      [
        Rule(
          id: "codes", test: .codeFailures(window: 60, min: 20), subject: .terminal, kinds: [],
          suppressSeconds: 600)
      ], wall: History.wall)
    #expect(rehearsal.take(entry(1, 20, 1, window: 60, after: 0)).raised.map(\.observed) == [20])
    let verdict = rehearsal.take(entry(2, 950, 1_000, window: 60, after: 60_000))
    #expect(verdict.updates.map(\.count) == [1_001])
  }
}
