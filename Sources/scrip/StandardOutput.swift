// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// What commands for people print; `serve` has no use for it.
enum StandardOutput {
  /// Writes a line.
  ///
  /// Throws `.io` when it cannot be written: what is printed is what the command is for. A reader
  /// that went away ends the process by SIGPIPE, as it does any filter.
  static func write(_ line: String) throws(Failure) {
    try write(Array((line + "\n").utf8))
  }

  /// Writes all of `bytes`; throws as `write(_: String)` does.
  static func write(_ bytes: [UInt8]) throws(Failure) {
    guard try offer(bytes) else { throw .io("nobody reads standard output any more") }
  }

  /// Writes all of `bytes`; false when nobody reads any more and the process ignores SIGPIPE.
  static func offer(_ bytes: [UInt8]) throws(Failure) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(1, buffer.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count >= 0 {
        written += count
      } else if errno == EPIPE || errno == ECONNRESET {
        return false
      } else if errno != EINTR {
        throw .io("cannot write to standard output: \(systemReason())")
      }
    }
    return true
  }

  /// Writes a line; where that fails, says so and ends the process.
  static func writeOrExit(_ line: String) {
    do {
      try write(line)
    } catch {
      StandardError.write("scrip: " + error.message)
      exit(error.code)
    }
  }
}

/// What the system says of the `errno` of the call just made.
func systemReason() -> String { systemReason(errno) }

/// What the system says of an `errno`.
func systemReason(_ number: Int32) -> String {
  strerror(number).map { String(cString: $0) } ?? "errno \(number)"
}
