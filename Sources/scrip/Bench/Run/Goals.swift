// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What the engine is to reach, as ratios to programs run in the same rounds (spec/performance.md).
enum Goals {
  static func all(_ results: Results) -> [Goal] {
    debits(results) + others(results) + figures(results)
  }

  private static func debits(_ results: Results) -> [Goal] {
    [
      rate("debit 1", over: "S(1)", must: 1, results),
      rate("debit 1", over: "J(1)", aim: 0.8, results),
      rate("debit 8", over: "S(8)", must: 2, aim: 3, results),
      rate("debit 64", over: "S(64)", must: 3, aim: 7, results),
      rate("debit 64, sustained", over: "S(64) beside", must: 3, aim: 7, results),
      p99("debit 64", over: "S(64)", must: 1, aim: 0.3, results),
      p99("debit 1", over: "S(1)", must: 1.5, aim: 1.1, results),
      processor("session in memory 64", must: 10, aim: 5, results),
    ]
  }

  private static func others(_ results: Results) -> [Goal] {
    [
      rate("coupon.verify 64", over: "echo 64", must: 0.1, aim: 0.25, results),
      rate("one card 64", over: "random cards 64", must: 0.9, aim: 1, results),
      cost("young ledger 1", over: "grown ledger 1", must: 1.5, aim: 1.15, results),
      cost("young ledger 64", over: "grown ledger 64", must: 1.5, aim: 1.15, results),
      rate("default rules 64", over: "no rules 64", must: 0.8, results),
      p99("debit 1 beside verify", over: "debit 1 alone", must: 1.5, aim: 1.1, results),
      p99("debit 64 beside verify", over: "debit 64 alone", must: 1.5, aim: 1.1, results),
      p99("debit 1 beside backtest", over: "debit 1 alone", must: 1.5, aim: 1.1, results),
      p99("debit 64 beside backtest", over: "debit 64 alone", must: 1.5, aim: 1.1, results),
      p99("alerts unread 1", over: "alerts not sent 1", must: 1.1, aim: 1.1, results),
      p99("alerts unread 64", over: "alerts not sent 64", must: 1.1, aim: 1.1, results),
    ]
  }

  private static func figures(_ results: Results) -> [Goal] {
    [
      figure("first answer after a clean end", "ms", must: 15, aim: 8, results),
      figure("first answer after kill -9", "ms", must: 100, aim: 50, results),
      figure("RSS idle", "MiB", must: 25, aim: 15, results),
      figure("RSS after the debits", "MiB", must: 100, aim: 64, results),
    ]
  }

  /// Either bound may be missing: then it is the other.
  private static func rate(
    _ name: String, over other: String, must: Double? = nil, aim: Double? = nil,
    _ results: Results
  ) -> Goal {
    Goal(
      name: "\(name): rate", unit: "× \(other)", direction: .atLeast, must: must, aim: aim,
      measured: results.ratio(name, over: other))
  }

  private static func p99(
    _ name: String, over other: String, must: Double, aim: Double, _ results: Results
  ) -> Goal {
    let ratio = results.ratio(name, over: other) { Double($0.latency[9_900] ?? 0) }
    return Goal(
      name: "\(name): p99", unit: "× \(other)", direction: .atMost, must: must, aim: aim,
      measured: ratio)
  }

  /// How many times the time of the first a request of the second takes.
  private static func cost(
    _ young: String, over grown: String, must: Double, aim: Double, _ results: Results
  ) -> Goal {
    Goal(
      name: "\(grown): cost", unit: "× \(young)", direction: .atMost, must: must, aim: aim,
      measured: results.ratio(young, over: grown))
  }

  private static func processor(
    _ name: String, must: Double, aim: Double, _ results: Results
  ) -> Goal {
    Goal(
      name: "\(name): CPU a debit", unit: "µs", direction: .atMost, must: must, aim: aim,
      measured: Spread(results.samples(name).map(\.processor)))
  }

  private static func figure(
    _ name: String, _ unit: String, must: Double, aim: Double, _ results: Results
  ) -> Goal {
    Goal(
      name: name, unit: unit, direction: .atMost, must: must, aim: aim,
      measured: results.figure(name))
  }
}
