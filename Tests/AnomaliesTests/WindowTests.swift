// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import Testing

@Suite struct WindowTests {
  private func burst(_ min: Int64, seconds: Int64 = 60, action: AlertAction = .alert) -> Rule {
    Rule(
      id: "burst", test: .count(window: seconds, min: min), subject: .account, kinds: [.debit],
      action: action)
  }

  @Test func `one entry less than the threshold raises nothing, the next one does`() {
    var history = History()
    for _ in 0..<5 { history.add(.debit, after: 1000) }
    let verdicts = history.run([burst(5)])
    #expect(verdicts.places == [5])
    #expect(verdicts.raised.first?.observed == 5)
    #expect(verdicts.raised.first?.evidence.map(\.sequence) == [1, 2, 3, 4, 5])
  }

  @Test(arguments: [(59_999, true), (60_000, false), (60_001, false)] as [(Int64, Bool)])
  func `a window is open at its beginning to the millisecond`(gap: Int64, hits: Bool) {
    var history = History()
    history.add(.debit)
    history.add(.debit, after: gap)
    #expect(history.run([burst(2)]).places == (hits ? [2] : []))
  }

  @Test func `entries of one instant all count`() {
    var history = History()
    for _ in 0..<7 { history.add(.debit) }
    #expect(history.run([burst(7)]).places == [7])
  }

  @Test func `cards, kinds and those without a terminal are kept apart`() {
    var history = History()
    for card in 1...4 { history.add(.debit, after: 1, card: card) }
    for _ in 0..<3 { history.add(.topUp, after: 1) }
    #expect(history.run([burst(2)]).places == [])
    let terminal = Rule(
      id: "t", test: .count(window: 60, min: 2), subject: .terminal, kinds: [.debit])
    #expect(history.run([terminal]).places == [])
  }

  @Test func `a declined attempt counts in no window`() {
    var history = History()
    for _ in 0..<6 { history.add(.debit, after: 1000) }
    let verdicts = history.run([burst(3, action: .decline)])
    #expect(
      verdicts.map { $0.judgement.declinedBy != nil } == [false, false, true, true, true, true])
    #expect(verdicts.raised.map(\.observed) == [3, 3, 3, 3])
    history.add(.debit, after: 55_000)
    history.add(.debit, after: 60_000)
    #expect(history.run([burst(3, action: .decline)]).suffix(2).allSatisfy { $0.raised.isEmpty })
  }

  @Test func `sums reach their threshold exactly`() {
    let rule = Rule(
      id: "sum", test: .sum(window: 10, min: Amount(100)), subject: .operator,
      kinds: [.debit, .refund])
    var history = History()
    history.add(.debit, amount: 50, operator: "o")
    history.add(.refund, after: 1000, amount: 49, operator: "o")
    history.add(.debit, after: 1000, amount: 1, operator: "o")
    history.add(.debit, after: 8_000, amount: 50, operator: "o")
    history.add(.debit, after: 0, amount: 1, operator: "o")
    let verdicts = history.run([rule])
    // The first entry leaves the window at the fourth; then 49 + 1 + 50 = 100 stand in it.
    #expect(verdicts.places == [3, 4, 5])
    #expect(verdicts.raised.map(\.observed) == [100, 100, 101])
  }

  @Test func `what is spent soon after a top-up is measured from that top-up`() {
    let rule = Rule(
      id: "drain", test: .drain(within: 60, rate: BasisPoints(9_000)), subject: .account,
      kinds: [.debit, .capture])
    var history = History()
    history.add(.debit, amount: 1000)
    history.add(.topUp, after: 1, amount: 10_000)
    history.add(.debit, after: 1, amount: 8_999)
    history.add(.debit, after: 59_998, amount: 1)
    history.add(.debit, after: 1, amount: 5000)
    history.add(.topUp, after: 1, amount: 10_000, pending: true)
    history.add(.debit, after: 1, amount: 10_000)
    history.add(.topUpClear, after: 1, amount: 10_000)
    history.add(.debit, after: 1, amount: 9_000)
    let verdicts = history.run([rule])
    #expect(verdicts.places == [4, 9])
    #expect(verdicts.raised.first?.observed == 9_000)
    #expect(verdicts.raised.first?.threshold == 9_000)
    #expect(verdicts.raised.first?.evidence.map(\.sequence) == [2, 4])
  }

  @Test func `deviation is judged exactly, after enough history`() {
    let rule = Rule(
      id: "habit", test: .deviation(factor: BasisPoints(30_000), minHistory: 3),
      subject: .account, kinds: [.debit])
    var history = History()
    history.add(.debit, amount: 1000)
    history.add(.debit, amount: 10)
    history.add(.debit, amount: 11)
    // The mean of 1000, 10 and 11 is 340 1/3: three times that is 1021.
    history.add(.debit, amount: 1021)
    let verdicts = history.run([rule])
    #expect(verdicts.places == [])
    history = History()
    for amount in [1000, 10, 11, 1022] as [Int64] { history.add(.debit, amount: amount) }
    let more = history.run([rule])
    #expect(more.places == [4])
    #expect(more.raised.first?.threshold == 1021)
  }

  @Test func `terminals are told apart, and a visit is forgotten with its window`() {
    let rule = Rule(
      id: "hop", test: .distinctTerminals(window: 60, min: 3), subject: .account,
      kinds: [.debit])
    var history = History()
    history.add(.debit, terminal: "a")
    history.add(.debit, after: 1000, terminal: "b")
    history.add(.debit, after: 1000, terminal: "a")
    history.add(.debit, after: 1000)
    history.add(.debit, after: 57_999, terminal: "c")
    history.add(.debit, after: 1, terminal: "d")
    history.add(.debit, after: 1000, terminal: "e")
    let verdicts = history.run([rule])
    #expect(verdicts.places == [5, 6, 7])
    #expect(verdicts.raised.map(\.observed) == [3, 3, 3])
  }

  @Test func `odd hours run over midnight and belong to the weekday they begin on`() {
    let span = DailySpan(from: 22 * 60, to: 6 * 60, weekdays: [5])
    func at(_ text: String) -> WallTime {
      guard let instant = Instant(text: text) else { preconditionFailure("no time") }
      return History.wall(instant)
    }
    // 2026-03-06 is a Friday.
    #expect(!span.contains(at("2026-03-06T21:59:59.999Z")))
    #expect(span.contains(at("2026-03-06T22:00:00Z")))
    #expect(span.contains(at("2026-03-07T05:59:59.999Z")))
    #expect(!span.contains(at("2026-03-07T06:00:00Z")))
    #expect(!span.contains(at("2026-03-07T22:30:00Z")))
    #expect(!span.contains(at("2026-03-06T05:00:00Z")))
  }

  @Test(arguments: [(0, 300), (1320, 360), (1320, 1440), (1439, 1), (600, 601)])
  func `odd hours without weekdays are those of every day`(from: Int, to: Int) {
    let span = DailySpan(from: from, to: to)
    let ofEachDay = DailySpan(from: from, to: to, weekdays: Array(1...7))
    for minute in 0..<(8 * 1440) {
      for second in [0, 59] {
        let time = History.wall(Instant(milliseconds: Int64((minute * 60 + second) * 1000)))
        let ofDay = minute % 1440
        let isWithin = from < to ? from <= ofDay && ofDay < to : ofDay >= from || ofDay < to
        #expect(span.contains(time) == isWithin, "\(minute):\(second)")
        #expect(ofEachDay.contains(time) == isWithin, "\(minute):\(second)")
      }
    }
  }

  @Test func `an alert is named by its entry and its rule`() throws {
    let id = AlertID(entry: EntryID(17), rule: AlertID.bits(ofRule: "burst"))
    #expect(AlertID(text: id.text) == id)
    #expect(id.text.hasPrefix("alr_"))
    #expect(AlertID(text: id.text.lowercased()) == nil)
  }
}
