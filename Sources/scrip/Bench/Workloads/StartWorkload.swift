// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import JSON

/// How long a till waits for the first answer: after a clean end, and after `kill -9` under load.
final class StartWorkload: Workload {
  static let name = "start"
  static let summary = "the first answer after a clean end and after kill -9 under full load"

  private let directory: String
  private let clock: ShopClock
  private var debits: DebitRequests
  private let seconds: Double
  private static let cleanStarts = 3

  init(_ ground: BenchGround) throws(Failure) {
    let settings = ground.settings
    seconds = settings.seconds
    (directory, clock) = try ground.ledger(
      Self.name, cards: settings.cards, history: settings.history)
    debits = DebitRequests(clock: clock, cards: 0..<settings.cards, seed: 74)
  }

  func round(into results: inout Results) throws(Failure) {
    for _ in 0..<Self.cleanStarts {
      let engine = try start("first answer after a clean end", &results)
      let memory = ProcessUsage.memory(of: engine.process.pid).now
      results.add("RSS idle", Double(memory) / 1024, unit: "MiB")
      try engine.process.finish()
    }
    let victim = try BenchEngine(directory: directory, clock: clock)
    // Long enough for as much to be unfolded as there ever is.
    _ = try victim.run(window: 64, seconds: seconds, settling: false, &debits)
    try victim.killUnderLoad(&debits)
    try start("first answer after kill -9", &results).process.finish()
  }

  /// Starts the engine and asks for a card.
  private func start(_ name: String, _ results: inout Results) throws(Failure) -> BenchEngine {
    let start = monotonicNanoseconds()
    let engine = try BenchEngine(directory: directory, clock: clock)
    _ = try engine.ask("account.get", ["card_no": .string(BenchCard.number(7))])
    results.add(name, Double(monotonicNanoseconds() - start) / 1e6, unit: "ms")
    let usage = try ProcessUsage.of(engine.process.pid)
    results.add(name + ", CPU", Double(usage.processor) / 1e6, unit: "ms")
    return engine
  }

  func finish(into results: inout Results) throws(Failure) {}
}
