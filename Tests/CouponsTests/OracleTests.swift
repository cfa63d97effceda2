// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore
import Seeds
import Testing

struct OracleTests {
  /// Everything that a quote says, against the plain reading: shares, payable and reasons.
  @Test func `the price of a list is what the plain reading says, line by line`() throws {
    var seen: [String: Int] = [:]
    for offset in 0..<UInt64(Settings.oracleCarts) {
      let seed = Settings.seed + offset
      var random = SplitMix64(seed: seed)
      let market = Market.dense(
        &random, coupons: random.within(1...8), scale: random.one(of: [1, 1, 1, 9]))
      let cart = try market.engineCart()
      let coupons = try market.engineCoupons().shuffled(using: &random)
      let quote = Pricing.price(
        cart, with: coupons, rules: market.engineRules, allowances: market.engineAllowances)
      let plain = Oracle.price(market, market.tickets)
      #expect(plain == quote.plain(lines: cart.lines.count), "seed \(seed)")
      #expect(quote.discount + quote.payable == quote.subtotal, "seed \(seed)")
      for refused in quote.refused { seen[refused.reason.rawValue, default: 0] += 1 }
      for applied in plain.applied.keys {
        let ticket = market.tickets.first { $0.id == applied }
        let kind = ticket.flatMap { market.campaigns[$0.campaign]["kind"]?.string }
        seen[kind ?? "", default: 0] += 1
      }
    }
    let expected = [
      "item", "percent", "threshold", "cash", "not_combinable", "checkout_limit", "below_minimum",
      "no_eligible_items", "cap_reached", "expired",
    ]
    #expect(expected.allSatisfy { seen[$0, default: 0] > Settings.oracleCarts / 100 }, "\(seen)")
  }
}

extension Quote {
  fileprivate func plain(lines: Int) -> Oracle.Answer {
    var answer = Oracle.Answer(payable: Int(payable.minorUnits))
    for coupon in applied {
      var off = [Int](repeating: 0, count: lines)
      for share in coupon.shares { off[share.line] += Int(share.amount.minorUnits) }
      answer.applied[coupon.coupon.text] = off
    }
    for coupon in refused { answer.refused[coupon.coupon.text] = coupon.reason.rawValue }
    return answer
  }
}
