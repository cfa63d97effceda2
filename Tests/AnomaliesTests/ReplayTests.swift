// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import Seeds
import Testing

/// Random histories against a reading of the contract that keeps everything and scans it.
@Suite struct ReplayTests {
  private static func random(_ seed: UInt64, length: Int) -> History {
    var random = SplitMix64(seed: seed)
    var history = History()
    let kinds: [EntryKind] = [.debit, .debit, .debit, .topUp, .refund, .pinFailed, .topUpClear]
    for _ in 0..<length {
      let step = Int64.random(in: 0...3, using: &random)
      history.add(
        kinds[Int.random(in: 0..<kinds.count, using: &random)],
        after: step == 0 ? 0 : Int64.random(in: 1...step * 4_000, using: &random),
        card: Int.random(in: 1...3, using: &random),
        amount: Int64.random(in: 1...50, using: &random),
        terminal: ["a", "b", "c", nil][Int.random(in: 0...3, using: &random)],
        operator: ["o", nil][Int.random(in: 0...1, using: &random)], store: "s")
    }
    return history
  }

  private static func rules(_ seed: UInt64) -> [Rule] {
    var random = SplitMix64(seed: seed ^ 0xABCD)
    var rules: [Rule] = []
    for index in 0..<Int.random(in: 1...7, using: &random) {
      let window = Int64.random(in: 1...40, using: &random)
      let tests: [Rule.Test] = [
        .amount(min: Amount(Int64.random(in: 30...60, using: &random))),
        .count(window: window, min: Int64.random(in: 1...6, using: &random)),
        .sum(window: window, min: Amount(Int64.random(in: 50...200, using: &random))),
        .distinctTerminals(window: window, min: 2),
        .drain(
          within: window, rate: BasisPoints(8_000),
          min: Amount(Int64.random(in: 1...30, using: &random))),
        .deviation(factor: BasisPoints(17_000), minHistory: 2),
      ]
      let test = tests[Int.random(in: 0..<tests.count, using: &random)]
      let kinds: [[EntryKind]] = [[.debit], [.debit, .refund], [.topUp], [.debit, .topUp]]
      let isDrain = test.cause == .drain
      rules.append(
        Rule(
          id: "r\(index)", test: test,
          subject: SubjectKind.allCases[Int.random(in: 0..<4, using: &random)],
          kinds: isDrain ? [.debit] : kinds[Int.random(in: 0..<kinds.count, using: &random)],
          action: Bool.random(using: &random) ? .alert : .decline,
          suppressSeconds: [0, 5, 100][Int.random(in: 0..<3, using: &random)]))
    }
    return rules
  }

  @Test(arguments: 0..<200)
  func `exact windows agree with a scan of everything`(seed: Int) {
    let history = Self.random(UInt64(seed), length: 250)
    let rules = Self.rules(UInt64(seed))
    var model = PlainRules(rules)
    for (entry, verdict) in zip(history.entries, history.run(rules)) {
      let expected = model.take(entry)
      #expect(
        verdict.judgement.declinedBy?.id == expected.declinedBy, "seed \(seed) entry \(entry.id)")
      let hits = verdict.judgement.changes.map { change in
        switch change {
        case .alertRaised(let raise):
          PlainRules.Hit(subject: raise.subject, observed: raise.observed)
        case .alertCounted(let count):
          PlainRules.Hit(subject: count.subject, observed: count.observed)
        case .alertUpdated(let update):
          PlainRules.Hit(subject: update.subject, observed: update.observed)
        default: preconditionFailure("nothing else is judged")
        }
      }
      #expect(hits == expected.hits, "seed \(seed) entry \(entry.id)")
    }
  }

  @Test(arguments: 0..<50)
  func `records that were written down and read back go on the same`(seed: Int) throws {
    let history = Self.random(UInt64(seed), length: 200)
    let rules = Self.rules(UInt64(seed))
    let rehearsal = Rehearsal(rules, wall: History.wall)
    for entry in history.entries {
      _ = rehearsal.take(entry)
      for (subject, record) in rehearsal.records.subjects {
        let again = try SubjectRecord(encoded: record.encoded()[...])
        #expect(again == record, "seed \(seed) \(subject)")
      }
    }
  }

  @Test(arguments: 0..<50)
  func `rules set later look back as if they had been there`(seed: Int) {
    let history = Self.random(UInt64(seed), length: 200)
    let rules = Self.rules(UInt64(seed)).map { rule in
      Rule(id: rule.id, test: rule.test, subject: rule.subject, kinds: rule.kinds)
    }
    let early = Rehearsal(rules, wall: History.wall)
    for entry in history.entries.prefix(100) { _ = early.take(entry) }
    let late = Rehearsal(wall: History.wall)
    for entry in history.entries.prefix(100) { late.skip(entry) }
    var backfill = late.set(rules, by: EntryID(100))
    for entry in history.entries.prefix(100) { backfill.take(entry) }
    backfill.finish()
    for entry in history.entries.dropFirst(100) {
      let (one, two) = (early.take(entry), late.take(entry))
      #expect(one.raised.map(\.observed) == two.raised.map(\.observed), "seed \(seed)")
      #expect(one.raised.map(\.evidence) == two.raised.map(\.evidence), "seed \(seed)")
    }
  }

  @Test func `a long window is exact, and its record stays small`() {
    let rule = Rule(
      id: "store", test: .sum(window: 5_000, min: Amount(1)), subject: .store, kinds: [.debit])
    let rehearsal = Rehearsal([rule], wall: History.wall)
    var random = SplitMix64(seed: 7)
    var history = History()
    var window: ArraySlice<Entry> = []
    for index in 0..<9_000 {
      // A pause now and then, so that most of the window is dropped at once.
      let gap = index % 3_000 == 2_999 ? 4_900_000 : Int64.random(in: 0...1_000, using: &random)
      let entry = history.add(.debit, after: gap, amount: 1 + Int64(index % 9), store: "s")
      window.append(entry)
      window = window.drop { $0.at.milliseconds <= entry.at.milliseconds - 5_000_000 }
      let expected = window.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
      let verdict = rehearsal.take(entry)
      #expect(verdict.raised.first?.observed == expected)
      #expect(verdict.raised.first?.evidence == window.suffix(10).map(\.id))
      if let record = rehearsal.records.subjects[.store("s")] {
        #expect(record.encoded().count < 6_000)
      }
    }
    #expect(rehearsal.records.chunks.count < 60)
  }
}
