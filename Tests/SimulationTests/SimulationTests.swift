// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Simulation
import Testing

@Suite struct SimulationTests {
  @Test(arguments: Settings.seeds)
  func `the engine answers as the model foretells`(seed: UInt64) throws {
    let program = Simulation.program(seed: seed, operations: Settings.operations)
    var simulation = try Simulation(program)
    try simulation.run()
  }
}
