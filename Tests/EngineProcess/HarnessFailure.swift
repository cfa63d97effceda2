// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// What went wrong in driving the binary; a test that throws it has found no answer to judge.
package struct HarnessFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }

  /// A failed call of the system's, with the reason that `errno` holds.
  package static func system(_ call: String) -> HarnessFailure {
    HarnessFailure("\(call): \(String(cString: strerror(errno)))")
  }
}

/// A point on the monotonic clock after which nobody waits any longer.
package struct Deadline {
  private let nanoseconds: Int64

  /// How long a test waits for an answer by default: far above any answer, far below a hang.
  package static let patience = 30.0

  package init(in seconds: Double = Deadline.patience) {
    nanoseconds = Deadline.now + Int64(seconds * 1e9)
  }

  /// Milliseconds that are left, rounded up; 0 once it has passed.
  package var milliseconds: Int32 {
    Int32(clamping: max(0, (nanoseconds - Deadline.now + 999_999) / 1_000_000))
  }

  package var hasPassed: Bool { Deadline.now >= nanoseconds }

  /// Nanoseconds of the monotonic clock.
  package static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// Sleeps for a part of a second.
package func pause(seconds: Double) {
  usleep(UInt32(seconds * 1e6))
}
