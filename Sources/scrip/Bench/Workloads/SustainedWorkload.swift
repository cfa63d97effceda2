// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Debits for so long that folding and checkpoints must keep up: 60 seconds for each 3 of others.
final class SustainedWorkload: Workload {
  static let name = "sustained"
  static let summary = "64 in flight for twenty times --seconds, beside S(64)"
  static let isUsual = false

  private let ground: BenchGround
  private let floor: Floor
  private let engine: BenchEngine
  private var debits: DebitRequests

  init(_ ground: BenchGround) throws(Failure) {
    self.ground = ground
    let shop = try ground.shop()
    floor = try ground.floor()
    engine = shop.engine
    debits = shop.debits(seed: 76)
  }

  func round(into results: inout Results) throws(Failure) {
    let seconds = ground.settings.seconds
    results.add("S(64) beside", try floor.debits(64, seconds: seconds))
    results.add("debit 64, sustained", try engine.run(window: 64, seconds: 20 * seconds, &debits))
  }

  func finish(into results: inout Results) throws(Failure) {}
}
