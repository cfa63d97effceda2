// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Seeds
import Testing

struct BruteForceTests {
  /// The best of all subsets, priced one by one as explicit lists; also the ties.
  @Test func `no permitted combination is better than the one that is chosen`() throws {
    var sizes: [Int: Int] = [:]
    for offset in 0..<UInt64(Settings.bruteCarts) {
      let seed = Settings.seed + offset
      var random = SplitMix64(seed: seed)
      let market = Market.dense(
        &random, coupons: random.within(0...Settings.bruteCoupons),
        scale: random.one(of: [1, 97, 10_000]))
      let coupons = try market.engineCoupons()
      let (cart, rules) = (try market.engineCart(), market.engineRules)
      let allowances = market.engineAllowances
      let best = Combination.best(
        for: cart, among: coupons, rules: rules, allowances: allowances)
      let expected = try #require(
        bestByTrying(cart, coupons, rules, allowances), "seed \(seed)")
      #expect(best.isOptimal == true, "seed \(seed)")
      #expect(best.payable == expected.quote.payable, "seed \(seed)")
      #expect(best.applied == expected.quote.applied, "seed \(seed)")
      #expect(
        Set(best.refused.map(\.coupon)).union(best.applied.map(\.coupon))
          == Set(coupons.map(\.id)), "seed \(seed)")
      let again = Combination.best(
        for: cart, among: coupons.shuffled(using: &random), rules: rules, allowances: allowances)
      #expect(again == best, "seed \(seed)")
      sizes[best.applied.count, default: 0] += 1
    }
    #expect(Settings.bruteCarts < 100 || (0...3).allSatisfy { sizes[$0] != nil }, "\(sizes)")
  }

  private struct Trial {
    let quote: Quote
    let expiries: [Int64]
    let ids: [CouponID]

    func isBetter(than other: Trial) -> Bool {
      if quote.payable != other.quote.payable { return quote.payable < other.quote.payable }
      if ids.count != other.ids.count { return ids.count < other.ids.count }
      if expiries != other.expiries { return expiries.lexicographicallyPrecedes(other.expiries) }
      return ids.lexicographicallyPrecedes(other.ids)
    }
  }

  private func bestByTrying(
    _ cart: Cart, _ coupons: [PricedCoupon], _ rules: CouponRules,
    _ allowances: [CampaignID: Allowance]
  ) -> Trial? {
    var best: Trial?
    for subset in 0..<(1 << coupons.count) {
      let list = coupons.indices.filter { subset >> $0 & 1 == 1 }.map { coupons[$0] }
      let quote = Pricing.price(cart, with: list, rules: rules, allowances: allowances)
      // A list of which a part is refused comes to what the rest comes to alone.
      guard quote.refused.isEmpty else { continue }
      let trial = Trial(
        quote: quote, expiries: list.map { $0.expiresAt?.milliseconds ?? .max }.sorted(),
        ids: list.map(\.id).sorted())
      if best.map({ trial.isBetter(than: $0) }) ?? true { best = trial }
    }
    return best
  }
}
