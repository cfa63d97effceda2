// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
package import LedgerCore
import Secrets
import Store
import StoredValue

extension Desk {
  /// The coupons that the rules in `judgement` give to `account`, as changes of the entry.
  ///
  /// A campaign that is paused, over or at its cap gives none, or as many as its cap leaves: a
  /// payment does not fail for a gift.
  func gifts(
    to account: AccountID
  ) throws(Interruption) -> (BonusJudgement, EntryID) -> [Change] {
    var offers: [CampaignNumber: Offer] = [:]
    for gift in rules.topUp.bonusRules.flatMap(\.coupons) where offers[gift.campaign] == nil {
      offers[gift.campaign] = try offer(of: gift.campaign, to: account)
    }
    guard !offers.isEmpty else { return noGifts }
    let (draw, key) = (random, tokens.signer.signingKeyID)
    return { judgement, topUp in
      var left = offers.mapValues(\.room)
      return judgement.granted.flatMap(\.rule.coupons).compactMap { gift in
        guard let offer = offers[gift.campaign] else { return nil }
        let count = min(gift.count, left[gift.campaign] ?? 0)
        guard count > 0 else { return nil }
        left[gift.campaign, default: 0] -= count
        var reader = ByteReader(draw(CouponSerial.byteCount * count))
        let serials = (0..<count).compactMap { _ in try? reader.serial() }
        precondition(serials.count == count, "as many bytes as were asked for")
        return .couponsIssued(
          Change.Issue(
            campaign: gift.campaign, owner: account, coupons: serials, end: offer.end,
            keyID: key, topUp: topUp))
      }
    }
  }

  /// What a campaign can still give.
  private struct Offer {
    let room: Int
    let end: Instant?
  }

  private func offer(
    of number: CampaignNumber, to account: AccountID
  ) throws(Interruption) -> Offer? {
    let campaign = try reading { () throws(StoreError) in try working.campaign(number) }
    guard let campaign, !campaign.isPaused else { return nil }
    let book = tokens.book
    let terms = try reading { () throws(StoreError) in try book.terms(of: campaign) }
    let end = terms.end(ofIssueAt: now, calendar)
    if let end, end <= now { return nil }
    let key = CampaignShare.Key(number, account)
    let share = try reading { () throws(StoreError) in try working.share(key) }
    let room = terms.caps.room(toIssueOf: campaign.counts, share: share.counts)
    return Offer(room: Int(clamping: room ?? .max), end: end)
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
