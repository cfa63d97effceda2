// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A non-negative quantity of an asset in its minor unit (fen for money).
///
/// Range 0 … 2^63 − 1. Arithmetic is checked: the operators trap on overflow or a negative result
/// because callers have established the bound first; use `adding` where the bound is the question.
public struct Amount: Hashable, Comparable, Sendable {
  /// In the minor unit; never negative.
  public let minorUnits: Int64

  /// The amount of `minorUnits`; traps when negative.
  public init(_ minorUnits: Int64) {
    precondition(minorUnits >= 0, "an amount is never negative")
    self.minorUnits = minorUnits
  }

  /// The amount of `minorUnits`, or nil when negative (for decoding what others wrote).
  public init?(exactly minorUnits: Int64) {
    guard minorUnits >= 0 else { return nil }
    self.minorUnits = minorUnits
  }

  /// Nothing.
  public static let zero = Amount(0)

  /// The largest amount one request may name: 10^12 minor units (contract §2, money).
  public static let requestLimit = Amount(1_000_000_000_000)

  /// The most one account may hold and have been granted in all; keeps every sum far below 2^63.
  public static let accountCeiling = Amount(1_000_000_000_000_000_000)

  /// Whether it is nothing.
  public var isZero: Bool { minorUnits == 0 }

  /// Whether it is less.
  public static func < (left: Amount, right: Amount) -> Bool {
    left.minorUnits < right.minorUnits
  }

  /// The sum; traps above 2^63 − 1.
  public static func + (left: Amount, right: Amount) -> Amount {
    Amount(left.minorUnits + right.minorUnits)
  }

  /// The difference; traps where it would be negative.
  public static func - (left: Amount, right: Amount) -> Amount {
    Amount(left.minorUnits - right.minorUnits)
  }

  /// Adds; traps above 2^63 − 1.
  public static func += (left: inout Amount, right: Amount) { left = left + right }

  /// Subtracts; traps where the rest would be negative.
  public static func -= (left: inout Amount, right: Amount) { left = left - right }

  /// The sum, or nil when it passes 2^63 − 1.
  public func adding(_ other: Amount) -> Amount? {
    let (sum, overflow) = minorUnits.addingReportingOverflow(other.minorUnits)
    return overflow ? nil : Amount(sum)
  }

  /// The difference, or nil when it would be negative.
  public func subtracting(_ other: Amount) -> Amount? {
    other > self ? nil : Amount(minorUnits - other.minorUnits)
  }

  /// `factor` times this, or `bound` where that is less; traps on a negative factor.
  public func multiplied(by factor: Int64, atMost bound: Amount) -> Amount {
    precondition(factor >= 0)
    let product = Int128(minorUnits) * Int128(factor)
    return Amount(Int64(min(product, Int128(bound.minorUnits))))
  }

  /// The difference, or zero where it would be negative.
  public func clampedSubtracting(_ other: Amount) -> Amount {
    subtracting(other) ?? .zero
  }
}
