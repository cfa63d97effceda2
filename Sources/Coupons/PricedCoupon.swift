// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// A coupon as a checkout sees it: what it promises, and whether anything bars it from the start.
///
/// An object, since it never changes and is passed about with all that is weighed against it.
package final class PricedCoupon: Sendable {
  package let id: CouponID
  package let campaign: CampaignID
  package let terms: CampaignTerms
  /// nil: it has no end.
  package let expiresAt: Instant?
  /// Why it cannot be used whatever is in the cart; nil when nothing bars it.
  package let barrier: CouponRefusal?
  /// What the caps by account leave; nil: no bound.
  package let share: Share?

  /// What the account under which a use counts may still use of the campaign.
  package struct Share: Hashable, Sendable {
    package let account: AccountID
    package let redemptions: Int64

    package init(account: AccountID, redemptions: Int64) {
      self.account = account
      self.redemptions = redemptions
    }
  }

  package init(
    id: CouponID, campaign: CampaignID, terms: CampaignTerms, expiresAt: Instant?,
    barrier: CouponRefusal? = nil, share: Share? = nil
  ) {
    self.share = share
    self.id = id
    self.campaign = campaign
    self.terms = terms
    self.expiresAt = expiresAt
    self.barrier = barrier
  }
}

/// When, where and for whom coupons are to be used.
package struct Occasion: Sendable {
  package let moment: LocalMoment
  package let store: Label?
  package let account: AccountID?
  /// The level of the account.
  package let level: Label?

  package init(moment: LocalMoment, store: Label?, account: AccountID?, level: Label?) {
    self.moment = moment
    self.store = store
    self.account = account
    self.level = level
  }

  /// Why a coupon cannot be used on this occasion, in the order of `CouponRefusal`; nil when
  /// nothing but the cart and the other coupons remains to be asked.
  ///
  /// - Parameters:
  ///   - end: the first instant at which the coupon is no longer good.
  ///   - owner: the account that the coupon was issued to; nil for a bearer coupon. Without an
  ///     account at the till a bound coupon still serves.
  ///   - state: what became of the coupon or its campaign: `alreadyRedeemed`, `reserved`, `void`
  ///     or `paused`; nil when it is free.
  package func barrier(
    to terms: CampaignTerms, end: Instant?, owner: AccountID?, state: CouponRefusal? = nil
  ) -> CouponRefusal? {
    if let refusal = terms.validity.verdict(at: moment, end: end).refusal { return refusal }
    if let state { return state }
    let scope = terms.scope
    if !scope.stores.isEmpty, !scope.stores.contains(store) { return .wrongStore }
    if let owner, let account, owner != account { return .wrongAccount }
    guard scope.levels.isEmpty || (account != nil && scope.levels.contains(level)) else {
      return .wrongAccount
    }
    return nil
  }
}
