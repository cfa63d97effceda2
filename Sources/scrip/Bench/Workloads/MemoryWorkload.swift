// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Memory after as many debits as the history has, sent at 64 in flight over all rounds.
final class MemoryWorkload: Workload {
  static let name = "memory"
  static let summary = "resident memory after as many debits as the history has"
  static let isUsual = false

  private let engine: BenchEngine
  private var debits: DebitRequests
  private let share: Int

  init(_ ground: BenchGround) throws(Failure) {
    let settings = ground.settings
    engine = try ground.engine(Self.name)
    debits = DebitRequests(clock: engine.clock, cards: 0..<settings.cards, seed: 75)
    share = max(64, settings.history / settings.rounds)
  }

  func round(into results: inout Results) throws(Failure) {
    results.add("debit 64, long", try engine.run(window: 64, limit: share, &debits))
  }

  func finish(into results: inout Results) throws(Failure) {
    let memory = ProcessUsage.memory(of: engine.process.pid)
    results.add("RSS after the debits", Double(memory.now) / 1024, unit: "MiB")
    results.add("RSS at most", Double(memory.peak) / 1024, unit: "MiB")
    try engine.process.finish()
  }
}
