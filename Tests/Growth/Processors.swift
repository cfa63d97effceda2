// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Processors that serve in the order of asking, each to the end.
struct Processors {
  /// When each is free.
  private var free: [Int64]
  /// Nanoseconds used while counting.
  private(set) var used: Int64 = 0

  init(_ count: Int) { free = Array(repeating: 0, count: count) }

  var count: Int { free.count }

  /// When work that is asked for now is done; what of it lies between the two times is counted.
  ///
  /// What takes no time waits for no processor.
  mutating func serve(
    _ time: Int64, at now: Int64, countingFrom first: Int64, to last: Int64
  ) -> Int64 {
    guard time > 0 else { return now }
    var place = 0
    for other in free.indices where free[other] < free[place] { place = other }
    let begin = max(now, free[place])
    free[place] = begin + time
    used += max(0, min(begin + time, last) - max(begin, first))
    return begin + time
  }
}
