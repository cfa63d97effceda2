// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds

/// Random anomaly rules of every kind, subject and action (contract §7).
struct RandomRules {
  private static let declinable = [
    "topup", "debit", "authorize", "refund", "reverse", "coupon_redeem", "checkout",
  ]
  private static let withAmount = declinable + ["capture"]
  private static let watched = withAmount + ["freeze", "unfreeze", "release", "pin_verify"]
  private static let subjects = ["account", "terminal", "operator", "store"]

  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Up to seven rules; now and then some that a program refuses.
  mutating func next() -> JSONTree {
    .array((0..<2 + random.below(6)).map { one($0) })
  }

  private mutating func one(_ number: Int) -> JSONTree {
    let kind = pick([
      "amount", "count", "sum", "time_of_day", "pin_failures", "distinct_terminals", "drain",
      "deviation", "code_failures",
    ])
    var rule: JSONTree = [
      "id": .string("r\(number)"), "kind": .string(kind),
      "severity": .string(pick(["low", "medium", "high", "critical"])),
      "suppress_seconds": .number(pick([0, 0, 5, 60, 300])),
    ]
    var subject = pick(Self.subjects)
    if kind == "distinct_terminals", subject == "terminal" { subject = "store" }
    if kind == "code_failures", subject == "account" { subject = "terminal" }
    rule = rule.merging(["subject": .string(subject)]).merging(measure(kind))
    let on = kinds(of: kind)
    var actions = ["alert", "alert"]
    if kind == "pin_failures" { actions.append("freeze") }
    if !on.isEmpty, Set(on).isSubset(of: Self.declinable) { actions += ["decline", "freeze"] }
    return rule.merging([
      "on": .array(on.map { .string($0) }), "action": .string(pick(actions)),
    ])
  }

  private mutating func measure(_ kind: String) -> JSONTree {
    let window = JSONTree.number(1 + random.below(180))
    switch kind {
    case "amount": return ["min": .number(60 + random.below(90))]
    case "sum": return ["window_seconds": window, "min": .number(80 + random.below(400))]
    case "distinct_terminals": return ["window_seconds": window, "min": .number(2)]
    case "time_of_day":
      return [
        "from": .string("10:0\(random.below(5))"), "to": .string("10:\(10 + random.below(40))"),
      ]
    case "drain":
      return ["within_seconds": window, "basis_points": .number(500 + random.below(4000))]
    case "deviation":
      return [
        "factor_basis_points": .number(12_000 + random.below(20_000)),
        "min_history": .number(1 + random.below(4)),
      ]
    default: return ["window_seconds": window, "min": .number(1 + random.below(5))]
    }
  }

  private mutating func kinds(of kind: String) -> [String] {
    switch kind {
    case "pin_failures", "code_failures": return []
    case "drain": return pick([["debit"], ["debit", "checkout"], ["capture"]])
    case "amount", "sum", "deviation": return some(of: Self.withAmount)
    default: return some(of: random.below(2) == 0 ? Self.declinable : Self.watched)
    }
  }

  private mutating func some(of kinds: [String]) -> [String] {
    let count = 1 + random.below(3)
    return Array(Set(["debit"] + (0..<count).map { _ in pick(kinds) })).sorted()
  }

  private mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
    choices[random.below(choices.count)]
  }
}
