// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

@testable import Coupons

/// The most an item coupon can take off (spec/coupons.md, Ceilings).
@Suite struct CeilingTests {
  private func ceiling(
    _ quantity: Int64, giving given: [Int: Int64] = [:], taking taken: [Int: Int64] = [:]
  ) throws -> Int64 {
    let cart = try cart(
      """
      {"lines":[{"line_id":"A","sku":"tea","quantity":2,"unit_price":100},
      {"line_id":"B","sku":"tea","quantity":3,"unit_price":80},
      {"line_id":"C","sku":"cup","quantity":9,"unit_price":900}]}
      """)
    let item = try terms(#"{"name":"n","kind":"item","sku":"tea","quantity":\#(quantity)}"#)
    var left = LinesLeft(cart)
    for (line, units) in given { left.give(units: units, ofLine: line) }
    for (line, amount) in taken { left.take(amount, offLine: line) }
    let choice = try #require(FittedCoupon(item, to: cart).choice)
    return choice.ceiling(of: left)
  }

  @Test func `it is the dearest units, as many as are wanted`() throws {
    #expect(try ceiling(1) == 100)
    #expect(try ceiling(2) == 200)
    #expect(try ceiling(3) == 280)
    #expect(try ceiling(5) == 440)
    #expect(try ceiling(9) == 440)
  }

  @Test func `units that were given do not come back`() throws {
    #expect(try ceiling(2, giving: [0: 1]) == 180)
    #expect(try ceiling(2, giving: [0: 2]) == 160)
  }

  @Test func `it is at most what the lines have left, and a line without anything is passed over`()
    throws
  {
    #expect(try ceiling(9, taking: [0: 150, 1: 200]) == 90)
    #expect(try ceiling(2, taking: [0: 200]) == 160)
  }
}
