// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What the engine is to reach, as ratios to programs run in the same rounds (spec/performance.md).
enum Goals {
  static func all(_ results: Results) -> [Goal] {
    debits(results)
  }

  private static func debits(_ results: Results) -> [Goal] {
    [
      rate("debit 1", over: "S(1)", must: 1, results),
      rate("debit 1", over: "J(1)", must: 0, aim: 0.8, results),
      rate("debit 8", over: "S(8)", must: 2, aim: 3, results),
      rate("debit 64", over: "S(64)", must: 3, aim: 7, results),
      p99("debit 64", over: "S(64)", must: 1, aim: 0.3, results),
      p99("debit 1", over: "S(1)", must: 1.5, aim: 1.1, results),
    ]
  }

  private static func rate(
    _ name: String, over other: String, must: Double, aim: Double? = nil, _ results: Results
  ) -> Goal {
    Goal(
      name: "\(name) in flight, rate", unit: "× \(other)", direction: .atLeast, must: must,
      aim: aim ?? must, measured: results.ratio(name, over: other))
  }

  private static func p99(
    _ name: String, over other: String, must: Double, aim: Double, _ results: Results
  ) -> Goal {
    let ratio = results.ratio(name, over: other) { Double($0.latency[9_900] ?? 0) }
    return Goal(
      name: "\(name) in flight, p99", unit: "× \(other)", direction: .atMost, must: must, aim: aim,
      measured: ratio)
  }
}
