// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// The binary under test: what `SCRIP_BINARY` names, else the product beside the test bundle.
package enum ScripBinary {
  package static func path() throws -> String {
    if let named = getenv("SCRIP_BINARY") { return String(cString: named) }
    var places: [String] = []
    if let resolved = realpath("/proc/self/exe", nil) {
      places.append(String(cString: resolved))
      free(resolved)
    }
    places.append(CommandLine.arguments[0])
    for place in places {
      var parts = place.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      // A bundle may be a directory with the executable inside.
      while !parts.isEmpty {
        let candidate = (parts + ["scrip"]).joined(separator: "/")
        if isExecutable(candidate) { return candidate }
        guard parts.last?.hasSuffix(".xctest") == true || parts.last == "MacOS" else { break }
        parts = parts.dropLast()
      }
    }
    throw HarnessFailure("no scrip beside \(places[0]); build it, or name it in SCRIP_BINARY")
  }

  private static func isExecutable(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }

  /// What a command that ran to its end gave.
  package struct Outcome {
    package let exit: ChildProcess.Exit
    /// Standard output as it came.
    package let output: String
    /// Standard error as it came.
    package let errors: String

    package var code: Int32? {
      if case .code(let code) = exit { code } else { nil }
    }
  }

  /// Runs a command to its end; `wrapper` is a command that starts it in its turn.
  package static func run(
    _ arguments: [String], input: String = "", through wrapper: [String] = [],
    within seconds: Double = Deadline.patience
  ) throws -> Outcome {
    let deadline = Deadline(in: seconds)
    let command = try wrapper + [path()] + arguments
    let child = try ChildProcess(command[0], Array(command.dropFirst()))
    try child.write(input.utf8)
    try child.closeInput()
    var output: [UInt8] = []
    while let line = try child.line(deadline) { output += line + [0x0A] }
    if !child.endedWithNewline, !output.isEmpty { output.removeLast() }
    let exit = try child.wait(deadline)
    return Outcome(
      exit: exit, output: String(decoding: output, as: UTF8.self), errors: child.errors)
  }
}
