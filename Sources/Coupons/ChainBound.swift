// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// A bound that knows how minimums bite when everything is taken off one sum.
///
/// It looks at the total alone, which only falls, and asks how low so many coupons in the order of
/// application could bring it (spec/coupons.md, The chain).
struct ChainBound {
  /// For each number of coupons the least that can be left of the total.
  private(set) var least: [Int64]
  private var reached = 0

  /// - Parameter total: what all lines that matter have left.
  init(total: Int64, slots: Int) {
    least = Array(repeating: .max, count: slots + 1)
    least[0] = total
  }

  /// Lets the next coupon in the order of application serve.
  ///
  /// - Parameters:
  ///   - eligible: what its lines have left now.
  ///   - ceiling: the most it can take off.
  mutating func add(_ coupon: FittedCoupon, eligible: Int64, ceiling: Int64) {
    reached = min(reached + 1, least.count - 1)
    for slot in stride(from: reached, through: 1, by: -1) {
      let total = least[slot - 1]
      let after =
        total >= eligible
        ? total - ceiling
        : coupon.leastAfter(total, ceiling: ceiling)
      least[slot] = min(least[slot], after)
    }
  }

  /// Fewer coupons leave no less than more.
  mutating func finish() {
    for slot in least.indices.dropFirst() { least[slot] = min(least[slot], least[slot - 1]) }
  }
}

extension FittedCoupon {
  /// The least that `total` or anything above it can become when it is all that the coupon's lines
  /// can have: the infimum over s ≥ total of s − discount(s).
  func leastAfter(_ total: Int64, ceiling: Int64) -> Int64 {
    let start = max(total, minimumSpend)
    // Below its minimum the coupon gives nothing, so that the total may also stay.
    let stays = total < minimumSpend ? total : .max
    switch benefit {
    case .item:
      return min(stays, start - min(ceiling, start))
    case .percent, .cash:
      return min(stays, start - min(ceiling, benefit.discount(of: start)))
    case .threshold(let steps, let repeats, _):
      // What is left grows but where a step is reached: there it falls.
      var least = min(stays, start - min(ceiling, benefit.ceiling(of: start)))
      if repeats, let step = steps.first {
        let next = (start / step.minimum.minorUnits + 1) * step.minimum.minorUnits
        least = min(least, next - min(ceiling, benefit.ceiling(of: next)))
      } else {
        for step in steps where step.minimum.minorUnits > start {
          let minimum = step.minimum.minorUnits
          least = min(least, minimum - min(ceiling, benefit.ceiling(of: minimum)))
        }
      }
      return least
    }
  }
}
