// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Seeds
import Testing

struct CombinationShopTests {
  /// Large carts that no brute force can search: what can be checked without it.
  @Test(arguments: ShopMarket.Custom.all)
  func `a large cart is priced as its own list says, and no single change is better`(
    _ custom: ShopMarket.Custom
  ) throws {
    var random = SplitMix64(seed: Settings.seed)
    let market = try ShopMarket(custom, &random, coupons: 24, lines: 40)
    let rules = market.rules
    let best = Combination.best(
      for: market.cart, among: market.coupons, rules: rules, effort: 200_000)
    let chosen = Set(best.applied.map(\.coupon))
    let list = market.coupons.filter { chosen.contains($0.id) }
    let again = Pricing.price(market.cart, with: list, rules: rules)
    #expect(again.applied == best.applied && again.refused.isEmpty)
    #expect(best.applied.count + best.refused.count == 24)
    guard best.isOptimal == true else { return }
    for coupon in market.coupons {
      let others = list.filter { $0.id != coupon.id }
      let changed = chosen.contains(coupon.id) ? others : list + [coupon]
      let quote = Pricing.price(market.cart, with: changed, rules: rules)
      #expect(quote.payable >= best.payable)
      for out in others where !chosen.contains(coupon.id) {
        let swapped = others.filter { $0.id != out.id } + [coupon]
        let quote = Pricing.price(market.cart, with: swapped, rules: rules)
        #expect(quote.payable >= best.payable)
      }
    }
  }
}
