// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Testing

/// A system call that is made to fail.
struct Fault: CustomTestStringConvertible {
  let call: String
  /// The error it fails with.
  let error: String
  /// From the N-th call on, and not the N-th alone.
  var goesOn = false

  var testDescription: String { "\(call) \(error)\(goesOn ? " for ever" : "")" }
}

/// strace, which can make system calls fail without doing them.
enum Tracer {
  /// Where strace is; nil where it is not installed or may not trace.
  static let path: String? = {
    guard let path = Tools.path(of: "strace") else { return nil }
    let trial = try? ChildProcess(path, ["-f", "-qq", "-o", "/dev/null", "/bin/true"])
    return (try? trial?.wait()) == .code(0) ? path : nil
  }()

  /// The command that starts another with the N-th such call of each of its threads failing.
  static func command(_ fault: Fault, at number: Int, log: String) throws -> [String] {
    guard let path else { throw HarnessFailure("no strace") }
    let when = "\(number)\(fault.goesOn ? "+" : "")"
    return [
      path, "-f", "-y", "-qq", "-o", log, "-e", "trace=\(fault.call)",
      "-e", "inject=\(fault.call):error=\(fault.error):when=\(when)",
    ]
  }

  /// The calls that failed, as strace wrote them down.
  static func failures(in log: String) -> [Substring] {
    lines(of: log).filter { $0.contains("(INJECTED)") }
  }

  /// Those of them that the thread made that made the first call: the one that serves.
  static func servingFailures(in log: String) -> [Substring] {
    guard let thread = lines(of: log).first?.prefix(while: { $0 != " " }) else { return [] }
    return failures(in: log).filter { $0.hasPrefix(thread + " ") }
  }

  private static func lines(of log: String) -> [Substring] {
    (Files.text(of: log) ?? "").split(separator: "\n")
  }
}

/// Programs of the machine.
enum Tools {
  static func path(of name: String) -> String? {
    guard let places = getenv("PATH") else { return nil }
    return String(cString: places).split(separator: ":").map { "\($0)/\(name)" }
      .first { access($0, X_OK) == 0 }
  }
}
