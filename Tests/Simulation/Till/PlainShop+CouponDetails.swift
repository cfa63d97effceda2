// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension PlainShop {
  /// What goes with a reason.
  func details(_ reason: String, _ number: Int) -> [String: Plain] {
    let coupon = till.coupons[number]
    var details: [String: Plain] = [
      "coupon_id": .name("coupon:\(number)"), "campaign_id": .name("campaign:\(coupon.campaign)"),
    ]
    if reason == "already_redeemed", let use = coupon.use.map({ till.uses[$0] }) {
      (details["at"], details["redemption_id"]) = (
        .text(PlainTime.instant(use.at)), .name(use.name)
      )
      (details["store_id"], details["terminal_id"]) = (use.store, use.terminal)
    }
    if reason == "reserved", let reservation = coupon.reservation {
      details["until"] = .text(PlainTime.instant(reservation.until))
    }
    return details
  }
}
