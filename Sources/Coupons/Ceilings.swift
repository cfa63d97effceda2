// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// Bounds of what a coupon can come to when its lines have no more left than now.
extension Benefit {
  /// The largest discount for any eligible amount up to `eligible`.
  ///
  /// Only the steps of a threshold need not ascend in what they take off; everything else gives
  /// the more the more there is. Traps for an item coupon.
  func ceiling(of eligible: Int64) -> Int64 {
    guard case .threshold(let steps, false, let maximum) = self else {
      return discount(of: eligible)
    }
    var most: Int64 = 0
    for step in steps where step.minimum.minorUnits <= eligible {
      most = max(most, step.off.minorUnits)
    }
    return min(most, maximum?.minorUnits ?? most)
  }

  /// The largest part of the eligible amount that the discount can be, as a fraction with
  /// 0 < numerator ≤ denominator.
  var largestPart: (numerator: Int64, denominator: Int64) {
    switch self {
    case .percent(let rate, _): return (Int64(rate.value), 10_000)
    case .cash, .item: return (1, 1)
    case .threshold(let steps, _, _):
      var part: (numerator: Int64, denominator: Int64) = (0, 1)
      for step in steps {
        let (off, minimum) = (step.off.minorUnits, step.minimum.minorUnits)
        let isLarger =
          Int128(off) * Int128(part.denominator) > Int128(part.numerator) * Int128(minimum)
        if isLarger { part = (off, minimum) }
      }
      return part
    }
  }
}

extension ItemChoice {
  /// The most the choice can be worth when no line has more left than now and no unit that was
  /// given comes back: the dearest units at their full price, but at most what the lines have.
  func ceiling(of left: LinesLeft) -> Int64 {
    var (open, sum, worth) = (wanted, Int64(0), Int128(0))
    for (place, line) in lines.enumerated() where left.amounts[line] > 0 {
      sum += left.amounts[line]
      let units = min(open, quantities[place] - left.unitsGiven(ofLine: line))
      worth += Int128(units) * Int128(prices[place])
      open -= units
    }
    return Int64(min(Int128(sum), worth))
  }
}
