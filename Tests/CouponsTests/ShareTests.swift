// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Testing

/// Coupons of several owners in one list: each counts under its own (spec/coupon-life.md, Caps).
@Suite struct ShareTests {
  private func quote(_ coupons: [PricedCoupon], _ allowance: Allowance? = nil) throws -> Quote {
    let allowances = allowance.map { [CampaignID("cmp_x"): $0] } ?? [:]
    return Pricing.price(
      try cart(of: 9_000), with: coupons, rules: CouponRules(), allowances: allowances)
  }

  private func owned(_ name: String, by account: Int64, left: Int64) throws -> PricedCoupon {
    try coupon(
      name, cash(anyCompany), campaign: "x",
      share: PricedCoupon.Share(
        account: try #require(AccountID(stored: account)), redemptions: left))
  }

  @Test func `an owner at the cap bars only the own coupons`() throws {
    let quote = try quote([
      owned("a", by: 1, left: 0), owned("b", by: 2, left: 1), owned("c", by: 2, left: 1),
      coupon("d", cash(anyCompany), campaign: "x"),
    ])
    #expect(quote.appliedText == ["b 1000", "d 1000"])
    #expect(quote.refusedText == ["a cap_reached", "c cap_reached"])
  }

  @Test func `what is left to all bounds the owners together`() throws {
    let coupons = [try owned("a", by: 1, left: 5), try owned("b", by: 2, left: 5)]
    let one = try quote(coupons, Allowance(redemptions: 1))
    #expect(one.appliedText == ["a 1000"] && one.refusedText == ["b cap_reached"])
    let budget = try quote(coupons, Allowance(budget: Amount(1_999)))
    #expect(budget.appliedText == ["a 1000"] && budget.refusedText == ["b cap_reached"])
  }

  @Test func `a share of one campaign does not count in another`() throws {
    let other = try coupon(
      "b", cash(anyCompany), campaign: "y",
      share: PricedCoupon.Share(account: try #require(AccountID(stored: 1)), redemptions: 1))
    let quote = try quote([owned("a", by: 1, left: 1), other])
    #expect(quote.appliedText == ["a 1000", "b 1000"])
  }
}
