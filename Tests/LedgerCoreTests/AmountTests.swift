// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

@Suite struct AmountTests {
  @Test func `amounts add, subtract and compare as their minor units do`() {
    var sum = Amount(7)
    sum += Amount(5)
    #expect(sum == Amount(12))
    sum -= Amount(2)
    #expect(sum == Amount(10))
    #expect(Amount(3) + Amount(4) == Amount(7))
    #expect(Amount(4) - Amount(4) == .zero)
    #expect(Amount(3) < Amount(4))
    #expect(!(Amount(4) < Amount(4)))
    #expect(Amount.zero.isZero)
    #expect(!Amount(1).isZero)
  }

  @Test func `a negative number is no amount`() {
    #expect(Amount(exactly: -1) == nil)
    #expect(Amount(exactly: .min) == nil)
    #expect(Amount(exactly: 0) == .zero)
    #expect(Amount(exactly: .max)?.minorUnits == .max)
  }

  @Test func `a sum above the range of an amount is nil, not a wrapped number`() {
    #expect(Amount(.max).adding(Amount(1)) == nil)
    #expect(Amount(.max).adding(.zero) == Amount(.max))
    #expect(Amount(.max - 1).adding(Amount(1)) == Amount(.max))
  }

  @Test func `a difference below zero is nil, or zero where it is clamped`() {
    #expect(Amount(4).subtracting(Amount(5)) == nil)
    #expect(Amount(5).subtracting(Amount(5)) == .zero)
    #expect(Amount(6).subtracting(Amount(5)) == Amount(1))
    #expect(Amount(4).clampedSubtracting(Amount(5)) == .zero)
    #expect(Amount(6).clampedSubtracting(Amount(5)) == Amount(1))
  }

  @Test func `a multiple stops at its bound, however far the product passes it`() {
    #expect(Amount(3).multiplied(by: 4, atMost: Amount(100)) == Amount(12))
    #expect(Amount(3).multiplied(by: 0, atMost: Amount(100)) == .zero)
    #expect(Amount(25).multiplied(by: 4, atMost: Amount(100)) == Amount(100))
    #expect(Amount(26).multiplied(by: 4, atMost: Amount(100)) == Amount(100))
    #expect(Amount(.max).multiplied(by: .max, atMost: .accountCeiling) == .accountCeiling)
    #expect(Amount(.max).multiplied(by: 1, atMost: Amount(.max)) == Amount(.max))
  }

  @Test func `the limits are what the contract and the specification name`() {
    #expect(Amount.requestLimit.minorUnits == 1_000_000_000_000)
    #expect(Amount.accountCeiling.minorUnits == 1_000_000_000_000_000_000)
  }
}
