// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Playing a program to its failure, and making that failure small.
extension Simulation {
  /// Plays a program; answers its failure and the requests that led there, if it fails.
  package static func failure(
    of program: [UInt8]
  ) -> (failure: Failure, transcript: [UInt8])? {
    var simulation: Simulation
    do {
      simulation = try Simulation(program)
    } catch {
      return (Failure(operation: 0, message: "no ledger: \(error)", request: ""), [])
    }
    do {
      try simulation.run()
      return nil
    } catch {
      let failure =
        error as? Failure ?? Failure(operation: 0, message: "\(error)", request: "")
      return (failure, simulation.transcript)
    }
  }

  /// A program that fails too, and of which little can be spared: first what comes after the
  /// failure goes, then ever smaller runs of operations, in so many trials.
  package static func shrunk(_ program: [UInt8], trials: Int = 600) -> [UInt8] {
    var trials = trials
    guard let found = failure(of: program) else { return program }
    let size = chunkSize
    let header = Array(program.prefix(size))
    var rest = Array(program.dropFirst(size).prefix(size * found.failure.operation))
    if failure(of: header + rest) == nil { rest = Array(program.dropFirst(size)) }
    var run = max(1, rest.count / size / 2)
    while true {
      var start = 0
      while start * size < rest.count, trials > 0 {
        trials -= 1
        var shorter = rest
        shorter.removeSubrange(start * size..<min(rest.count, (start + run) * size))
        if failure(of: header + shorter) != nil { rest = shorter } else { start += run }
      }
      if run == 1 || trials == 0 { return header + rest }
      run /= 2
    }
  }

  /// What a failing program is told by: its seed, its failure, and the least that brings it about.
  package static func report(seed: UInt64, operations: Int) -> String? {
    let program = program(seed: seed, operations: operations)
    guard let first = failure(of: program) else { return nil }
    let small = shrunk(program)
    let found = failure(of: small) ?? first
    return """
      seed \(seed) of \(operations) operations fails: \(first.failure.message)
      shrunk to \(small.count / chunkSize - 1) operations: \(found.failure)
      \(String(decoding: found.transcript, as: UTF8.self))
      """
  }
}
