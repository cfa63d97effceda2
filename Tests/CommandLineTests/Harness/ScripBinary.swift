// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// The binary under test: what `SCRIP_BINARY` names, else the product beside the test bundle.
enum ScripBinary {
  static func path() throws -> String {
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
  struct Outcome {
    let exit: ChildProcess.Exit
    /// Standard output as it came.
    let output: String
    /// Standard error as it came.
    let errors: String

    var code: Int32? {
      if case .code(let code) = exit { code } else { nil }
    }
  }

  /// Runs a command to its end.
  static func run(
    _ arguments: [String], input: String = "", within seconds: Double = Deadline.patience
  ) throws -> Outcome {
    let deadline = Deadline(in: seconds)
    let child = try ChildProcess(path(), arguments)
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
