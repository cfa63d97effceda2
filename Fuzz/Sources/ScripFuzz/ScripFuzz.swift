// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CFuzzer
import Glibc

/// `scrip-fuzz TARGET [argument of libFuzzer]...`: see README.md.
@main
enum ScripFuzz {
  /// libFuzzer takes a C function, which can carry nothing along.
  nonisolated(unsafe) private static var target: any FuzzTarget = LinesTarget()

  private static let targets: [any FuzzTarget] = [
    LinesTarget(), JSONTarget(), RequestsTarget(), ProgramsTarget(), EntriesTarget(),
    TermsTarget(), CartsTarget(), PayloadTarget(), OperationsTarget(),
    SimulationTarget(),
  ]

  static func main() {
    let names = targets.map(\.name).joined(separator: " ")
    guard CommandLine.argc > 1, let name = CommandLine.unsafeArgv[1].map({ String(cString: $0) })
    else {
      fail("usage: scrip-fuzz TARGET [argument of libFuzzer]...\ntargets: \(names)")
    }
    if name == "list" { return print(names) }
    if name == "seeds", CommandLine.argc == 3, let path = CommandLine.unsafeArgv[2] {
      return EntriesTarget.writeSeeds(to: String(cString: path))
    }
    if name == "seed-programs", CommandLine.argc == 3, let path = CommandLine.unsafeArgv[2] {
      return SimulationTarget.writeSeeds(to: String(cString: path))
    }
    guard let chosen = targets.first(where: { $0.name == name }) else {
      fail("scrip-fuzz: no target \(name); there are: \(names)")
    }
    target = chosen
    // Its own name stays the first argument, the target's goes.
    CommandLine.unsafeArgv[1] = CommandLine.unsafeArgv[0]
    var count = CommandLine.argc - 1
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
      CommandLine.unsafeArgv.advanced(by: 1)
    exit(
      LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
        ScripFuzz.target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
      })
  }
}

private func fail(_ message: String) -> Never {
  let line = Array((message + "\n").utf8)
  _ = write(2, line, line.count)
  exit(64)
}

/// Something that takes any bytes, and must neither trap nor contradict itself.
protocol FuzzTarget: Sendable {
  var name: String { get }
  /// Traps where what is expected of any input does not hold.
  func run(_ input: [UInt8])
}

/// Traps, in every build, where something that must hold does not.
func expect(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String
) {
  if !condition() { fatalError(message()) }
}
