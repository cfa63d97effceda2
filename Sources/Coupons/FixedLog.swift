// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Natural logarithms in whole numbers, in units of 2^-20, bounded from both sides.
///
/// The search's bound needs logarithms; floating point would make what it proves depend on a
/// machine's library.
enum FixedLog {
  /// 1 in the units of the results.
  static let one: Int64 = 1 << 20
  /// ln 2 in units of 2^-32, rounded down.
  private static let ln2: Int64 = 2_977_044_471

  /// Bounds of ln(numerator ÷ denominator).
  ///
  /// Traps unless 0 < denominator ≤ numerator ≤ 2^40.
  static func bounds(
    of numerator: Int64, over denominator: Int64
  ) -> (low: Int64, high: Int64) {
    precondition(denominator > 0 && numerator >= denominator && numerator <= 1 << 40)
    // numerator ÷ denominator = 2^shift × (numerator ÷ scaled) with 1 ≤ numerator ÷ scaled < 2.
    var (shift, scaled) = (Int64(0), denominator)
    while scaled <= numerator / 2 {
      scaled *= 2
      shift += 1
    }
    // ln(a ÷ b) = 2 (z + z³ ÷ 3 + z⁵ ÷ 5 + …) with z = (a − b) ÷ (a + b) < 1 ÷ 3.
    let unit: Int64 = 1 << 32
    let z = Int64(Int128(numerator - scaled) * Int128(unit) / Int128(numerator + scaled))
    let square = (z * z) >> 32
    var (power, sum) = (z, Int64(0))
    for odd in stride(from: Int64(1), through: 19, by: 2) {
      sum += power / odd
      power = (power * square) >> 32
    }
    // Every step rounds down, so that the sum is too low: each of the ten terms by less than three
    // units, and what follows them, less than z²¹ ÷ 21 ÷ (1 − z²), by less than one.
    let low = 2 * sum + shift * ln2
    let high = 2 * (sum + 31) + shift * (ln2 + 1)
    return (low >> 12, (high >> 12) + 1)
  }
}

/// The weights that a line may have in `ShadowPrices`: e^-x for x in steps of 1 ÷ 256.
struct WeightLevel {
  /// The weight in units of 2^-16, at least 1.
  let weight: Int64
  /// At least 1 − weight × (1 + ln(1 ÷ weight)), in units of 2^-20.
  let spent: Int64

  /// The level of x = 0, of 1 ÷ 256, and so on; the last of them serves everything beyond.
  static let all: [WeightLevel] = (0..<2560).map { level in
    // The base is about e^(-1 ÷ 256) × 2^30. What a weight is matters little; its own logarithm
    // goes with it.
    var (weight, base) = (Int64(1) << 30, Int64(1_069_555_701))
    var rest = level
    while rest > 0 {
      if rest & 1 == 1 { weight = (weight * base) >> 30 }
      base = (base * base) >> 30
      rest >>= 1
    }
    return WeightLevel(max(1, weight >> 14))
  }

  private init(_ weight: Int64) {
    self.weight = weight
    let log = FixedLog.bounds(of: 1 << 16, over: weight).low
    spent = ((1 << 36) - weight * (FixedLog.one + log) + 0xFFFF) >> 16
  }

  /// The level for an exponent in units of 2^-20.
  static func level(of exponent: Int64) -> WeightLevel {
    all[min(Int(exponent >> 12), all.count - 1)]
  }
}
