// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What a grown ledger costs: debits on a young one beside debits on one fifty times as large.
final class GrowthWorkload: Workload {
  static let name = "growth"
  static let summary =
    "a tenth of --cards and no history, beside ten times the cards and five "
    + "times the history"
  static let isUsual = false

  private let seconds: Double
  private let young: BenchEngine
  private let grown: BenchEngine
  private var youngDebits: DebitRequests
  private var grownDebits: DebitRequests

  init(_ ground: BenchGround) throws(Failure) {
    let settings = ground.settings
    seconds = settings.seconds
    let (few, many) = (settings.cards / 10, settings.cards * 10)
    young = try ground.engine("young", cards: few, history: 0)
    grown = try ground.engine("grown", cards: many, history: settings.history * 5)
    youngDebits = DebitRequests(clock: young.clock, cards: 0..<few, seed: 77)
    grownDebits = DebitRequests(clock: grown.clock, cards: 0..<many, seed: 77)
  }

  func round(into results: inout Results) throws(Failure) {
    for window in [1, 64] {
      results.add(
        "young ledger \(window)", try young.run(window: window, seconds: seconds, &youngDebits))
      results.add(
        "grown ledger \(window)", try grown.run(window: window, seconds: seconds, &grownDebits))
    }
  }

  func finish(into results: inout Results) throws(Failure) {
    try young.process.finish()
    try grown.process.finish()
  }
}
