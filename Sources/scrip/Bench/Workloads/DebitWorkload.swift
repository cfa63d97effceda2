// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Debits at 1, 8 and 64 in flight, each beside the floor's at as many a commit.
final class DebitWorkload: Workload {
  static let name = "debit"
  static let summary = "debits at 1, 8 and 64 in flight beside S(n), J(n) and F"

  private let ground: BenchGround
  private let floor: Floor
  private let engine: BenchEngine
  private var debits: DebitRequests

  init(_ ground: BenchGround) throws(Failure) {
    self.ground = ground
    let shop = try ground.shop()
    floor = try ground.floor()
    engine = shop.engine
    debits = shop.debits(seed: 21)
    try warm()
  }

  func round(into results: inout Results) throws(Failure) {
    let seconds = ground.settings.seconds
    results.add("F", try floor.syncs(seconds: seconds / 3))
    for window in [1, 8, 64] {
      results.add("S(\(window))", try floor.debits(window, seconds: seconds))
      results.add("J(\(window))", try floor.appends(window, seconds: seconds / 3))
      let sample = try engine.run(window: window, seconds: seconds, &debits)
      results.add("debit \(window)", sample)
    }
  }

  func finish(into results: inout Results) throws(Failure) {}

  /// Brings the files into memory, which a shop's have long been.
  private func warm() throws(Failure) {
    _ = try engine.run(window: 64, seconds: min(1, ground.settings.seconds), &debits)
    _ = try floor.debits(64, seconds: min(1, ground.settings.seconds))
  }
}
