// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Exact distribution of an amount over weights by largest remainder.
///
/// Amounts are raw minor units of at most 10^12: this is the inner loop of pricing.
enum Distribution {
  /// Gives `total` out in proportion to `weights`: floors first, then one unit more for each of
  /// the largest remainders, the earlier place where they are equal.
  ///
  /// The shares sum to `total`, and none is above its weight: with total ≤ sum the exact share is
  /// at most the weight, which is whole, and only a share with a remainder is rounded up.
  ///
  /// - Parameters:
  ///   - total: at most the sum of the weights.
  ///   - sum: the sum of the weights, above zero.
  ///   - shares: overwritten; as long as `weights`.
  ///   - remainders: room for the work; overwritten.
  static func spread(
    _ total: Int64, over weights: [Int64], sum: Int64, into shares: inout [Int64],
    using remainders: inout [Int64]
  ) {
    precondition(sum > 0 && total >= 0 && total <= sum, "a discount is at most what is left")
    let count = weights.count
    shares.removeAll(keepingCapacity: true)
    remainders.removeAll(keepingCapacity: true)
    var given: Int64 = 0
    for weight in weights {
      let (quotient, remainder) = share(of: total, weight: weight, sum: sum)
      shares.append(quotient)
      remainders.append(remainder)
      given += quotient
    }
    var left = Int(total - given)
    guard left > 0 else { return }
    let bar = largest(left, of: remainders)
    for index in 0..<count where remainders[index] > bar {
      shares[index] += 1
      left -= 1
    }
    for index in 0..<count where remainders[index] == bar && left > 0 {
      shares[index] += 1
      left -= 1
    }
  }

  /// floor(total × weight ÷ sum) and its remainder.
  @inline(__always)
  private static func share(of total: Int64, weight: Int64, sum: Int64) -> (Int64, Int64) {
    let (product, overflow) = total.multipliedReportingOverflow(by: weight)
    if !overflow { return product.quotientAndRemainder(dividingBy: sum) }
    let wide = Int128(total) * Int128(weight)
    let (quotient, remainder) = wide.quotientAndRemainder(dividingBy: Int128(sum))
    return (Int64(quotient), Int64(remainder))
  }

  /// The `rank`-th largest of some values, counted from 1, by quickselect.
  private static func largest(_ rank: Int, of values: [Int64]) -> Int64 {
    var pool = values
    var (low, high) = (0, pool.count - 1)
    let target = rank - 1
    while low < high {
      let pivot = pool[low + (high - low) / 2]
      var (left, right) = (low, high)
      while left <= right {
        while pool[left] > pivot { left += 1 }
        while pool[right] < pivot { right -= 1 }
        if left <= right {
          pool.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if target <= right {
        high = right
      } else if target >= left {
        low = left
      } else {
        return pool[target]
      }
    }
    return pool[target]
  }
}
