// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Simulation

/// A whole program of operations, with its surroundings, faults and restarts, as the simulation
/// plays it: the plain model foretells every answer.
struct SimulationTarget: FuzzTarget {
  let name = "simulation"

  func run(_ input: [UInt8]) {
    guard input.count >= Simulation.chunkSize,
      let found = Simulation.failure(of: input)
    else { return }
    fatalError("\(found.failure)\n" + String(decoding: found.transcript, as: UTF8.self))
  }

  /// Programs that seeds decide, each short enough to be changed byte by byte.
  static func writeSeeds(to directory: String) {
    for seed in 1...12 as ClosedRange<UInt64> {
      let program = Simulation.program(seed: seed, operations: 40)
      File.write(program, to: "\(directory)/seed-\(seed)")
    }
  }
}
