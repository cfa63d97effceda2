// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Simulation

/// `scrip-simulate FIRST COUNT OPERATIONS`: plays that many seeds from the first one on.
@main
enum Simulate {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard arguments.count == 3 else { return fail("usage: scrip-simulate FIRST COUNT OPERATIONS") }
    let started = clock()
    var tally: [String: Int] = [:]
    for seed in arguments[0]..<(arguments[0] + arguments[1]) {
      let program = Simulation.program(seed: UInt64(seed), operations: arguments[2])
      do {
        var simulation = try Simulation(program, coupons: true)
        try simulation.run()
        tally.merge(simulation.tally) { $0 + $1 }
      } catch {
        fail("seed \(seed): \(error)")
      }
    }
    let seconds = Double(clock() - started) / Double(CLOCKS_PER_SEC)
    for (name, count) in tally.sorted(by: { $0.key < $1.key }) { print("\(count)\t\(name)") }
    print("\(arguments[1]) seeds of \(arguments[2]) operations in \(seconds) s of processor time")
  }

  private static func fail(_ message: String) {
    print(message)
    exit(1)
  }
}
