// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Rules and alerts, as tests of them speak.
enum Watch {
  /// A program with these rules and nothing else.
  static func program(_ rules: JSONTree...) -> JSONTree { ["anomaly": ["rules": .array(rules)]] }

  static func burst(_ min: Int, seconds: Int = 60, suppress: Int = 0) -> JSONTree {
    [
      "id": "burst", "kind": "count", "subject": "account", "on": ["debit"],
      "window_seconds": .number(seconds), "min": .number(min), "severity": "high",
      "action": "alert", "suppress_seconds": .number(suppress),
    ]
  }

  static func large(_ min: Int, _ action: String = "alert", suppress: Int = 0) -> JSONTree {
    [
      "id": "large", "kind": "amount", "subject": "account", "on": ["debit"],
      "min": .number(min), "severity": "critical", "action": .string(action),
      "suppress_seconds": .number(suppress),
    ]
  }

  /// The events of a ledger as `scrip alerts tail` prints them.
  static func tail(_ ledger: TestLedger, _ options: [String] = []) throws -> [String] {
    let outcome = try ScripBinary.run(["alerts", "tail", "--data", ledger.data] + options)
    #expect(outcome.exit == .code(0), "\(outcome.errors)")
    return lines(outcome.output)
  }

  static func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map { String($0) }
  }

  static func data(_ line: String) throws -> JSONTree {
    try #require(JSONTree(JSONDocument.parse(Array(line.utf8)).root)["data"])
  }
}

extension Shop {
  /// Debits a card; the rules that raised an alert by it.
  func spend(_ card: String, _ amount: Int, _ more: JSONTree = [:]) throws -> [String] {
    let answer = expectResult(
      try change("debit.create", ["card_no": .string(card), "amount": .number(amount)], more))
    guard case .array(let alerts)? = answer["/alerts"] else { return ["no alerts"] }
    return alerts.compactMap { $0["rule_id"]?.string }
  }
}
