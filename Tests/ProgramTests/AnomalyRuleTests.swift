// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import JSON
import LedgerCore
import Program
import Testing

@Suite struct AnomalyRuleTests {
  private func field(_ rule: String, program: String = "") -> String? {
    do {
      _ = try decode("{\(program)\"anomaly\":{\"rules\":[\(rule)]}}")
      return nil
    } catch {
      return error.field
    }
  }

  private func rule(_ rule: String) throws -> Rule {
    let program = try decode("{\"anomaly\":{\"rules\":[\(rule)]}}")
    return try #require(program.anomalyRules.first)
  }

  @Test func `a rule means what it says`() throws {
    let rule = try rule(
      """
      {"id":"b","kind":"count","subject":"terminal","on":["topup","debit"],"window_seconds":60,
       "min":5,"severity":"critical","action":"decline","suppress_seconds":300,"enabled":false}
      """)
    #expect(
      rule
        == Rule(
          id: "b", test: .count(window: 60, min: 5), subject: .terminal, kinds: [.debit, .topUp],
          severity: .critical, action: .decline, suppressSeconds: 300, isEnabled: false))
  }

  @Test(arguments: [
    (#"{"id":"a","kind":"amount","on":["debit"],"min":1}"#, Rule.Test.amount(min: Amount(1))),
    (
      #"{"id":"a","kind":"sum","on":["debit"],"min":7,"window_seconds":3}"#,
      .sum(window: 3, min: Amount(7))
    ),
    (
      """
      {"id":"a","kind":"time_of_day","on":["debit"],"from":"22:30","to":"06:00","weekdays":[7,1]}
      """,
      .timeOfDay(DailySpan(from: 1350, to: 360, weekdays: [1, 7]))
    ),
    (
      #"{"id":"a","kind":"pin_failures","on":[],"min":3,"window_seconds":9}"#,
      .pinFailures(window: 9, min: 3)
    ),
    (
      #"{"id":"a","kind":"distinct_terminals","on":["debit"],"min":3,"window_seconds":9}"#,
      .distinctTerminals(window: 9, min: 3)
    ),
    (
      #"{"id":"a","kind":"drain","on":["debit"],"within_seconds":9,"basis_points":9000}"#,
      .drain(within: 9, rate: BasisPoints(9000))
    ),
    (
      #"{"id":"a","kind":"deviation","on":["debit"],"factor_basis_points":30000,"min_history":5}"#,
      .deviation(factor: BasisPoints(30_000), minHistory: 5)
    ),
    (
      #"{"id":"a","kind":"code_failures","subject":"terminal","on":[],"min":3,"window_seconds":9}"#,
      .codeFailures(window: 9, min: 3)
    ),
  ])
  func `every kind is read`(text: String, test: Rule.Test) throws {
    #expect(try rule(text).test == test)
  }

  @Test(arguments: [
    (#"{"kind":"amount","on":["debit"],"min":1}"#, "/id"),
    (#"{"id":"a","on":["debit"],"min":1}"#, "/kind"),
    (#"{"id":"a","kind":"amounts","on":["debit"],"min":1}"#, "/kind"),
    (#"{"id":"a","kind":"amount","on":["debit"]}"#, "/min"),
    (#"{"id":"a","kind":"amount","on":["debit"],"min":0}"#, "/min"),
    (#"{"id":"a","kind":"amount","on":["debit"],"min":1.5}"#, "/min"),
    (#"{"id":"a","kind":"amount","min":1}"#, "/on"),
    (#"{"id":"a","kind":"amount","on":[],"min":1}"#, "/on"),
    (#"{"id":"a","kind":"amount","on":["debits"],"min":1}"#, "/on/0"),
    (#"{"id":"a","kind":"amount","on":["debit","debit"],"min":1}"#, "/on/1"),
    (#"{"id":"a","kind":"amount","on":["debit"],"min":1,"windows_seconds":5}"#, "/windows_seconds"),
    (#"{"id":"a","kind":"amount","on":["debit"],"min":1,"window_seconds":5}"#, "/window_seconds"),
    (#"{"id":"a","kind":"count","on":["debit"],"min":1}"#, "/window_seconds"),
    (#"{"id":"a","kind":"count","on":["debit"],"min":1,"window_seconds":0}"#, "/window_seconds"),
    (#"{"id":"a","kind":"amount","on":["debit"],"min":1,"subject":"card"}"#, "/subject"),
    (#"{"id":"a","kind":"amount","on":["debit"],"min":1,"severity":"bad"}"#, "/severity"),
    (#"{"id":"a","kind":"amount","on":["debit"],"min":1,"action":"block"}"#, "/action"),
    (
      #"{"id":"a","kind":"amount","on":["debit"],"min":1,"suppress_seconds":-1}"#,
      "/suppress_seconds"
    ),
    (#"{"id":"a","kind":"time_of_day","on":["debit"],"from":"9:00","to":"10:00"}"#, "/from"),
    (#"{"id":"a","kind":"time_of_day","on":["debit"],"from":"09:00","to":"09:00"}"#, "/to"),
    (#"{"id":"a","kind":"time_of_day","on":["debit"],"from":"24:00","to":"09:00"}"#, "/from"),
    (
      #"{"id":"a","kind":"pin_failures","on":["debit"],"min":1,"window_seconds":5}"#, "/on"
    ),
  ])
  func `what is wrong is named by its pointer`(text: String, pointer: String) {
    #expect(field(text) == "/anomaly/rules/0" + pointer)
  }

  @Test(arguments: [
    (#"{"id":"a","kind":"amount","on":["freeze"],"min":1}"#, "/on/0"),
    (#"{"id":"a","kind":"count","on":["program_set"],"min":1,"window_seconds":5}"#, "/on/0"),
    (#"{"id":"a","kind":"drain","on":["topup"],"within_seconds":5,"basis_points":1}"#, "/on/0"),
    (#"{"id":"a","kind":"code_failures","min":1,"window_seconds":5}"#, "/subject"),
    (
      """
      {"id":"a","kind":"distinct_terminals","subject":"terminal","on":["debit"],"min":2,
       "window_seconds":5}
      """,
      "/subject"
    ),
    (#"{"id":"a","kind":"amount","on":["capture"],"min":1,"action":"decline"}"#, "/action"),
    (#"{"id":"a","kind":"pin_failures","min":1,"window_seconds":5,"action":"decline"}"#, "/action"),
    (
      """
      {"id":"a","kind":"code_failures","subject":"store","min":1,"window_seconds":5,
       "action":"freeze"}
      """,
      "/action"
    ),
  ])
  func `a rule that could never hit or act is refused`(text: String, pointer: String) {
    #expect(field(text) == "/anomaly/rules/0" + pointer)
  }

  @Test func `an amount that the program never lets through is never reached`() {
    let large = #"{"id":"a","kind":"amount","on":["debit"],"min":501}"#
    #expect(field(large, program: #""debit":{"max":500},"#) == "/anomaly/rules/0/min")
    #expect(field(large, program: #""debit":{"max":501},"#) == nil)
    let both = #"{"id":"a","kind":"amount","on":["debit","refund"],"min":501}"#
    #expect(field(both, program: #""debit":{"max":500},"#) == nil)
  }

  @Test func `rules are told apart by their ids`() {
    let one = #"{"id":"a","kind":"amount","on":["debit"],"min":1}"#
    #expect(field(one + "," + one) == "/anomaly/rules/1/id")
  }
}
