// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore
import StoredValue
import Testing

@testable import Engine

extension AuditTill {
  /// A history that holds an entry of every kind that coupons make.
  func playWithCoupons() throws {
    let card = try open("card-9", topUp: 50_000)
    let cash = try campaign(
      """
      {"name":"Five off","kind":"cash","amount":500,"caps":{"total":20,"budget":100000},
      "stacking":{"class":"a","with":["*"],"max_per_class":3}}
      """)
    let tenth = try campaign(
      #"{"name":"A tenth off","kind":"percent","off_basis_points":1000}"#)
    try must(PauseCampaign(campaign: tenth))
    try must(ResumeCampaign(campaign: tenth))
    let own = try issue(cash, to: card, 4)
    let bearer = try issue(tenth, to: nil, 2)
    let kept = try must(
      ReserveCoupon(name: .serial(own[0]), account: .id(card), seconds: 60))
    try must(ReleaseCoupon(reservation: ReservationID(kept.id)))
    let used = try must(
      RedeemCoupon(
        name: .serial(own[0]), price: .amount(Amount(2000)), account: .id(card),
        reservation: nil))
    try must(UnredeemCoupon(redemption: RedemptionID(used.id)))
    try must(
      RedeemCoupon(name: .serial(bearer[0]), price: .nothing, account: nil, reservation: nil))
    try must(VoidCoupon(name: .serial(bearer[1])))
    let cart = try Cart.decode(
      JSONDocument.parse(
        Array(#"{"lines":[{"line_id":"1","sku":"tea","quantity":2,"unit_price":3000}]}"#.utf8)
      ).root)
    let paid = try must(
      CommitCheckout(
        checkout: CheckoutRequest(cart: cart, coupons: .auto, account: .id(card)),
        expectedPayable: Amount(4500), storedValue: Amount(4000), pin: nil))
    let checkout = CheckoutID(paid.id)
    try must(
      RefundCheckout(checkout: checkout, goods: .lines([(id: Label("1"), quantity: .some(1))])))
    try must(RefundCheckout(checkout: checkout, goods: .all))
    try must(
      CommitCheckout(
        checkout: CheckoutRequest(cart: cart, coupons: .named([.serial(own[3])]), account: nil),
        expectedPayable: nil, storedValue: .zero, pin: nil))
    try must(CloseAccount(name: .id(card)))
  }

  private func campaign(_ text: String) throws -> CampaignNumber {
    let terms = try CampaignTerms.decode(JSONDocument.parse(Array(text.utf8)).root)
    return CampaignNumber(try must(CreateCampaign(terms: terms)).id)
  }

  private func issue(
    _ campaign: CampaignNumber, to account: AccountID?, _ count: Int
  ) throws -> [CouponSerial] {
    let entry = try must(
      IssueCoupons(campaign: campaign, name: account.map { .id($0) }, count: count))
    return entry.couponIssues.flatMap(\.coupons)
  }
}
