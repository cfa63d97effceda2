// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A lock file that could not be opened or locked.
package struct FileLockError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system call that failed: `open` or `flock`.
  package let operation: String
  /// The lock file's path.
  package let path: String
  /// `errno` of the call.
  package let errno: Int32

  /// One line: call, path and the system's reason.
  package var description: String {
    let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? ""
    return "\(operation) \(path): errno \(errno) (\(reason))"
  }
}
