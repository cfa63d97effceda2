// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What the merchant's program says of coupons; the initial values are the neutral defaults
/// (contract §3, coupons, and §9, Program).
package struct CouponRules: Hashable, Sendable {
  /// 1 … 100; nil: no limit.
  package var maximumPerCheckout: Int?
  /// Each kind once.
  package var applicationOrder = CouponKind.allCases
  package var partialReturn = PartialReturn.share

  package init() {}

  /// What comes back when a part of a checkout is returned.
  package enum PartialReturn: String, Sendable, CaseIterable {
    /// What was paid for the returned lines.
    case share
    /// What was paid, less what the rest costs with the same coupons.
    case reprice
  }
}

/// What the caps of a campaign leave for one checkout; nil: no bound.
///
/// Told by the caller, who knows the redemptions. Pricing counts down from there, so that within
/// one checkout the later coupon meets the cap (contract §9, Coupon arithmetic).
package struct Allowance: Hashable, Sendable {
  package let redemptions: Int64?
  package let budget: Amount?

  package init(redemptions: Int64? = nil, budget: Amount? = nil) {
    self.redemptions = redemptions
    self.budget = budget
  }

  /// What is left under each cap of a campaign; the tightest counts, and less than nothing is
  /// nothing.
  package init(
    total: Int64?, perAccount: Int64?, perAccountPerDay: Int64?, redemptionsPerDay: Int64?,
    budget: Amount?
  ) {
    redemptions = [total, perAccount, perAccountPerDay, redemptionsPerDay].compactMap { $0 }
      .min().map { max(0, $0) }
    self.budget = budget
  }
}
