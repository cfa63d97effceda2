// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds

/// Changes of campaigns and coupons, as far as their types go.
extension EntryGenerator {
  static let couponChangeSorts = 11

  mutating func couponChange(sort: Int) -> Change {
    switch sort {
    case 0: .campaignCreated(blob())
    case 1: .campaignPaused(campaign())
    case 2: .campaignResumed(campaign())
    case 3:
      .couponsIssued(
        Change.Issue(
          campaign: campaign(), owner: optional { $0.account() }, coupons: list { $0.serial() },
          end: optional { $0.instant() }, keyID: byte(), topUp: optional { $0.entryID() }))
    case 4: .couponReserved(serial(), until: instant())
    case 5: .couponReleased(serial())
    case 6:
      .couponRedeemed(
        Change.Redemption(
          coupon: serial(), campaign: campaign(), account: optional { $0.account() },
          index: byte(), discount: optional { $0.amount() },
          shares: list { Change.Share(line: $0.random.below(500), amount: $0.amount()) }))
    case 7:
      .couponUnredeemed(
        Change.Unredemption(
          RedemptionID(entryID(), index: byte()), coupon: serial(), campaign: campaign(),
          account: optional { $0.account() }, discount: optional { $0.amount() }, date: date()))
    case 8:
      .couponVoided(
        Change.Voiding(
          coupon: serial(), campaign: campaign(), owner: optional { $0.account() }))
    case 9: .couponKept(serial())
    default:
      .checkedOut(
        Change.Checkout(
          cart: blob(), subtotal: amount(), payable: amount(), storedValue: amount()))
    }
  }

  mutating func goods() -> Change.GoodsReturn {
    Change.GoodsReturn(
      units: list { Change.GoodsReturn.Units(line: $0.random.below(500), quantity: $0.count()) },
      amount: amount(), toCard: amount(), isWhole: flag())
  }

  private mutating func campaign() -> CampaignNumber { CampaignNumber(entryID()) }

  private mutating func serial() -> CouponSerial {
    CouponSerial(high: UInt16(truncatingIfNeeded: random.next()), low: random.next())
  }

  private mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: random.next()) }
}
