// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Seeds
import Testing

/// How much the proof of the best combination costs: what prunes the search changes no answer, so
/// that only its cost shows when it fails (spec/coupons.md, Effort).
@Suite struct EffortTests {
  /// The least effort with which the best of these coupons is proved to be that.
  private func effort(
    _ cart: Cart, _ coupons: [PricedCoupon], _ rules: CouponRules,
    _ allowances: [CampaignID: Allowance] = [:]
  ) -> Int {
    func isProved(_ effort: Int) -> Bool {
      let best = Combination.best(
        for: cart, among: coupons, rules: rules, allowances: allowances, effort: effort)
      return best.isOptimal == true
    }
    var high = 512
    while !isProved(high), high < 1 << 20 { high *= 2 }
    var low = high / 2
    while high - low > 1 {
      let middle = (low + high) / 2
      if isProved(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// A change of the search that is meant changes these numbers: write down the new ones, and look
  /// at what was measured in spec/coupons.md.
  @Test(arguments: [(28, 24, 99_297), (40, 30, 138_491)])
  func `what prunes the search of a shop's carts keeps its cost where it was`(
    coupons: Int, lines: Int, cost: Int
  ) throws {
    var total = 0
    for custom in ShopMarket.Custom.all.prefix(8) {
      for seed in 1...3 as ClosedRange<UInt64> {
        var random = SplitMix64(seed: seed)
        let market = try ShopMarket(custom, &random, coupons: coupons, lines: lines)
        total += effort(market.cart, market.coupons, market.rules)
      }
    }
    #expect(total == cost)
  }

  @Test func `so does what prunes it where much is equal`() throws {
    var total = 0
    for seed in 1...12 as ClosedRange<UInt64> {
      var random = SplitMix64(seed: seed)
      let market = Market.dense(&random, coupons: 14, lines: 4, scale: 1)
      total += effort(
        try market.engineCart(), try market.engineCoupons(), market.engineRules,
        market.engineAllowances)
    }
    #expect(total == 6_679)
  }
}
