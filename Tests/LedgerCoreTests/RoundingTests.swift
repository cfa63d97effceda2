// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import Testing

@Suite struct RoundingTests {
  /// The quotient by multiplying and dividing in full width: another way than a type of 128 bits.
  private static func divided(_ amount: Int64, _ numerator: Int64, _ denominator: Int64)
    -> (quotient: Int64, isExact: Bool)?
  {
    let wide = amount.multipliedFullWidth(by: numerator)
    guard denominator > wide.high else { return nil }
    let (quotient, rest) = denominator.dividingFullWidth(wide)
    return (quotient, rest == 0)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `rounding down and up agree with a division of the full product`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var checked = 0
    while checked < 10_000 {
      let amount = min(random.magnitude(), 1_000_000_000_000_000_000)
      let numerator = random.magnitude()
      let denominator = max(1, random.magnitude())
      let product = amount.multipliedFullWidth(by: numerator)
      // Only what fits in the result: the rest is for callers to exclude.
      guard product.high < denominator / 4 else { continue }
      guard let exact = Self.divided(amount, numerator, denominator) else { continue }
      let down = Rounding.down(Amount(amount), times: numerator, over: denominator)
      let up = Rounding.up(Amount(amount), times: numerator, over: denominator)
      let expectedUp = exact.quotient + (exact.isExact ? 0 : 1)
      if down.minorUnits != exact.quotient || up.minorUnits != expectedUp {
        Issue.record("seed \(seed): \(amount) × \(numerator) ÷ \(denominator)")
      }
      checked += 1
    }
  }

  @Test(arguments: [4, 5] as [UInt64])
  func `a whole split in random proportion by rounding one part has parts that sum to it`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<20_000 {
      let bonus = Int64(random.below(1_000_000_000))
      let principal = Int64(random.below(1_000_000_000))
      guard bonus + principal > 0 else { continue }
      let whole = Int64(random.below(Int(bonus + principal))) + 1
      let part = Rounding.down(Amount(whole), times: bonus, over: bonus + principal).minorUnits
      let rest = whole - part
      // What makes the proportional debit safe: neither part passes what is there.
      if part > bonus || rest > principal || part + rest != whole {
        Issue.record("seed \(seed): \(whole) of \(bonus) and \(principal)")
      }
    }
  }

  @Test(
    arguments: [
      (0, 7, 3, 0, 0), (1, 1, 1, 1, 1), (1, 1, 2, 0, 1), (7, 1, 2, 3, 4), (8, 1, 2, 4, 4),
      (1_000_000_000_000, 1_000_000, 10_000, 100_000_000_000_000, 100_000_000_000_000),
      (1_000_000_000_000_000_000, 1, 3, 333_333_333_333_333_333, 333_333_333_333_333_334),
      (
        1_000_000_000_000_000_000, 999_999_999_999_999_999, 1_000_000_000_000_000_000,
        999_999_999_999_999_999, 999_999_999_999_999_999
      ),
      (Int64.max, Int64.max, Int64.max, Int64.max, Int64.max),
      (Int64.max, 1, 2, 4_611_686_018_427_387_903, 4_611_686_018_427_387_904),
      (1, Int64.max, Int64.max, 1, 1), (5, 0, 9, 0, 0),
    ] as [(Int64, Int64, Int64, Int64, Int64)])
  func `the edges of the range round as written`(
    amount: Int64, numerator: Int64, denominator: Int64, down: Int64, up: Int64
  ) {
    #expect(Rounding.down(Amount(amount), times: numerator, over: denominator) == Amount(down))
    #expect(Rounding.up(Amount(amount), times: numerator, over: denominator) == Amount(up))
  }

  @Test(
    arguments: [
      (12_345, 1000, 1_234), (5_005, 1000, 500), (5, 1000, 0), (99_999, 6000, 59_999),
      (1, 9_999, 0), (1, 10_000, 1), (100_000, 0, 0),
      (1_000_000_000_000, 10_000, 1_000_000_000_000),
      (1_000_000_000_000_000_000, 9_999, 999_900_000_000_000_000),
    ] as [(Int64, Int32, Int64)])
  func `a rate in basis points rounds down`(amount: Int64, rate: Int32, expected: Int64) {
    #expect(Rounding.down(Amount(amount), at: BasisPoints(rate)) == Amount(expected))
  }

  @Test(
    arguments: [
      (50_000, 149_999, 2), (50_000, 150_000, 3), (50_000, 49_999, 0), (1, Int64.max, Int64.max),
      (Int64.max, Int64.max, 1), (3, 0, 0),
    ] as [(Int64, Int64, Int64)])
  func `whole steps are counted and nothing of a broken one`(
    unit: Int64, amount: Int64, times: Int64
  ) {
    #expect(Rounding.wholeTimes(Amount(unit), in: Amount(amount)) == times)
  }

  @Test(
    arguments: [
      (49_999, 100_000, 5000, false), (50_000, 100_000, 5000, true), (50_001, 100_000, 5000, true),
      (0, 100_000, 0, true), (0, 1, 1, false), (1, 3, 3333, true), (1, 3, 3334, false),
      (Int64.max, Int64.max, 10_000, true), (Int64.max - 1, Int64.max, 10_000, false),
      (Int64.max, 1, 1_000_000, true), (1, Int64.max, 1, false),
    ] as [(Int64, Int64, Int32, Bool)])
  func `whether a part reaches a rate is decided without rounding`(
    part: Int64, whole: Int64, rate: Int32, reaches: Bool
  ) {
    #expect(
      Rounding.reaches(Amount(part), of: Amount(whole), rate: BasisPoints(rate)) == reaches)
  }

  @Test func `rates compare by value over their whole range`() {
    #expect(BasisPoints(0) < BasisPoints(1_000_000))
    #expect(!(BasisPoints(5) < BasisPoints(5)))
    #expect(BasisPoints(1_000_000).value == 1_000_000)
  }
}
