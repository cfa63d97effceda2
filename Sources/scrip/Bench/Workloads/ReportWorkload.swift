// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// Debits while the ledger is verified, and while rules are tried on its whole history.
final class ReportWorkload: Workload {
  static let name = "report"
  static let summary = "debits alone, beside ledger.verify, and beside anomaly.backtest"

  private let seconds: Double
  private let engine: BenchEngine
  private var debits: DebitRequests

  init(_ ground: BenchGround) throws(Failure) {
    seconds = ground.settings.seconds
    engine = try ground.engine("report")
    debits = DebitRequests(clock: engine.clock, cards: 0..<ground.settings.cards, seed: 73)
  }

  func round(into results: inout Results) throws(Failure) {
    try measure("alone", into: &results)
    let rules: JSONTree = ["rules": .array(ShopRules.rules)]
    for (name, method, params) in [
      ("beside verify", "ledger.verify", [:]), ("beside backtest", "anomaly.backtest", rules),
    ] {
      engine.keepUnderWay(method, params)
      try measure(name, into: &results)
      try engine.endAside()
    }
  }

  private func measure(_ name: String, into results: inout Results) throws(Failure) {
    for window in [1, 64] {
      let sample = try engine.run(window: window, seconds: seconds, &debits)
      results.add("debit \(window) \(name)", sample)
    }
  }

  func finish(into results: inout Results) throws(Failure) { try engine.process.finish() }
}
