// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Glibc

/// Why a command ends, with the exit code that says so (contract §1, Exit codes).
struct Failure: Error {
  let code: Int32
  let message: String

  static func usage(_ message: String) -> Failure { Failure(code: 64, message: message) }
  static func data(_ message: String) -> Failure { Failure(code: 65, message: message) }
  static func unavailable(_ message: String) -> Failure { Failure(code: 69, message: message) }
  static func cannotCreate(_ message: String) -> Failure { Failure(code: 73, message: message) }
  static func io(_ message: String) -> Failure { Failure(code: 74, message: message) }
  static func temporary(_ message: String) -> Failure { Failure(code: 75, message: message) }
  static func configuration(_ message: String) -> Failure { Failure(code: 78, message: message) }

  /// Says it on standard error and gives the exit code to the parser.
  func exitCode() -> ExitCode {
    StandardError.write("scrip: " + message)
    return ExitCode(code)
  }
}

/// Runs a command's body and turns what it throws into an exit code.
func run(_ body: () throws(Failure) -> Void) throws {
  do {
    try body()
  } catch {
    throw error.exitCode()
  }
}

/// Lines for people and logs; standard output belongs to the protocol.
enum StandardError {
  static func write(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
  }
}
