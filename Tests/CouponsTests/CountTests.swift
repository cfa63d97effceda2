// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Testing

/// What caps are held against (spec/coupon-life.md, Caps; INV-20).
@Suite struct CountTests {
  private static let today = BusinessDate(daysSince1970: 20_000)
  private static let tomorrow = BusinessDate(daysSince1970: 20_001)

  @Test func `issue, use, undoing and voiding count for the campaign and the owner`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponRedeem, ledger.redeemed)
    for counts in [ledger.campaign.counts, ledger.share.counts] {
      #expect(counts.issued == 1 && counts.uses == 1 && counts.spent == 100)
      #expect(counts.uses(on: Self.today) == 1 && counts.uses(on: Self.tomorrow) == 0)
    }
    try ledger.fold(.couponUnredeem, ledger.unredeemed)
    try ledger.fold(.couponVoid, ledger.voided)
    for counts in [ledger.campaign.counts, ledger.share.counts] {
      #expect(counts.issued == 0 && counts.uses == 0 && counts.spent == 0)
      #expect(counts.uses(on: Self.today) == 0)
    }
  }

  @Test func `undoing a use of another day gives that day nothing back`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponRedeem, ledger.redeemed)
    let undone = try ledger.unredeemed
    let other = CouponSerial(high: 1, low: 1)
    ledger.day = 20_001
    try ledger.fold(
      .couponRedeem,
      .couponRedeemed(
        Change.Redemption(
          coupon: other, campaign: CouponLedger.campaign, account: ledger.owner, index: 0,
          discount: nil)))
    #expect(ledger.campaign.counts.uses(on: Self.tomorrow) == 1)
    #expect(ledger.campaign.counts.uses(on: Self.today) == 0)
    try ledger.fold(.couponUnredeem, undone)
    #expect(ledger.campaign.counts.uses(on: Self.tomorrow) == 1)
    #expect(ledger.campaign.counts.uses == 1 && ledger.campaign.counts.spent == 0)
  }

  @Test func `a share counts nothing of other campaigns and accounts`() throws {
    var ledger = try CouponLedger()
    let stranger = try #require(AccountID(stored: 6))
    try ledger.fold(.couponRedeem, ledger.redeemed(100, by: stranger))
    #expect(ledger.share.counts.uses == 0 && ledger.campaign.counts.uses == 1)
    #expect(ledger.redeemed(1).shareKey == ledger.share.key)
    #expect(Change.pinCleared.shareKey == nil && Change.pinCleared.campaign == nil)
    #expect(Change.couponReleased(CouponLedger.serial).coupon == CouponLedger.serial)
    #expect(Change.pinCleared.coupon == nil)
  }

  @Test func `a campaign is paused and goes on`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.campaignPause, .campaignPaused(CouponLedger.campaign))
    #expect(ledger.campaign.isPaused)
    try ledger.fold(.campaignPause, .campaignResumed(CampaignNumber(EntryID(2))))
    #expect(ledger.campaign.isPaused)
    try ledger.fold(.campaignResume, .campaignResumed(CouponLedger.campaign))
    #expect(!ledger.campaign.isPaused)
    #expect(
      ledger.campaign.document == [1, 2, 3] && ledger.campaign.number == CouponLedger.campaign)
  }

  @Test func `no count falls below zero`() throws {
    let ledger = try CouponLedger()
    var (campaign, share) = (ledger.campaign, ledger.share)
    let entry = Entry(
      id: EntryID(7), at: Instant(milliseconds: 5), date: Self.today, kind: .couponVoid,
      account: nil, programVersion: 0, changes: [ledger.voided, ledger.voided], after: nil,
      request: nil)
    #expect(throws: MalformedRecord.self) { try campaign.apply(entry) }
    #expect(throws: MalformedRecord.self) { try share.apply(entry) }
    #expect(campaign == ledger.campaign && share == ledger.share)
  }

  @Test func `campaigns and shares are read back as they were`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponRedeem, ledger.redeemed)
    try ledger.fold(.campaignPause, .campaignPaused(CouponLedger.campaign))
    let (campaign, share) = (ledger.campaign, ledger.share)
    let (first, second) = (campaign.encoded(), share.encoded())
    #expect(try Campaign(number: campaign.number, encoded: first[...]) == campaign)
    #expect(try CampaignShare(key: share.key, encoded: second[...]) == share)
    expectDamage(first) { try Campaign(number: campaign.number, encoded: $0) }
    expectDamage(second) { try CampaignShare(key: share.key, encoded: $0) }
  }

  @Test func `shares are in the order of campaign and account`() throws {
    let (one, two) = (try #require(AccountID(stored: 1)), try #require(AccountID(stored: 2)))
    let (first, second) = (CampaignNumber(EntryID(1)), CampaignNumber(EntryID(2)))
    let keys = [
      CampaignShare.Key(second, one), CampaignShare.Key(first, two), CampaignShare.Key(first, one),
    ]
    #expect(keys.sorted() == keys.reversed())
  }

  @Test func `an issue stops at the smaller of what is left in all and for the account`() throws {
    let ledger = try CouponLedger()
    let (all, own) = (ledger.campaign.counts, ledger.share.counts)
    let caps = try terms(cash(#""caps":{"total":5,"per_account":3}"#)).caps
    #expect(caps.room(toIssueOf: all, share: own) == 2)
    #expect(caps.room(toIssueOf: all, share: nil) == 4)
    #expect(try terms(cash()).caps.room(toIssueOf: all, share: own) == nil)
    let full = try terms(cash(#""caps":{"total":1}"#)).caps
    #expect(full.room(toIssueOf: all, share: own) == 0)
  }

  @Test func `uses stop at the smallest of the caps`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponRedeem, ledger.redeemed)
    let (all, own) = (ledger.campaign.counts, ledger.share.counts)
    func allowance(_ caps: String) throws -> Allowance? {
      try terms(cash("\"caps\":{\(caps)}")).caps.allowance(of: all, share: own, on: Self.today)
    }
    #expect(try allowance("") == nil)
    #expect(try allowance(#""total":9"#) == Allowance(redemptions: 8))
    #expect(try allowance(#""total":9,"per_account":4"#) == Allowance(redemptions: 3))
    #expect(try allowance(#""total":9,"redemptions_per_day":3"#) == Allowance(redemptions: 2))
    #expect(try allowance(#""per_account":4,"per_account_per_day":2"#)?.redemptions == 1)
    #expect(try allowance(#""total":1"#) == Allowance(redemptions: 0))
    #expect(try allowance(#""budget":150"#) == Allowance(budget: Amount(50)))
    #expect(try allowance(#""budget":99"#) == Allowance(budget: .zero))
    let caps = try terms(cash(#""caps":{"per_account":4,"per_account_per_day":1}"#)).caps
    #expect(caps.room(toUseUnder: own, on: Self.today) == 0)
    #expect(caps.room(toUseUnder: own, on: Self.tomorrow) == 1)
    #expect(try terms(cash()).caps.room(toUseUnder: own, on: Self.today) == nil)
  }
}
