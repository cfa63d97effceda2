// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
package import LedgerCore
import Store
import StoredValue

/// Keeps a coupon for one checkout under way, as `coupon.reserve` asks.
package struct ReserveCoupon: Command {
  package static let method = RequestMethod.couponReserve
  package let name: CouponName
  package let account: AccountName?
  package let seconds: Int64

  package init(name: CouponName, account: AccountName?, seconds: Int64) {
    self.name = name
    self.account = account
    self.seconds = seconds
  }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let coupons = desk.coupons
    let facts = try coupons.facts(name)
    let account = try desk.account(account)
    let occasion = coupons.occasion(store: desk.ticket.origin.store, account: account)
    if let barrier = coupons.barrier(to: facts, on: occasion) {
      throw .refused(facts.refusal(barrier, field: name.field))
    }
    let end = desk.now.advanced(bySeconds: seconds)
    return try desk.entry(.couponReserve, [.couponReserved(facts.coupon.serial, until: end)])
  }
}

/// Frees a reserved coupon, as `coupon.release` asks.
package struct ReleaseCoupon: Command {
  package static let method = RequestMethod.couponRelease
  package let reservation: ReservationID

  package init(reservation: ReservationID) { self.reservation = reservation }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let made = try reading { () throws(StoreError) in
      try desk.working.entry(reservation.madeBy)
    }
    guard let made, made.kind == .couponReserve, let serial = made.changes.first?.coupon else {
      throw .refused(Refusal(.notFound, field: "/reservation_id"))
    }
    let coupon = try reading { () throws(StoreError) in try desk.working.coupon(serial) }
    guard let coupon, coupon.reservation(at: desk.now)?.id == reservation else {
      throw .refused(Refusal(.reservationNotLive, field: "/reservation_id"))
    }
    return try desk.entry(.couponRelease, [.couponReleased(serial)])
  }
}

/// Makes a coupon worthless, as `coupon.void` asks.
package struct VoidCoupon: Command {
  package static let method = RequestMethod.couponVoid
  package let name: CouponName

  package init(name: CouponName) { self.name = name }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let facts = try desk.coupons.facts(name)
    let coupon = facts.coupon
    if coupon.use != nil {
      throw .refused(facts.refusal(.alreadyRedeemed, field: name.field))
    }
    if coupon.isVoid { throw .refused(facts.refusal(.void, field: name.field)) }
    return try desk.entry(
      .couponVoid,
      [
        .couponVoided(
          Change.Voiding(
            coupon: coupon.serial, campaign: coupon.campaign, owner: coupon.owner))
      ])
  }
}
