// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import Engine
import JSON
import LedgerCore
import StoredValue

extension Method {
  static let couponVerify = query(
    "coupon.verify", "Whether a coupon can be used now, and if not why; changes nothing.",
    Param.account + Param.price + [
      .payload, .couponID, .store, .terminal, .reservation,
    ],
    result: [
      .boolean("valid"), .text("reason"), .text("message"), .text("coupon_id"),
      .text("campaign_id"), .text("name"), .text("kind"), .text("account_id"), .text("valid_until"),
      .integer("discount").orNull, .integer("payable").orNull, .array("lines").orNull,
    ],
    refusals: [.notFound],
    answer: { params, engine, writer throws(Answering) in
      let name = try params.scannedName()
      let price = try params.priceAsked()
      let account = try params.optionalAccountName()
      let reservation = params.reservationID()
      let verdict = try asking { () throws(Interruption) in
        try engine.verify(
          name, price: price, store: params.store, account: account,
          holding: reservation.map { [$0] } ?? [])
      }
      if case .unread = verdict { engine.noteBadPayload(from: params.origin) }
      writer.verdict(verdict)
    })

  static let couponRedeem = mutation(
    "coupon.redeem", "Uses a coupon: once, durably.",
    Param.account + Param.price + [.payload, .couponID, .reservation],
    result: [
      .boolean("valid"), .text("redemption_id"), .text("coupon_id"), .text("campaign_id"),
      .integer("discount").orNull, .integer("payable").orNull, .array("lines").orNull, .entry,
      .account,
    ],
    refusals: [.accountClosed, .accountLost, .accountFrozen] + useRefusals + [
      .belowMinimum, .noEligibleItems, .capReached, .priceRequired, .declinedByRule,
    ],
    command: { params, engine throws(Answering) in
      RedeemCoupon(
        name: try params.couponName(engine), price: try params.priceAsked(),
        account: try params.optionalAccountName(), reservation: params.reservationID())
    },
    answer: { writer, entry in
      guard let use = entry.redemptions.first else { return }
      writer.name("valid")
      writer.bool(true)
      writer.name("redemption_id")
      writer.string(RedemptionID(entry.id, index: use.index).text)
      writer.name("coupon_id")
      writer.string(use.coupon)
      writer.name("campaign_id")
      writer.string(use.campaign.text)
      let paid = try? entry.checkout()
      writer.worth(paid?.quote, of: paid?.record.cart)
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
    })

  static let couponUnredeem = mutation(
    "coupon.unredeem", "Undoes one use of a coupon: it can be used again.",
    [.required("redemption_id", .text(1...64), "The use meant.")],
    result: [.text("coupon_id"), .text("redemption_id"), .entry],
    refusals: [.notFound, .alreadyUnredeemed, .checkoutRedemption],
    command: { params, _ throws(Answering) in
      let id = params.text("redemption_id").flatMap { RedemptionID(text: $0) }
      return UnredeemCoupon(redemption: id ?? RedemptionID(.unknown))
    },
    answer: { writer, entry in
      for case .couponUnredeemed(let undone) in entry.changes {
        writer.name("coupon_id")
        writer.string(undone.coupon)
        writer.name("redemption_id")
        writer.string(undone.redemption.text)
      }
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
    })
}

extension Params {
  /// The coupon named by exactly one of `payload` and `coupon_id`, whatever it is worth.
  fileprivate func scannedName() throws(Answering) -> CouponName {
    let id = text("coupon_id")
    guard let payload = text("payload") else {
      guard let id else {
        throw .invalid(
          InvalidParams(field: "/payload", message: "give exactly one of payload and coupon_id"))
      }
      // What is no id is found nowhere, as any other unknown one.
      return .serial(CouponSerial(text: id) ?? .unknown)
    }
    guard id == nil else {
      throw .invalid(
        InvalidParams(field: "/coupon_id", message: "give exactly one of payload and coupon_id"))
    }
    return .payload(payload)
  }
}

extension JSONWriter {
  fileprivate mutating func verdict(_ verdict: CouponVerdict) {
    beginObject()
    name("valid")
    switch verdict {
    case .good(let facts, let worth):
      bool(true)
      standing(of: facts)
      self.worth(worth.quote, of: worth.cart)
    case .bad(let facts, let reason):
      bool(false)
      self.reason(reason.code)
      standing(of: facts)
      for detail in facts.details(of: reason) {
        name(detail.name)
        value(detail.value)
      }
    case .barred(let facts, let code):
      bool(false)
      reason(code)
      standing(of: facts)
    case .unread(let code):
      bool(false)
      reason(code)
    }
    endObject()
  }

  private mutating func reason(_ code: RefusalCode) {
    name("reason")
    string(code.name)
    name("message")
    string(code.message)
  }

  private mutating func standing(of facts: CouponFacts) {
    name("coupon_id")
    string(facts.coupon.serial)
    name("campaign_id")
    string(facts.campaign.number)
    name("name")
    string(facts.terms.name)
    name("kind")
    string(facts.terms.benefit.kind.rawValue)
    name("account_id")
    optional(facts.coupon.owner)
    name("valid_until")
    optional(facts.coupon.end)
  }
}
