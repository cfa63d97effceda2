// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Every division of the ledger, each with its rounding in its name (spec/money.md).
///
/// Products are formed in 128 bits, so no argument in range can overflow on the way.
package enum Rounding {
  /// floor(amount × numerator ÷ denominator); traps when the denominator is not positive.
  package static func down(_ amount: Amount, times numerator: Int64, over denominator: Int64)
    -> Amount
  {
    precondition(numerator >= 0 && denominator > 0)
    let product = Int128(amount.minorUnits) * Int128(numerator)
    return Amount(Int64(product / Int128(denominator)))
  }

  /// ceil(amount × numerator ÷ denominator); traps when the denominator is not positive.
  package static func up(_ amount: Amount, times numerator: Int64, over denominator: Int64)
    -> Amount
  {
    precondition(numerator >= 0 && denominator > 0)
    let product = Int128(amount.minorUnits) * Int128(numerator)
    let divisor = Int128(denominator)
    return Amount(Int64((product + divisor - 1) / divisor))
  }

  /// floor(amount × rate), the rate in basis points.
  package static func down(_ amount: Amount, at rate: BasisPoints) -> Amount {
    down(amount, times: Int64(rate.value), over: 10_000)
  }

  /// How many whole times `unit` goes into `amount`; traps when the unit is zero.
  package static func wholeTimes(_ unit: Amount, in amount: Amount) -> Int64 {
    precondition(!unit.isZero)
    return amount.minorUnits / unit.minorUnits
  }

  /// Whether part ÷ whole reaches the rate, decided without dividing: part × 10000 ≥ whole × rate.
  package static func reaches(_ part: Amount, of whole: Amount, rate: BasisPoints) -> Bool {
    Int128(part.minorUnits) * 10_000 >= Int128(whole.minorUnits) * Int128(rate.value)
  }
}

/// A rate in hundredths of a percent: 6000 is 60 %.
///
/// Range 0 … 1,000,000.
package struct BasisPoints: Hashable, Comparable, Sendable {
  package let value: Int32

  /// The rate of `value` basis points; traps outside 0 … 1,000,000.
  package init(_ value: Int32) {
    precondition((0...1_000_000).contains(value))
    self.value = value
  }

  package static func < (left: BasisPoints, right: BasisPoints) -> Bool { left.value < right.value }
}
