// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Seeds
import Testing

@testable import Coupons

private func spread(_ total: Int64, _ weights: [Int64]) -> [Int64] {
  var (shares, remainders): ([Int64], [Int64]) = ([9], [9, 9])
  Distribution.spread(
    total, over: weights, sum: weights.reduce(0, +), into: &shares, using: &remainders)
  return shares
}

struct DistributionTests {
  @Test(
    arguments: [
      (10, [9, 9, 9], [4, 3, 3]), (2, [1, 1, 1], [1, 1, 0]), (0, [5, 5], [0, 0]),
      (10, [5, 5], [5, 5]), (1, [1, 0, 9], [0, 0, 1]), (100, [333, 333, 334], [33, 33, 34]),
      (5, [0, 10, 0], [0, 5, 0]), (7, [3, 3, 1], [3, 3, 1]),
      (1000, [2990, 1990, 990], [501, 333, 166]),
      // Remainders 1/2, 1/2, 0: the earlier line gets the unit.
      (2, [1, 1, 2], [1, 0, 1]),
      // 999,999,999,999 × 500,000,000,000 needs 128 bits.
      (999_999_999_999, [500_000_000_000, 500_000_000_000], [500_000_000_000, 499_999_999_999]),
      (1_000_000_000_000, [999_999_999_999, 1], [999_999_999_999, 1]),
    ] as [(Int64, [Int64], [Int64])])
  func `an amount is given out by largest remainder, the earlier line first`(
    _ total: Int64, _ weights: [Int64], _ expected: [Int64]
  ) {
    #expect(spread(total, weights) == expected)
  }

  @Test func `shares sum exactly, exceed no weight and are within one of the exact share`() {
    for seed in Settings.seed..<Settings.seed + 3000 {
      var random = SplitMix64(seed: seed)
      let size = random.one(of: [3, 40, 1_000_000, 2_000_000_000])
      let weights = (0..<random.within(1...40)).map { _ in Int64(random.below(size)) }
      let sum = weights.reduce(0, +)
      guard sum > 0 else { continue }
      let total = Int64(random.within(0...Int(sum)))
      let shares = spread(total, weights)
      #expect(shares.reduce(0, +) == total, "seed \(seed)")
      for (share, weight) in zip(shares, weights) {
        #expect(share >= 0 && share <= weight, "seed \(seed)")
        let distance = Int128(share) * Int128(sum) - Int128(total) * Int128(weight)
        #expect(distance < Int128(sum) && distance > -Int128(sum), "seed \(seed)")
      }
      #expect(shares == plain(total, weights), "seed \(seed)")
    }
  }

  /// Sorts all claims and deals the rest one by one.
  private func plain(_ total: Int64, _ weights: [Int64]) -> [Int64] {
    let sum = Int128(weights.reduce(0, +))
    var shares = weights.map { Int64(Int128(total) * Int128($0) / sum) }
    let rests = weights.indices.map { (Int128(total) * Int128(weights[$0]) % sum, $0) }
    let order = rests.sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 > $1.0 }
    for (_, index) in order.prefix(Int(total - shares.reduce(0, +))) { shares[index] += 1 }
    return shares
  }

  @Test func `giving out more than there is is a bug`() async {
    await #expect(processExitsWith: .failure) { _ = spread(3, [1, 1]) }
    await #expect(processExitsWith: .failure) { _ = spread(0, [0, 0]) }
  }
}
