// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// How fast codes may be typed at one terminal: ten at once, then one a second.
///
/// A code cannot be guessed, however fast; this keeps a keyboard that somebody tries things on from
/// filling alerts and logs. Times are monotonic milliseconds.
struct TypingLimit {
  private static let burst: Int64 = 10
  private static let interval: Int64 = 1_000

  /// When all that was typed so far has been paid for, an interval each.
  private var paidAt = Int64.min

  /// Counts a line typed now; for one too many, which does not count, the milliseconds to wait.
  mutating func wait(at now: Int64) -> Int64? {
    let start = max(paidAt, now)
    let excess = start - now - (Self.burst - 1) * Self.interval
    guard excess <= 0 else { return excess }
    paidAt = start + Self.interval
    return nil
  }
}
