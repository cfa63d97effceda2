// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension Costs {
  /// What was measured on two cores that engine, server and client share (spec/postgresql.md, "What
  /// a group costs").
  package static let measured: Costs = {
    var costs = Costs()
    costs.read = Cost(45_000, each: 1_800)
    costs.begin = Cost(40_000)
    costs.coldServer = Cost(250_000, each: 5_500)
    costs.look = Cost(215_000, each: 7_500)
    costs.decide = Cost(80_000, each: 12_400)
    costs.coldEngine = Cost(130_000, each: 5_000)
    costs.write = Cost(95_000, each: 11_500)
    costs.barrier = Cost(120_000)
    costs.beside = Cost(4_000, each: 500)
    costs.answer = Cost(35_000, each: 2_300)
    costs.client = Cost(16_000, each: 1_900)
    (costs.sync, costs.wake, costs.hop) = (200_000, 80_000, 100_000)
    costs.spread = 0.3
    return costs
  }()
}
