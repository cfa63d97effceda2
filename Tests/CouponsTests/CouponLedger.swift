// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Testing

/// A campaign, one coupon of it and an account's share, folded entry by entry as a store does.
struct CouponLedger {
  static let campaign = CampaignNumber(EntryID(1))
  static let serial = CouponSerial(high: 7, low: 42)

  private(set) var campaign: Campaign
  private(set) var coupon: Coupon
  private(set) var share: CampaignShare
  private(set) var last: Entry
  /// Milliseconds since 1970.
  var now: Int64 = 1_000
  var day: Int64 = 20_000

  let owner: AccountID

  init(bound: Bool = true, topUp: EntryID? = nil) throws {
    owner = try #require(AccountID(stored: 5))
    let created = Self.entry(1, .campaignCreate, [.campaignCreated([1, 2, 3])], at: 1, day: 1)
    campaign = Campaign([1, 2, 3], by: created)
    let issue = Change.Issue(
      campaign: Self.campaign, owner: bound ? owner : nil, coupons: [Self.serial],
      end: Instant(milliseconds: 9_000), keyID: 3, topUp: topUp)
    let issued = Self.entry(2, .couponIssue, [.couponsIssued(issue)], at: 2, day: 1)
    coupon = Coupon(Self.serial, of: issue, by: issued)
    share = CampaignShare(campaign: Self.campaign, account: owner)
    last = issued
    try campaign.apply(issued)
    try share.apply(issued)
  }

  /// Folds an entry of these changes into all three; throws where one of them refuses it.
  mutating func fold(_ kind: EntryKind, _ changes: Change...) throws {
    let entry = Self.entry(last.id.sequence + 1, kind, changes, at: now, day: day)
    try coupon.apply(entry)
    try campaign.apply(entry)
    try share.apply(entry)
    last = entry
  }

  /// Folds the last entry in once more.
  mutating func foldAgain() throws {
    try coupon.apply(last)
    try campaign.apply(last)
    try share.apply(last)
  }

  private static func entry(
    _ number: Int64, _ kind: EntryKind, _ changes: [Change], at: Int64, day: Int64
  ) -> Entry {
    Entry(
      id: EntryID(number), at: Instant(milliseconds: at),
      date: BusinessDate(daysSince1970: day), kind: kind, account: nil, programVersion: 0,
      origin: Origin(store: "s", terminal: "t"), changes: changes, after: nil, request: nil)
  }

  var redeemed: Change { redeemed(100) }

  func redeemed(_ discount: Int64?, by account: AccountID? = nil) -> Change {
    .couponRedeemed(
      Change.Redemption(
        coupon: Self.serial, campaign: Self.campaign, account: account ?? owner, index: 0,
        discount: discount.map { Amount($0) }))
  }

  /// What undoes the use that stands.
  var unredeemed: Change {
    get throws {
      let use = try #require(coupon.use)
      return .couponUnredeemed(
        Change.Unredemption(
          use.redemption, coupon: Self.serial, campaign: Self.campaign, account: use.account,
          discount: use.discount, date: use.date))
    }
  }

  var voided: Change {
    .couponVoided(
      Change.Voiding(coupon: Self.serial, campaign: Self.campaign, owner: coupon.owner))
  }
}
