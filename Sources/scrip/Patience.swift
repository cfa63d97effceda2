// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Looks out for the next request for a moment before the loop goes to sleep.
///
/// To be woken takes longer than a client takes that sends its next request on an answer. Only
/// while the last one came that soon, and only where another processor is left for the client: a
/// till at which people stand is never watched for.
struct Patience {
  /// How long it looks out at most, in nanoseconds: a client that sleeps deeply takes half of that
  /// to wake.
  private static let longest: Int64 = 300_000
  private let isUseful = sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1
  private var lastWait = Int64.max
  private var begun: Int64?

  /// Looks out until `isThere`, if that is likely to be soon.
  mutating func watch(for isThere: () -> Bool) {
    let start = Self.now
    begun = start
    guard isUseful, lastWait < Self.longest else { return }
    while !isThere(), Self.now - start < Self.longest { sched_yield() }
  }

  /// The loop has waited, for input if it has watched.
  mutating func end() {
    if let begun { lastWait = Self.now - begun }
    begun = nil
  }

  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
