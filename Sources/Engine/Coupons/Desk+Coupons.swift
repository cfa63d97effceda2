// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Store
import StoredValue

extension Desk {
  /// Where this mutation looks up and judges coupons.
  var coupons: CouponDesk { CouponDesk(working: working, now: now, office: office) }

  /// The campaign of this number; `not_found` when there is none.
  func campaign(
    _ number: CampaignNumber
  ) throws(Interruption) -> (campaign: Campaign, terms: CampaignTerms) {
    let campaign = try reading { () throws(StoreError) in try working.campaign(number) }
    guard let campaign else { throw .refused(Refusal(.notFound, field: "/campaign_id")) }
    let book = tokens.book
    return (campaign, try reading { () throws(StoreError) in try book.terms(of: campaign) })
  }

  /// The account that a request names, if it names one.
  func account(_ name: AccountName?) throws(Interruption) -> Account? {
    guard let name else { return nil }
    return try account(name)
  }

  /// The entry of a mutation that concerns no account; it answers the request.
  ///
  /// `postings` sum to zero.
  func entry(
    _ kind: EntryKind, _ changes: [Change], amount: Amount = .zero, links: [Entry.Link] = [],
    postings: [Posting] = []
  ) throws(Interruption) -> Decided {
    let entry = Entry(
      id: working.head.next, at: now, date: calendar.date(at: now), kind: kind, account: nil,
      programVersion: programVersion, origin: ticket.origin, reason: ticket.reason,
      amount: amount, links: links, changes: changes, postings: postings, after: nil,
      request: try recordWithoutAccount())
    precondition(entry.isBalanced, "INV-1: the postings of an entry sum to zero")
    return Decided(.accepted([entry]))
  }

  /// Serials for new coupons.
  ///
  /// 80 random bits never name two coupons: that the first is new is checked all the same.
  func drawSerials(_ count: Int) throws(Interruption) -> [CouponSerial] {
    let bytes = random(CouponSerial.byteCount * count)
    var reader = ByteReader(bytes)
    var serials: [CouponSerial] = []
    serials.reserveCapacity(count)
    while serials.count < count {
      guard let serial = try? reader.serial() else {
        preconditionFailure("as many bytes as were asked for")
      }
      serials.append(serial)
    }
    for serial in serials.prefix(1) {
      let known = try reading { () throws(StoreError) in try working.coupon(serial) }
      precondition(known == nil, "80 random bits named a coupon twice")
    }
    return serials
  }
}

extension [Posting] {
  /// What coupons take off: revenue that the shop gives up.
  static func discount(_ amount: Amount) -> [Posting] {
    amount.isZero ? [] : [.debit(.couponDiscount, amount), .credit(.sales, amount)]
  }

  /// What coupons took off and do not any more.
  static func discountUndone(_ amount: Amount) -> [Posting] {
    amount.isZero ? [] : [.debit(.sales, amount), .credit(.couponDiscount, amount)]
  }
}
