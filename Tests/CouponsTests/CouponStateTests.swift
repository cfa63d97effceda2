// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Testing

/// spec/coupon-life.md, States (INV-19).
@Suite struct CouponStateTests {
  private static let later = Instant(milliseconds: 5_000)

  @Test func `a coupon begins free, with what its issue said`() throws {
    let ledger = try CouponLedger(topUp: EntryID(9))
    let coupon = ledger.coupon
    #expect(coupon.state == .free && coupon.isOpen && !coupon.isVoid && coupon.use == nil)
    #expect(coupon.owner == ledger.owner && coupon.campaign == CouponLedger.campaign)
    #expect(coupon.issuedAt == Instant(milliseconds: 2) && coupon.keyID == 3)
    #expect(coupon.end == Instant(milliseconds: 9_000) && coupon.topUp == EntryID(9))
  }

  @Test func `a reservation ends by itself at exactly its instant`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponReserve, .couponReserved(CouponLedger.serial, until: Self.later))
    let coupon = ledger.coupon
    #expect(coupon.isOpen)
    #expect(coupon.reservation(at: Instant(milliseconds: 4_999))?.id == ReservationID(EntryID(3)))
    #expect(coupon.reservation(at: Instant(milliseconds: 4_999))?.until == Self.later)
    #expect(coupon.reservation(at: Self.later) == nil)
  }

  @Test func `a reserved coupon is not reserved again before its reservation ends`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponReserve, .couponReserved(CouponLedger.serial, until: Self.later))
    ledger.now = 4_999
    #expect(throws: MalformedRecord.self) {
      try ledger.fold(.couponReserve, .couponReserved(CouponLedger.serial, until: Self.later))
    }
    ledger.now = 5_000
    let end = Instant(milliseconds: 6_000)
    try ledger.fold(.couponReserve, .couponReserved(CouponLedger.serial, until: end))
    #expect(ledger.coupon.reservation(at: Self.later)?.until == end)
  }

  @Test func `a released coupon is free`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponReserve, .couponReserved(CouponLedger.serial, until: Self.later))
    try ledger.fold(.couponRelease, .couponReleased(CouponLedger.serial))
    #expect(ledger.coupon.state == .free)
    #expect(throws: MalformedRecord.self) {
      try ledger.fold(.couponRelease, .couponReleased(CouponLedger.serial))
    }
  }

  @Test(arguments: [EntryKind.couponRedeem, .checkout])
  func `a use tells when, where, for whom and in what it was`(kind: EntryKind) throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponReserve, .couponReserved(CouponLedger.serial, until: Self.later))
    try ledger.fold(kind, ledger.redeemed)
    let use = try #require(ledger.coupon.use)
    #expect(use.redemption == RedemptionID(EntryID(4), index: 0))
    #expect(use.at == Instant(milliseconds: 1_000))
    #expect(use.date == BusinessDate(daysSince1970: 20_000))
    #expect(use.store == "s" && use.terminal == "t" && use.account == ledger.owner)
    #expect(use.discount == Amount(100) && use.inCheckout == (kind == .checkout))
    #expect(!ledger.coupon.isOpen && ledger.coupon.reservation(at: use.at) == nil)
  }

  @Test func `a use that is undone leaves the coupon free, to be used and undone again`() throws {
    var ledger = try CouponLedger()
    for _ in 0..<2 {
      try ledger.fold(.couponRedeem, ledger.redeemed)
      try ledger.fold(.couponUnredeem, ledger.unredeemed)
      #expect(ledger.coupon.state == .free)
    }
  }

  @Test func `INV-19: a coupon is used once at a time, and a use undone once`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponRedeem, ledger.redeemed)
    let undone = try ledger.unredeemed
    #expect(throws: MalformedRecord.self) { try ledger.fold(.couponRedeem, ledger.redeemed) }
    #expect(throws: MalformedRecord.self) {
      try ledger.fold(
        .couponReserve, .couponReserved(CouponLedger.serial, until: Self.later))
    }
    #expect(throws: MalformedRecord.self) { try ledger.fold(.couponVoid, ledger.voided) }
    try ledger.fold(.couponUnredeem, undone)
    #expect(throws: MalformedRecord.self) { try ledger.fold(.couponUnredeem, undone) }
    // Of another use it undoes nothing.
    try ledger.fold(.couponRedeem, ledger.redeemed)
    #expect(throws: MalformedRecord.self) { try ledger.fold(.couponUnredeem, undone) }
    #expect(ledger.coupon.use != nil)
  }

  @Test(arguments: 0..<4)
  func `what undoes a use must say what the use said`(member: Int) throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponRedeem, ledger.redeemed)
    let use = try #require(ledger.coupon.use)
    let redemption = member == 0 ? RedemptionID(EntryID(3), index: 1) : use.redemption
    let wrong = Change.couponUnredeemed(
      Change.Unredemption(
        redemption, coupon: CouponLedger.serial, campaign: CouponLedger.campaign,
        account: member == 1 ? nil : use.account, discount: member == 2 ? nil : use.discount,
        date: member == 3 ? BusinessDate(daysSince1970: 1) : use.date))
    #expect(throws: MalformedRecord.self) { try ledger.fold(.couponUnredeem, wrong) }
    #expect(ledger.coupon.use == use)
  }

  @Test(arguments: [false, true])
  func `a void coupon stays void`(reserved: Bool) throws {
    var ledger = try CouponLedger()
    if reserved {
      try ledger.fold(.couponReserve, .couponReserved(CouponLedger.serial, until: Self.later))
    }
    try ledger.fold(.couponVoid, ledger.voided)
    #expect(ledger.coupon.isVoid && !ledger.coupon.isOpen)
    #expect(ledger.coupon.state == .void(at: Instant(milliseconds: 1_000)))
    #expect(throws: MalformedRecord.self) { try ledger.fold(.couponVoid, ledger.voided) }
    #expect(throws: MalformedRecord.self) { try ledger.fold(.couponRedeem, ledger.redeemed) }
    #expect(throws: MalformedRecord.self) {
      try ledger.fold(
        .couponReserve, .couponReserved(CouponLedger.serial, until: Self.later))
    }
  }

  @Test func `an entry that was folded in before changes nothing`() throws {
    var ledger = try CouponLedger()
    try ledger.fold(.couponRedeem, ledger.redeemed)
    let before = ledger
    try ledger.foldAgain()
    #expect(ledger.coupon == before.coupon && ledger.campaign == before.campaign)
    #expect(ledger.share == before.share)
  }

  @Test func `changes of other coupons are passed over`() throws {
    var ledger = try CouponLedger()
    let other = CouponSerial(high: 7, low: 43)
    try ledger.fold(.couponReserve, .couponReserved(other, until: Self.later))
    #expect(ledger.coupon.state == .free && ledger.coupon.lastEntry == EntryID(3))
  }

  @Test func `a coupon is read back as it was, in each of its states`() throws {
    var ledger = try CouponLedger(topUp: EntryID(9))
    var states = [ledger.coupon, try CouponLedger(bound: false).coupon]
    try ledger.fold(.couponReserve, .couponReserved(CouponLedger.serial, until: Self.later))
    states.append(ledger.coupon)
    try ledger.fold(.checkout, ledger.redeemed)
    states.append(ledger.coupon)
    try ledger.fold(.checkoutRefund, ledger.unredeemed)
    try ledger.fold(.couponVoid, ledger.voided)
    states.append(ledger.coupon)
    for coupon in states {
      let bytes = coupon.encoded()
      #expect(try Coupon(serial: coupon.serial, encoded: bytes[...]) == coupon)
      expectDamage(bytes) { try Coupon(serial: coupon.serial, encoded: $0) }
    }
  }

  @Test func `an unknown state is refused`() throws {
    let bytes = try CouponLedger().coupon.encoded()
    // The state of a free coupon is the byte before the last entry.
    #expect(bytes[bytes.count - 2] == 0)
    #expect(throws: MalformedRecord.self) {
      var bytes = bytes
      bytes[bytes.count - 2] = 4
      return try Coupon(serial: CouponLedger.serial, encoded: bytes[...])
    }
  }
}

/// A record cut short, with something behind it, or of another version is refused.
func expectDamage<Record>(
  _ bytes: [UInt8], _ read: (ArraySlice<UInt8>) throws -> Record
) {
  for count in 0..<bytes.count {
    #expect(throws: MalformedRecord.self) { try read(bytes.prefix(count)) }
  }
  #expect(throws: MalformedRecord.self) { try read((bytes + [0])[...]) }
  #expect(throws: MalformedRecord.self) { try read(([99] + bytes.dropFirst())[...]) }
}
