// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// The coupons that are taken, as far as others must go with them.
struct Company {
  private var taken: [Stacking] = []
  /// A coupon without stacking is taken: nobody else goes with it.
  private var isClosed = false

  /// Whether a coupon goes with all that are taken: each names the other's class, and of its own
  /// class there are fewer than the smallest `max_per_class` among them allows.
  func admits(_ stacking: Stacking?) -> Bool {
    if taken.isEmpty, !isClosed { return true }
    guard let stacking, !isClosed else { return false }
    guard taken.allSatisfy({ $0.goes(with: stacking) }) else { return false }
    let ownClass = taken.filter { $0.ownClass == stacking.ownClass }
    let limit = ownClass.map(\.maximumPerClass).min() ?? .max
    return ownClass.count < min(limit, stacking.maximumPerClass)
  }

  mutating func take(_ stacking: Stacking?) {
    if let stacking { taken.append(stacking) } else { isClosed = true }
  }
}

/// What the caps leave while coupons are taken.
struct CapRoom {
  private let allowances: [CampaignID: Allowance]
  private var used: [CampaignID: (count: Int64, discount: Int64)] = [:]
  /// By the account under which the uses count.
  private var usedBy: [CampaignID: [AccountID: Int64]] = [:]

  init(_ allowances: [CampaignID: Allowance]) { self.allowances = allowances }

  /// Whether one more coupon with this discount fits whole.
  func has(roomFor discount: Int64, of coupon: PricedCoupon) -> Bool {
    if let share = coupon.share {
      let own = usedBy[coupon.campaign]?[share.account] ?? 0
      if own >= share.redemptions { return false }
    }
    guard let allowance = allowances[coupon.campaign] else { return true }
    let (count, sum) = used[coupon.campaign] ?? (0, 0)
    if let redemptions = allowance.redemptions, count >= redemptions { return false }
    if let budget = allowance.budget, discount > budget.minorUnits - sum { return false }
    return true
  }

  mutating func use(_ discount: Int64, of coupon: PricedCoupon) {
    if allowances[coupon.campaign] != nil {
      let (count, sum) = used[coupon.campaign] ?? (0, 0)
      used[coupon.campaign] = (count + 1, sum + discount)
    }
    if let share = coupon.share {
      usedBy[coupon.campaign, default: [:]][share.account, default: 0] += 1
    }
  }
}
