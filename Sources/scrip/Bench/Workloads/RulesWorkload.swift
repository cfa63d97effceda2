// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// What the rules that watch a shop cost: the same debits without any and with the default ones.
final class RulesWorkload: Workload {
  static let name = "rules"
  static let summary = "debits without rules beside debits with the shop's default rules"

  private let seconds: Double
  private let watched: BenchEngine
  private let free: BenchEngine
  private var watchedDebits: DebitRequests
  private var freeDebits: DebitRequests

  init(_ ground: BenchGround) throws(Failure) {
    let settings = ground.settings
    seconds = settings.seconds
    watched = try ground.engine("rules")
    free = try ground.engine("no-rules")
    _ = try free.change("program.set", ["program": ["anomaly": ["rules": []]]])
    let cards = 0..<settings.cards
    watchedDebits = DebitRequests(clock: watched.clock, cards: cards, seed: 71)
    freeDebits = DebitRequests(clock: free.clock, cards: cards, seed: 71)
  }

  func round(into results: inout Results) throws(Failure) {
    results.add("no rules 64", try free.run(window: 64, seconds: seconds, &freeDebits))
    results.add("default rules 64", try watched.run(window: 64, seconds: seconds, &watchedDebits))
  }

  func finish(into results: inout Results) throws(Failure) {
    try watched.process.finish()
    try free.process.finish()
  }
}
