// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import Testing

@Suite struct SuppressionTests {
  private func large(_ seconds: Int64) -> Rule {
    Rule(
      id: "large", test: .amount(min: Amount(100)), subject: .account, kinds: [.debit],
      suppressSeconds: seconds)
  }

  @Test func `a storm is one alert, news once a minute, and the true count at its end`() {
    var history = History()
    for _ in 0..<3_001 { history.add(.debit, after: 100, amount: 100) }
    history.add(.debit, after: 3_600_000, card: 2, amount: 1)
    let verdicts = history.run([large(600)])
    #expect(verdicts.raised.count == 1)
    let updates = verdicts.updates
    // Hits at 0 … 300 s: news at 60, 120, 180, 240, 300 s; all is told, so the end is silent.
    #expect(updates.map(\.count) == [601, 1201, 1801, 2401, 3001])
    #expect(updates.map(\.isFinal) == [false, false, false, false, false])
  }

  @Test func `what was not told is told at the end, dated there`() {
    var history = History()
    let first = history.add(.debit, amount: 100)
    history.add(.debit, after: 1000, amount: 100)
    history.add(.debit, after: 1000, amount: 100)
    history.add(.debit, after: 600_000, card: 2, amount: 1)
    let verdicts = history.run([large(600)])
    #expect(verdicts.updates.count == 1)
    let last = verdicts.updates.first
    #expect(last?.isFinal == true)
    #expect(last?.count == 3)
    #expect(last?.at == first.at.advanced(bySeconds: 600))
    #expect(last?.newest == EntryID(3))
    #expect(verdicts[3].endings.count == 1)
  }

  @Test(arguments: [(9_999, 1), (10_000, 2)] as [(Int64, Int)])
  func `at its end to the millisecond an alert is live no more`(gap: Int64, alerts: Int) {
    var history = History()
    history.add(.debit, amount: 100)
    history.add(.debit, after: gap, amount: 100)
    #expect(history.run([large(10)]).raised.count == alerts)
  }

  @Test func `several that end are told in the order of their ends, numbered without a gap`() {
    var history = History()
    for card in [3, 1, 2] { history.add(.debit, after: 10, card: card, amount: 100) }
    for card in [2, 3, 1] { history.add(.debit, after: 10, card: card, amount: 100) }
    history.add(.debit, after: 60_000, card: 9, amount: 1)
    let verdicts = history.run([large(10)])
    #expect(verdicts.updates.map(\.alert) == [1, 2, 3])
    #expect(verdicts.updates.map(\.sequence) == [4, 5, 6])
  }

  @Test func `without suppression every hit is an alert`() {
    var history = History()
    for _ in 0..<5 { history.add(.debit, amount: 100) }
    #expect(history.run([large(0)]).raised.map(\.sequence) == [1, 2, 3, 4, 5])
  }
}
