// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Simulation
import Testing

/// The whole engine in one process, with clock, randomness, store and faults in the test's hands,
/// against a plain model of the contract (T10, T72, T73; INV-1 to INV-20 but what kills processes).
///
/// `SCRIP_SIMULATIONS` sets the number of seeds (60), `SCRIP_SIMULATION_STEPS` that of operations
/// (300), `SCRIP_SIMULATION_SEED` the first seed (1). For many of them `scrip-simulate`, built for
/// release, is quicker.
@Suite struct SimulationTests {
  @Test(arguments: Settings.seeds)
  func `the engine answers as the model foretells, whatever is asked and whatever fails`(
    seed: UInt64
  ) {
    if let report = Simulation.report(seed: seed, operations: Settings.operations) {
      Issue.record("\(report)")
    }
  }

  @Test(arguments: [7, 8, 9] as [UInt64])
  func `the same seed gives the same answers, byte for byte`(seed: UInt64) throws {
    func output(_ seed: UInt64) throws -> [UInt8] {
      var simulation = try Simulation(
        Simulation.program(seed: seed, operations: Settings.operations))
      try simulation.run()
      return simulation.output
    }
    let first = try output(seed)
    #expect(first.count > 1_000)
    #expect(try output(seed) == first)
    #expect(try output(seed + 1) != first)
  }

  /// T11; `SCRIP_LISTINGS` sets the number of questions (400).
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `a listing has every row that its filters admit, in order and once`(seed: UInt64) throws {
    let program = Simulation.program(seed: seed, operations: Settings.operations)
    var simulation = try Simulation(program)
    try simulation.run()
    try simulation.checkListings(Settings.listings / 4, seed: seed)
  }
}
