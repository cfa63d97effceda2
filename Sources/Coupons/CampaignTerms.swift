// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What a campaign promises and on what terms: the document of contract §5, campaign.
///
/// Only decoding makes one, so that terms are always checked. An object, since it never changes and
/// is passed about with every coupon.
package final class CampaignTerms: Equatable, Sendable {
  /// For people; 1–200 characters.
  package let name: String
  package let benefit: Benefit
  package let validity: Validity
  package let scope: Scope
  /// What the lines in scope must have left at the coupon's turn.
  package let minimumSpend: Amount?
  /// nil: the coupon never combines.
  package let stacking: Stacking?
  package let caps: Caps

  init(
    name: String, benefit: Benefit, validity: Validity, scope: Scope, minimumSpend: Amount?,
    stacking: Stacking?, caps: Caps
  ) {
    self.name = name
    self.benefit = benefit
    self.validity = validity
    self.scope = scope
    self.minimumSpend = minimumSpend
    self.stacking = stacking
    self.caps = caps
  }

  package static func == (left: CampaignTerms, right: CampaignTerms) -> Bool {
    left.name.utf8.elementsEqual(right.name.utf8) && left.benefit == right.benefit
      && left.validity == right.validity && left.scope == right.scope
      && left.minimumSpend == right.minimumSpend && left.stacking == right.stacking
      && left.caps == right.caps
  }
}

/// The four kinds of coupon.
///
/// Their order here is the order of application where the program sets none (contract §3, coupons).
package enum CouponKind: String, Sendable, CaseIterable {
  /// 兑换券: units of one article for nothing.
  case item
  /// 折扣券: a part of the price off.
  case percent
  /// 满减券: from so much on, so much off.
  case threshold
  /// 代金券: an amount off.
  case cash
}

/// What a coupon takes off the price.
package enum Benefit: Hashable, Sendable {
  case percent(BasisPoints, maximum: Amount?)
  case cash(Amount)
  /// Steps ascend in their minimum; repeating ones are a single step.
  case threshold([Step], repeats: Bool, maximum: Amount?)
  /// 1 … 1,000,000 units.
  case item(sku: Label, quantity: Int64)

  /// From `minimum` on, `off` off; 1 ≤ off ≤ minimum.
  package struct Step: Hashable, Sendable {
    package let minimum: Amount
    package let off: Amount
  }

  package var kind: CouponKind {
    switch self {
    case .percent: .percent
    case .cash: .cash
    case .threshold: .threshold
    case .item: .item
    }
  }
}

/// Which lines of a cart a coupon is for, in which stores and for which levels of customers.
package struct Scope: Hashable, Sendable {
  package let includedSKUs: LabelSet
  package let includedCategories: LabelSet
  package let excludedSKUs: LabelSet
  package let excludedCategories: LabelSet
  package let fullPriceOnly: Bool
  /// Empty: any.
  package let stores: LabelSet
  /// Empty: any, also without an account.
  package let levels: LabelSet

  init(
    includedSKUs: LabelSet = LabelSet(), includedCategories: LabelSet = LabelSet(),
    excludedSKUs: LabelSet = LabelSet(), excludedCategories: LabelSet = LabelSet(),
    fullPriceOnly: Bool = false, stores: LabelSet = LabelSet(), levels: LabelSet = LabelSet()
  ) {
    self.includedSKUs = includedSKUs
    self.includedCategories = includedCategories
    self.excludedSKUs = excludedSKUs
    self.excludedCategories = excludedCategories
    self.fullPriceOnly = fullPriceOnly
    self.stores = stores
    self.levels = levels
  }

  /// Whether a line is in scope: in either list of inclusions when there is one, in none of
  /// exclusions (contract §9, Coupon arithmetic).
  package func includes(_ line: Cart.Line) -> Bool {
    if fullPriceOnly, !line.isFullPrice { return false }
    if excludedSKUs.contains(line.sku) || excludedCategories.contains(line.category) {
      return false
    }
    if includedSKUs.isEmpty, includedCategories.isEmpty { return true }
    return includedSKUs.contains(line.sku) || includedCategories.contains(line.category)
  }
}

/// With which others a coupon combines.
package struct Stacking: Hashable, Sendable {
  package let ownClass: Label
  package let partners: Partners
  /// How many of the class may be taken together, as far as this coupon says; 1 … 100.
  package let maximumPerClass: Int

  /// The classes a coupon goes with.
  package enum Partners: Hashable, Sendable {
    case any
    case classes(LabelSet)

    package func contains(_ name: Label) -> Bool {
      switch self {
      case .any: true
      case .classes(let classes): classes.contains(name)
      }
    }
  }

  /// Whether each names the other's class; how many of a class go together is another question.
  package func goes(with other: Stacking) -> Bool {
    partners.contains(other.ownClass) && other.partners.contains(ownClass)
  }
}

/// How often and for how much the coupons of a campaign may be used; nil: without a cap.
package struct Caps: Hashable, Sendable {
  package let total: Int64?
  package let perAccount: Int64?
  package let perAccountPerDay: Int64?
  package let redemptionsPerDay: Int64?
  package let budget: Amount?

  package init(
    total: Int64? = nil, perAccount: Int64? = nil, perAccountPerDay: Int64? = nil,
    redemptionsPerDay: Int64? = nil, budget: Amount? = nil
  ) {
    self.total = total
    self.perAccount = perAccount
    self.perAccountPerDay = perAccountPerDay
    self.redemptionsPerDay = redemptionsPerDay
    self.budget = budget
  }
}
