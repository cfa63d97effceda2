// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A coupon as it was issued.
struct IssuedCoupon {
  let id: String
  let payload: String
  /// RFC 3339; nil: it has no end.
  let end: String?

  /// What names it in a request.
  var name: JSONTree { ["coupon_id": .string(id)] }
  /// What names it as a scanner does.
  var scanned: JSONTree { ["payload": .string(payload)] }
}

/// One line of a cart, at full price unless it says otherwise.
func line(
  _ id: String, _ sku: String, _ price: Int, times quantity: Int = 1, _ more: JSONTree = [:]
) -> JSONTree {
  let members: JSONTree = [
    "line_id": .string(id), "sku": .string(sku), "quantity": .number(quantity),
    "unit_price": .number(price),
  ]
  return members.merging(more)
}

/// A cart of these lines.
func cart(_ lines: JSONTree...) -> JSONTree { ["lines": .array(lines)] }

/// Stacking with every class, up to `most` of its own.
func stacking(_ name: String = "any", most: Int = 100) -> JSONTree {
  ["class": .string(name), "with": ["*"], "max_per_class": .number(most)]
}

// MARK: Coupons

extension Shop {
  /// Begins a campaign; its id.
  func campaign(
    _ terms: JSONTree, at location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let named: JSONTree = ["name": "A campaign"]
    let answer = expectResult(
      try change("campaign.create", named.merging(terms)), at: location)
    return try answer.string("/campaign_id")
  }

  func tryToIssue(_ campaign: String, to card: String? = nil, _ count: Int = 1) throws -> Answer {
    var params: JSONTree = ["campaign_id": .string(campaign), "count": .number(count)]
    if let card { params = params.merging(["card_no": .string(card)]) }
    return try change("coupon.issue", params)
  }

  /// Issues coupons, to a card or to whoever bears them; it must succeed.
  func issue(
    _ campaign: String, to card: String? = nil, _ count: Int,
    at location: SourceLocation = #_sourceLocation
  ) throws -> [IssuedCoupon] {
    let answer = expectResult(try tryToIssue(campaign, to: card, count), at: location)
    return try issued(answer["/coupons"])
  }

  /// Issues one coupon.
  func issue(
    _ campaign: String, to card: String? = nil, at location: SourceLocation = #_sourceLocation
  ) throws -> IssuedCoupon {
    try issue(campaign, to: card, 1, at: location)[0]
  }

  /// Coupons as a result lists them.
  func issued(_ list: JSONTree?) throws -> [IssuedCoupon] {
    try (list?.elements ?? []).map { coupon in
      guard let id = coupon["coupon_id"]?.string, let payload = coupon["payload"]?.string else {
        throw HarnessFailure("no coupon: \(coupon.text)")
      }
      return IssuedCoupon(id: id, payload: payload, end: coupon["valid_until"]?.string)
    }
  }

  /// Begins a campaign and issues one coupon of it.
  func coupon(
    _ terms: JSONTree, to card: String? = nil, at location: SourceLocation = #_sourceLocation
  ) throws -> IssuedCoupon {
    try issue(campaign(terms, at: location), to: card, at: location)
  }

  func verify(_ coupon: IssuedCoupon, _ more: JSONTree = [:]) throws -> Answer {
    try ask("coupon.verify", coupon.scanned.merging(more))
  }

  /// The reason that a scanner shows; nil for a coupon that is good.
  func reason(
    _ coupon: IssuedCoupon, _ more: JSONTree = [:], at location: SourceLocation = #_sourceLocation
  ) throws -> String? {
    let answer = expectResult(try verify(coupon, more), at: location)
    let reason = answer["/reason"]?.string
    #expect(answer["/valid"] == .bool(reason == nil), sourceLocation: location)
    return reason
  }

  /// Redeems by the payload.
  func redeem(_ coupon: IssuedCoupon, _ more: JSONTree = [:]) throws -> Answer {
    try change("coupon.redeem", coupon.scanned, more)
  }

  func unredeem(_ redemption: String) throws -> Answer {
    try change("coupon.unredeem", ["redemption_id": .string(redemption)])
  }

  func reserve(_ coupon: IssuedCoupon, seconds: Int, _ more: JSONTree = [:]) throws -> Answer {
    try change("coupon.reserve", coupon.scanned.merging(["seconds": .number(seconds)]), more)
  }

  /// The status that `coupon.get` shows.
  func status(_ coupon: IssuedCoupon) throws -> String? {
    try ask("coupon.get", coupon.name)["/status"]?.string
  }
}

// MARK: Checkouts

extension Shop {
  /// Coupons for `checkout.quote` and `checkout.commit`.
  static func list(_ coupons: [IssuedCoupon]) -> JSONTree {
    .array(coupons.map { .string($0.id) })
  }

  func quote(
    _ cart: JSONTree, _ coupons: [IssuedCoupon], card: String? = nil, _ more: JSONTree = [:]
  ) throws -> Answer {
    try ask("checkout.quote", Self.checkout(cart, Self.list(coupons), card).merging(more))
  }

  func quoteBest(_ cart: JSONTree, card: String, _ more: JSONTree = [:]) throws -> Answer {
    try ask("checkout.quote", Self.checkout(cart, "auto", card).merging(more))
  }

  func commit(
    _ cart: JSONTree, _ coupons: [IssuedCoupon], card: String? = nil, _ more: JSONTree = [:]
  ) throws -> Answer {
    try change("checkout.commit", Self.checkout(cart, Self.list(coupons), card), more)
  }

  private static func checkout(
    _ cart: JSONTree, _ coupons: JSONTree, _ card: String?
  ) -> JSONTree {
    let params: JSONTree = ["cart": cart, "coupons": coupons]
    return card.map { params.merging(["card_no": .string($0)]) } ?? params
  }

  /// Takes back units of lines.
  func takeBack(_ checkout: String, _ units: [(line: String, quantity: Int)]) throws -> Answer {
    let lines = units.map { unit -> JSONTree in
      ["line_id": .string(unit.line), "quantity": .number(unit.quantity)]
    }
    return try change(
      "checkout.refund", ["checkout_id": .string(checkout), "lines": .array(lines)])
  }

  /// Takes back all that is left.
  func takeBackAll(_ checkout: String) throws -> Answer {
    try change("checkout.refund", ["checkout_id": .string(checkout), "all": true])
  }

  /// How many entries the journal has.
  func entries() throws -> Int64? { try ask("system.info").int("/entries") }
}

extension Answer {
  /// The coupons that a list of a quote names.
  func coupons(_ list: String) -> [String] {
    (self["/" + list]?.elements ?? []).compactMap { $0["coupon_id"]?.string }
  }

  /// The reason for which a quote refuses a coupon; nil when it does not.
  func reason(against coupon: IssuedCoupon) -> String? {
    self["/refused"]?.elements.first { $0["coupon_id"]?.string == coupon.id }?["reason"]?.string
  }
}
