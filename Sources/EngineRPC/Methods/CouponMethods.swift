// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import Engine
import JSON
import LedgerCore
import Store
import StoredValue

extension Method {
  /// Why a coupon named by itself cannot be used.
  static let useRefusals: [RefusalCode] = [
    .malformed, .unknownIssuer, .unknownKey, .badSignature, .notFound, .expired, .notYetValid,
    .outsideWindow, .blackout, .alreadyRedeemed, .reserved, .void, .paused, .wrongStore,
    .wrongAccount,
  ]

  static let couponIssue = mutation(
    "coupon.issue", "Issues coupons of a campaign, to an account or to whoever bears them.",
    Param.account + [
      .campaignID,
      .optional(
        "count", .integer(1...Int64(IssueCoupons.maximumCount)), "How many; 1 if left out."),
    ],
    result: [.text("campaign_id"), .array("coupons"), .account],
    refusals: [.notFound, .accountClosed, .expired, .paused, .capReached], isBulkIssue: true,
    command: { params, _ throws(Answering) in
      IssueCoupons(
        campaign: params.campaignNumber(), name: try params.optionalAccountName(),
        count: Int(params.integer("count") ?? 1))
    },
    telling: { writer, entry, engine in
      let issues = entry.couponIssues
      writer.name("campaign_id")
      writer.optional(issues.first?.campaign.text)
      writer.name("coupons")
      writer.issued(issues, engine)
    })

  static let couponReserve = mutation(
    "coupon.reserve", "Keeps a coupon for one checkout under way.",
    Param.account + [
      .payload, .couponID,
      .required("seconds", .integer(1...86_400), "Until it is free again by itself."),
    ],
    result: [.text("reservation_id"), .text("coupon_id"), .text("expires_at")],
    refusals: useRefusals,
    command: { params, engine throws(Answering) in
      ReserveCoupon(
        name: try params.couponName(engine), account: try params.optionalAccountName(),
        seconds: params.integer("seconds") ?? 1)
    },
    answer: { writer, entry in
      for case .couponReserved(let coupon, let end) in entry.changes {
        writer.name("reservation_id")
        writer.string(ReservationID(entry.id).text)
        writer.name("coupon_id")
        writer.string(coupon.text)
        writer.name("expires_at")
        writer.string(end.text)
      }
    })

  static let couponRelease = mutation(
    "coupon.release", "Frees a reserved coupon.",
    [.required("reservation_id", .text(1...64), "The reservation meant.")],
    result: [.text("coupon_id")], refusals: [.notFound, .reservationNotLive],
    command: { params, _ throws(Answering) in
      guard let reservation = params.reservationID() else {
        preconditionFailure("it was checked")
      }
      return ReleaseCoupon(reservation: reservation)
    },
    answer: { writer, entry in writer.couponID(of: entry) })

  static let couponVoid = mutation(
    "coupon.void", "Makes a coupon worthless for ever.", [.payload, .couponID],
    result: [.text("coupon_id")],
    refusals: [
      .malformed, .unknownIssuer, .unknownKey, .badSignature, .notFound, .alreadyRedeemed, .void,
    ],
    command: { params, engine throws(Answering) in
      VoidCoupon(name: try params.couponName(engine))
    },
    answer: { writer, entry in writer.couponID(of: entry) })

  static let couponGet = query(
    "coupon.get", "A coupon and what became of it.", [.payload, .couponID], result: couponFields,
    refusals: [.malformed, .unknownIssuer, .unknownKey, .badSignature, .notFound],
    answer: { params, engine, writer throws(Answering) in
      let name = try params.couponName(engine)
      let facts = try asking { () throws(Interruption) in try engine.coupon(name) }
      writer.coupon(facts, at: engine.now)
    })

  static let couponList = query(
    "coupon.list", "The coupons of an account or of a campaign, in order of their ids.",
    Param.account + [
      .optional("campaign_id", .text(1...64), "The campaign, or give an account."),
      .optional("open", .boolean, "Of an account: only those not used and not void."), .limit,
      .cursor,
    ],
    result: [.array("coupons"), .text("next_cursor")], refusals: [.notFound],
    answer: { params, engine, writer throws(Answering) in
      let selection = try params.couponSelection(engine)
      let limit = Int(params.integer("limit") ?? 100)
      let cursor = try params.text("cursor").map { text throws(Answering) in
        guard let serial = CouponSerial(text: text) else { throw Params.badCursor }
        return serial
      }
      let page = try asking { () throws(Interruption) in
        try engine.coupons(selection, after: cursor, limit: limit + 1)
      }
      writer.beginObject()
      writer.name("coupons")
      writer.beginArray()
      for facts in page.prefix(limit) { writer.coupon(facts, at: engine.now) }
      writer.endArray()
      writer.name("next_cursor")
      writer.optional(page.count > limit ? page[limit - 1].coupon.serial.text : nil)
      writer.endObject()
    })

  static let couponPayload = query(
    "coupon.payload", "The code of a coupon, as it is printed.",
    [.required("coupon_id", .text(1...64), "The coupon.")],
    result: [.text("coupon_id"), .text("payload"), .text("valid_until")], refusals: [.notFound],
    answer: { params, engine, writer throws(Answering) in
      let serial = params.text("coupon_id").flatMap { CouponSerial(text: $0) } ?? .unknown
      let facts = try asking { () throws(Interruption) in try engine.coupon(.serial(serial)) }
      writer.beginObject()
      writer.name("coupon_id")
      writer.string(serial.text)
      writer.name("payload")
      writer.string(engine.payload(of: facts.coupon))
      writer.name("valid_until")
      writer.optional(facts.coupon.end)
      writer.endObject()
    })

  private static let couponFields: [Field] = [
    .text("coupon_id"), .text("campaign_id"), .text("name"), .text("kind"), .text("account_id"),
    .text("status"), .text("issued_at"), .text("valid_until"), .text("reserved_until"),
    .text("topup_entry_id"), .object("redemption"),
  ]
}

extension Params {
  /// The coupons of exactly one of an account and a campaign.
  fileprivate func couponSelection(_ engine: Engine) throws(Answering) -> CouponSelection {
    let name = try optionalAccountName()
    guard (name == nil) != (text("campaign_id") == nil) else {
      throw .invalid(
        InvalidParams(
          field: "/campaign_id", message: "give exactly one of campaign_id and an account"))
    }
    if let name {
      let view = try asking { () throws(Interruption) in try engine.view(name) }
      return .owned(by: view.account.id, open: boolean("open") ?? false)
    }
    let number = campaignNumber()
    _ = try asking { () throws(Interruption) in try engine.campaign(number) }
    return .of(number)
  }
}

extension JSONWriter {
  /// The one coupon that an entry is about.
  fileprivate mutating func couponID(of entry: Entry) {
    name("coupon_id")
    optional(entry.changes.lazy.compactMap(\.coupon).first?.text)
  }
}
