// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Simulation

/// Plays seeds against the model and prints what was served and refused.
///
/// `scrip-simulate FIRST COUNT OPERATIONS`: that many seeds from the first one on. A failure is
/// shrunk and printed, and ends it with 1.
@main
enum Simulate {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard arguments.count == 3, arguments.allSatisfy({ $0 > 0 }) else {
      print("usage: scrip-simulate FIRST COUNT OPERATIONS")
      exit(64)
    }
    let (first, count, operations) = (UInt64(arguments[0]), arguments[1], arguments[2])
    let started = clock()
    var tally: [String: Int] = [:]
    for seed in first..<(first + UInt64(count)) {
      do {
        var simulation = try Simulation(Simulation.program(seed: seed, operations: operations))
        try simulation.run()
        tally.merge(simulation.tally) { $0 + $1 }
      } catch {
        print(Simulation.report(seed: seed, operations: operations) ?? "seed \(seed): \(error)")
        exit(1)
      }
    }
    let seconds = Double(clock() - started) / Double(CLOCKS_PER_SEC)
    for (name, count) in tally.sorted(by: { $0.key < $1.key }) { print("\(count)\t\(name)") }
    let rate = Int(Double(count * operations) / seconds)
    print("\(count) seeds from \(first) on, \(operations) operations each: all foretold")
    print("\(rate) operations a second of processor time")
  }
}
