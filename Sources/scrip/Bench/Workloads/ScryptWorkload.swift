// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// Debits where every PIN is stretched by scrypt before it is checked.
final class ScryptWorkload: Workload {
  static let name = "scrypt"
  static let summary = "debits with PINs hardened by scrypt"

  private let seconds: Double
  private let engine: BenchEngine
  private var debits: DebitRequests

  init(_ ground: BenchGround) throws(Failure) {
    seconds = ground.settings.seconds
    engine = try ground.engine(Self.name)
    _ = try engine.change("program.set", ["program": ["pin": ["hardening": "scrypt"]]])
    debits = DebitRequests(clock: engine.clock, cards: 0..<64, seed: 78)
  }

  func round(into results: inout Results) throws(Failure) {
    results.add("scrypt 8", try engine.run(window: 8, seconds: seconds, &debits))
  }

  func finish(into results: inout Results) throws(Failure) { try engine.process.finish() }
}
