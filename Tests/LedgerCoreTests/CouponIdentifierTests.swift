// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

/// spec/coupon-life.md, Ids.
@Suite struct CouponIdentifierTests {
  @Test(arguments: [1, 32, 1_000_000, (1 << 60) - 1])
  func `what an entry made comes back from its text`(number: Int64) {
    let entry = EntryID(number)
    #expect(CampaignNumber(text: CampaignNumber(entry).text)?.createdBy == entry)
    #expect(ReservationID(text: ReservationID(entry).text)?.madeBy == entry)
    #expect(CheckoutID(text: CheckoutID(entry).text)?.entry == entry)
    for index: UInt8 in [0, 1, 31, 32, 255] {
      let use = RedemptionID(text: RedemptionID(entry, index: index).text)
      #expect(use == RedemptionID(entry, index: index))
    }
  }

  @Test func `texts have their prefix and twelve digits, a use two more`() {
    #expect(CampaignNumber(EntryID(33)).text == "cmp_000000000011")
    #expect(ReservationID(EntryID(1)).text == "rsv_000000000001")
    #expect(CheckoutID(EntryID(1)).text == "chk_000000000001")
    #expect(RedemptionID(EntryID(1), index: 33).text == "rdm_00000000000111")
  }

  @Test(arguments: [
    "", "cmp_", "rsv_000000000001", "cmp_000000000000", "cmp_00000000001", "cmp_0000000000001",
    "cmp_00000000000u", "CMP_000000000001",
  ])
  func `any other spelling names no campaign`(text: String) {
    #expect(CampaignNumber(text: text) == nil)
  }

  @Test(arguments: [
    "", "rdm_000000000001", "rdm_000000000001000", "rdm_00000000000001", "rdm_000000000001ZZ",
    "rdm_0000000000010U", "chk_00000000000100",
  ])
  func `any other spelling names no use`(text: String) {
    #expect(RedemptionID(text: text) == nil)
  }

  @Test func `a reservation and a checkout have spellings of their own`() {
    #expect(ReservationID(text: "chk_000000000001") == nil)
    #expect(CheckoutID(text: "rsv_000000000001") == nil)
    #expect(ReservationID(text: "rsv_000000000000") == nil)
    #expect(CheckoutID(text: "chk_0000000000011") == nil)
  }

  @Test func `campaigns are in the order of their creation`() {
    #expect(CampaignNumber(EntryID(1)) < CampaignNumber(EntryID(2)))
    #expect(!(CampaignNumber(EntryID(2)) < CampaignNumber(EntryID(2))))
  }
}
