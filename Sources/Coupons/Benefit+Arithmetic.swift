// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// How much a coupon takes off, in raw minor units; every division rounds down.
extension Benefit {
  /// The discount when the eligible lines have `eligible` left together: 0 … `eligible`.
  ///
  /// Of an item coupon it is unknown here: it depends on single lines. Traps for one.
  func discount(of eligible: Int64) -> Int64 {
    switch self {
    case .percent(let rate, let maximum):
      let part = eligible * Int64(rate.value) / 10_000
      return min(part, maximum?.minorUnits ?? part)
    case .cash(let amount):
      return min(amount.minorUnits, eligible)
    case .threshold(let steps, let repeats, let maximum):
      guard let step = steps.last(where: { $0.minimum.minorUnits <= eligible }) else { return 0 }
      let times = repeats ? eligible / step.minimum.minorUnits : 1
      let off = step.off.minorUnits * times
      return min(off, maximum?.minorUnits ?? off)
    case .item:
      preconditionFailure("an item coupon looks at single lines")
    }
  }

  /// The least that the eligible lines must have left for any step; nil without steps.
  var leastStep: Int64? {
    guard case .threshold(let steps, _, _) = self else { return nil }
    return steps.first?.minimum.minorUnits
  }
}
