// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
package import LedgerCore
import Secrets
import Store
package import StoredValue

/// The coupons that a rule promises with a top-up, and how many of them it would give now.
package struct PromisedGift: Sendable {
  package let gift: CouponGift
  /// At most what was promised.
  package let count: Int
  /// Why the rest is not given; nil when all are.
  package let whyNot: RefusalCode?
  /// The first instant at which the coupons are no longer good.
  let end: Instant?
}

/// What campaigns can still give to one account.
struct GiftOffers {
  /// What a campaign can still give.
  struct Offer {
    let room: Int
    let end: Instant?
    /// Why there is no more than that.
    let limit: RefusalCode
  }

  fileprivate var offers: [CampaignNumber: Offer]

  /// What the rules in `judgement` give, in their order, out of what each campaign has left.
  func gifts(of judgement: BonusJudgement) -> [PromisedGift] {
    var left = offers.mapValues(\.room)
    return judgement.granted.flatMap(\.rule.coupons).map { gift in
      let offer = offers[gift.campaign]
      let count = min(gift.count, left[gift.campaign] ?? 0)
      left[gift.campaign, default: 0] -= count
      return PromisedGift(
        gift: gift, count: count,
        whyNot: count < gift.count ? offer?.limit ?? .notFound : nil, end: offer?.end)
    }
  }
}

extension CouponDesk {
  /// What the campaigns that the rules name can still give to `account`.
  ///
  /// A campaign that is paused, over or at its cap gives none, or as many as its cap leaves.
  func offers(
    by rules: [BonusRule], to account: AccountID
  ) throws(StoreError) -> GiftOffers {
    var offers: [CampaignNumber: GiftOffers.Offer] = [:]
    for gift in rules.flatMap(\.coupons) where offers[gift.campaign] == nil {
      offers[gift.campaign] = try offer(of: gift.campaign, to: account)
    }
    return GiftOffers(offers: offers)
  }

  private func offer(
    of number: CampaignNumber, to account: AccountID
  ) throws(StoreError) -> GiftOffers.Offer? {
    guard let campaign = try working.campaign(number) else { return nil }
    let terms = try book.terms(of: campaign)
    let end = terms.end(ofIssueAt: now, calendar)
    if let end, end <= now { return GiftOffers.Offer(room: 0, end: end, limit: .expired) }
    if campaign.isPaused { return GiftOffers.Offer(room: 0, end: end, limit: .paused) }
    let share = try working.share(CampaignShare.Key(number, account))
    let room = terms.caps.room(toIssueOf: campaign.counts, share: share.counts)
    return GiftOffers.Offer(room: Int(clamping: room ?? .max), end: end, limit: .capReached)
  }
}

extension Desk {
  /// The coupons that the rules in `judgement` give to `account`, as changes of the entry.
  ///
  /// A payment does not fail for a gift: there may be fewer than were promised, or none.
  func gifts(
    to account: AccountID
  ) throws(Interruption) -> (BonusJudgement, EntryID) -> [Change] {
    let given = rules.topUp.bonusRules
    guard given.contains(where: { !$0.coupons.isEmpty }) else { return noGifts }
    let coupons = coupons
    let offers = try reading { () throws(StoreError) in
      try coupons.offers(by: given, to: account)
    }
    let (draw, key) = (random, tokens.signer.signingKeyID)
    return { judgement, topUp in
      offers.gifts(of: judgement).filter { $0.count > 0 }.map { promised in
        var reader = ByteReader(draw(CouponSerial.byteCount * promised.count))
        let serials = (0..<promised.count).compactMap { _ in try? reader.serial() }
        precondition(serials.count == promised.count, "as many bytes as were asked for")
        return .couponsIssued(
          Change.Issue(
            campaign: promised.gift.campaign, owner: account, coupons: serials, end: promised.end,
            keyID: key, topUp: topUp))
      }
    }
  }

  /// What goes at once of coupons that come free again: those whose top-up has been undone.
  func withdrawal(ofFreed coupons: [Change.Unredemption]) throws(Interruption) -> [Change] {
    var changes: [Change] = []
    for undone in coupons {
      let coupon = try reading { () throws(StoreError) in try working.coupon(undone.coupon) }
      guard let coupon, let topUp = coupon.topUp else { continue }
      let marks = try reading { () throws(StoreError) in try working.marks(of: topUp) }
      guard marks.isReversed else { continue }
      changes.append(
        .couponVoided(
          Change.Voiding(
            coupon: coupon.serial, campaign: coupon.campaign, owner: coupon.owner)))
    }
    return changes
  }

  /// What becomes of the coupons that a top-up gave when it is undone: those not used go, those
  /// used stay and are named.
  func withdrawal(
    ofCouponsGivenBy topUp: Entry, _ marks: EntryMarks
  ) throws(Interruption) -> [Change] {
    var issues = topUp.couponIssues
    if marks.clearedBy > .none {
      let clearing = try reading { () throws(StoreError) in try working.entry(marks.clearedBy) }
      issues += clearing?.couponIssues ?? []
    }
    var changes: [Change] = []
    for serial in issues.flatMap(\.coupons) {
      let coupon = try reading { () throws(StoreError) in try working.coupon(serial) }
      guard let coupon else { continue }
      if coupon.isOpen {
        changes.append(
          .couponVoided(
            Change.Voiding(coupon: serial, campaign: coupon.campaign, owner: coupon.owner)))
      } else if coupon.use != nil {
        changes.append(.couponKept(serial))
      }
    }
    return changes
  }
}

extension Entry {
  /// The coupons it issued.
  package var couponIssues: [Change.Issue] {
    changes.compactMap { change in
      if case .couponsIssued(let issue) = change { issue } else { nil }
    }
  }
}

extension CampaignTerms {
  /// The first instant at which a coupon issued now is no longer good; nil: it has no end.
  func end(ofIssueAt now: Instant, _ calendar: BusinessCalendar) -> Instant? {
    validity.end(ofIssueOn: calendar.wallTime(at: now).date) { calendar.midnight(of: $0) }
  }
}
