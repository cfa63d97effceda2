// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
package import LedgerCore
import Store
import StoredValue

/// Uses a coupon, as `coupon.redeem` asks: once, durably.
package struct RedeemCoupon: Command {
  package static let method = RequestMethod.couponRedeem
  package let name: CouponName
  package let price: PriceAsked
  package let account: AccountName?
  package let reservation: ReservationID?

  package init(
    name: CouponName, price: PriceAsked, account: AccountName?, reservation: ReservationID?
  ) {
    self.name = name
    self.price = price
    self.account = account
    self.reservation = reservation
  }

  package var subject: Subject { account.map { .account($0) } ?? .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let coupons = desk.coupons
    let facts = try coupons.facts(name)
    let account = try desk.account(account)
    let occasion = coupons.occasion(store: desk.ticket.origin.store, account: account)
    let held = Set([reservation].compactMap { $0 })
    let judged = try reading { () throws(StoreError) in
      try coupons.worth(
        of: facts, for: price, account: account?.id,
        barrier: coupons.barrier(to: facts, on: occasion, holding: held))
    }
    let worth: CouponWorth
    switch use(of: facts, judged) {
    case .failure(let refusal):
      // A card that may not be used is told first, as for every request on a card.
      guard let account else { throw .refused(refusal) }
      return Decided(
        account.decide(.couponRedeem, in: try desk.context(for: account.id), status: .active) {
          _ throws(Refusal) in throw refusal
        })
    case .success(let good): worth = good
    }
    let discount = worth.discount ?? .zero
    let changes = self.changes(facts, worth, account: account?.id, rules: coupons.rules)
    guard let account else {
      return try desk.entry(
        .couponRedeem, changes, amount: discount, postings: .discount(discount))
    }
    let context = try desk.context(for: account.id)
    return Decided(
      account.decide(.couponRedeem, in: context, status: .active) { draft throws(Refusal) in
        for change in changes { draft.record(change) }
        draft.amount = discount
        for posting in [Posting].discount(discount) { draft.postLeg(posting) }
      })
  }
}

extension RedeemCoupon {
  /// The use, or why there is none: a use that counts nothing cannot keep a budget (INV-20).
  private func use(
    of facts: CouponFacts, _ judged: Result<CouponWorth, CouponRefusal>
  ) -> Result<CouponWorth, Refusal> {
    switch judged {
    case .failure(let reason): .failure(facts.refusal(reason, field: name.field))
    case .success(let worth) where worth.quote == nil && facts.terms.caps.budget != nil:
      .failure(Refusal(.priceRequired, field: "/amount"))
    case .success(let worth): .success(worth)
    }
  }

  /// The use, and the price it was for where one was asked.
  private func changes(
    _ facts: CouponFacts, _ worth: CouponWorth, account: AccountID?, rules: CouponRules
  ) -> [Change] {
    let use = Change.couponRedeemed(
      Change.Redemption(
        coupon: facts.coupon.serial, campaign: facts.campaign.number,
        account: facts.coupon.owner ?? account, index: 0, discount: worth.discount,
        shares: worth.quote?.applied.first?.recorded ?? []))
    guard let quote = worth.quote, let cart = worth.cart else { return [use] }
    let record = CheckoutRecord(cart: cart, rules: rules, refused: [], isOptimal: nil)
    return [
      use,
      .checkedOut(
        Change.Checkout(
          cart: record.encoded(), subtotal: quote.subtotal, payable: quote.payable,
          storedValue: .zero)),
    ]
  }
}

/// Undoes the use of a coupon, as `coupon.unredeem` asks: it can be used again.
package struct UnredeemCoupon: Command {
  package static let method = RequestMethod.couponUnredeem
  package let redemption: RedemptionID

  package init(redemption: RedemptionID) { self.redemption = redemption }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let field = "/redemption_id"
    let made = try reading { () throws(StoreError) in
      try desk.working.entry(redemption.madeBy)
    }
    guard let made, let undone = made.unredemptions.first(where: { $0.redemption == redemption })
    else { throw .refused(Refusal(.notFound, field: field)) }
    if made.kind == .checkout {
      throw .refused(
        Refusal(
          .checkoutRedemption, field: field,
          details: [.init("checkout_id", .text(CheckoutID(made.id).text))]))
    }
    let coupon = try reading { () throws(StoreError) in try desk.working.coupon(undone.coupon) }
    guard coupon?.use?.redemption == redemption else {
      throw .refused(Refusal(.alreadyUnredeemed, field: field))
    }
    let discount = undone.discount ?? .zero
    let changes = [.couponUnredeemed(undone)] + (try desk.withdrawal(ofFreed: [undone]))
    return try desk.entry(
      .couponUnredeem, changes, amount: discount,
      links: [Entry.Link(.unredeems, made.id)], postings: .discountUndone(discount))
  }
}

extension Quote.Applied {
  /// The shares as the journal keeps them.
  var recorded: [Change.Share] {
    shares.map { Change.Share(line: $0.line, amount: $0.amount) }
  }
}

extension Entry {
  /// The uses of coupons it made.
  package var redemptions: [Change.Redemption] {
    changes.compactMap { change in
      if case .couponRedeemed(let redemption) = change { redemption } else { nil }
    }
  }

  /// What undoes each of the uses it made.
  var unredemptions: [Change.Unredemption] {
    redemptions.map { redemption in
      Change.Unredemption(
        RedemptionID(id, index: redemption.index), coupon: redemption.coupon,
        campaign: redemption.campaign, account: redemption.account,
        discount: redemption.discount, date: date)
    }
  }
}
