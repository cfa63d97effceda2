// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import Engine
import JSON
import LedgerCore

extension Param {
  static let campaignID = required("campaign_id", .text(1...64), "The campaign meant.")
  static let payload = optional("payload", .string, "The code as scanned, or give coupon_id.")
  static let couponID = optional("coupon_id", .text(1...64), "The coupon, or give payload.")
  static let cart = optional("cart", .document, "What is bought, or give amount.")
  static let price = [
    cart, optional("amount", .amount(minimum: 1), "Minor units at full price, or give cart."),
  ]
  static let reservation = optional(
    "reservation_id", .text(1...64), "The reservation that the request holds.")
  static let reservations = optional(
    "reservation_ids", .anything, "The reservations that the request holds.")
}

extension Params {
  func campaignNumber() -> CampaignNumber {
    text("campaign_id").flatMap { CampaignNumber(text: $0) } ?? CampaignNumber(.unknown)
  }

  /// The coupon named by exactly one of `payload` and `coupon_id`.
  ///
  /// What is damaged or forged is refused here: no look into the ledger is spent on it.
  func couponName(_ engine: Engine) throws(Answering) -> CouponName {
    let payload = text("payload")
    let id = text("coupon_id")
    guard (payload == nil) != (id == nil) else {
      throw .invalid(
        InvalidParams(field: "/payload", message: "give exactly one of payload and coupon_id"))
    }
    if let payload {
      if let refusal = engine.screen(payload) {
        engine.noteBadPayload(from: origin)
        throw .refused(refusal)
      }
      return .payload(payload)
    }
    return .serial(id.flatMap { CouponSerial(text: $0) } ?? .unknown)
  }

  /// What the coupon is to be taken off: `cart`, `amount`, or nothing when neither is given.
  func priceAsked() throws(Answering) -> PriceAsked {
    let amount = amount("amount")
    guard let document = value("cart") else {
      return amount.map { .amount($0) } ?? .nothing
    }
    guard amount == nil else {
      throw .invalid(
        InvalidParams(field: "/amount", message: "give at most one of cart and amount"))
    }
    return .cart(try cart(document))
  }

  func requiredCart() throws(Answering) -> Cart {
    guard let document = value("cart") else {
      throw .invalid(InvalidParams(field: "/cart", message: "is required"))
    }
    return try cart(document)
  }

  private func cart(_ document: JSONValue) throws(Answering) -> Cart {
    do {
      return try Cart.decode(document, at: JSONPointer("cart"))
    } catch {
      throw .invalid(InvalidParams(field: error.field, message: error.message))
    }
  }

  func reservationID() -> ReservationID? {
    text("reservation_id").map { ReservationID(text: $0) ?? ReservationID(.unknown) }
  }

  /// The reservations that a checkout holds, at most 100.
  func reservationIDs() throws(Answering) -> Set<ReservationID> {
    guard let list = value("reservation_ids") else { return [] }
    let names = list.kind == .array ? list.elements.map(\.string) : []
    guard list.kind == .array, names.count <= 100 else {
      throw .invalid(
        InvalidParams(
          field: "/reservation_ids", message: "must be an array of at most 100 reservation ids"))
    }
    if let place = names.firstIndex(of: nil) {
      throw .invalid(
        InvalidParams(field: "/reservation_ids/\(place)", message: "must be a string"))
    }
    // What is no id is no reservation that is live, as any other unknown one.
    return Set(names.compactMap { $0 }.compactMap { ReservationID(text: $0) })
  }

  /// What a checkout asks for.
  func checkoutRequest() throws(Answering) -> CheckoutRequest {
    CheckoutRequest(
      cart: try requiredCart(), coupons: try couponsAsked(),
      account: try optionalAccountName(), reservations: try reservationIDs())
  }

  /// `"auto"`, or at most 200 payloads and ids; none when left out.
  private func couponsAsked() throws(Answering) -> CouponsAsked {
    guard let asked = value("coupons") else { return .named([]) }
    if asked.isString("auto") { return .auto }
    guard asked.kind == .array, asked.count <= 200 else {
      throw .invalid(
        InvalidParams(
          field: "/coupons", message: "must be \"auto\" or an array of at most 200 coupons"))
    }
    var names: [CouponName] = []
    for (index, element) in asked.elements.enumerated() {
      guard let text = element.string else {
        throw .invalid(
          InvalidParams(
            field: "/coupons/\(index)", message: "must be a string: a payload or a coupon_id"))
      }
      names.append(CouponSerial(text: text).map { .serial($0) } ?? .payload(text))
    }
    return .named(names)
  }

  /// What of a checkout comes back: `all: true`, or `lines`.
  func goodsReturned() throws(Answering) -> RefundCheckout.Goods {
    let all = boolean("all") ?? false
    guard let list = value("lines") else {
      guard all else {
        throw .invalid(InvalidParams(field: "/lines", message: "give lines or all: true"))
      }
      return .all
    }
    if list.isString("all") { return .all }
    guard !all else {
      throw .invalid(InvalidParams(field: "/all", message: "give at most one of lines and all"))
    }
    guard list.kind == .array, (1...500).contains(list.count) else {
      throw .invalid(
        InvalidParams(
          field: "/lines",
          message: "must be an array of 1 to 500 line ids, or objects {line_id, quantity}"))
    }
    var lines: [(id: Label, quantity: Int64?)] = []
    for (index, element) in list.elements.enumerated() {
      let line = try returnedLine(element, at: "/lines/\(index)")
      guard !lines.contains(where: { $0.id == line.id }) else {
        throw .invalid(
          InvalidParams(field: "/lines/\(index)", message: "must differ from those before it"))
      }
      lines.append(line)
    }
    return .lines(lines)
  }

  private static let returnedLineMembers = ParamList([
    .required("line_id", .text(1...64), "The line."),
    .optional("quantity", .integer(1...1_000_000_000_000), "How many units; all if left out."),
  ])

  private func returnedLine(
    _ element: JSONValue, at place: String
  ) throws(Answering) -> (id: Label, quantity: Int64?) {
    if let text = element.string { return (Label(text), nil) }
    do {
      let line = try Params(element, as: Self.returnedLineMembers)
      return (Label(line.text("line_id") ?? ""), line.integer("quantity"))
    } catch {
      throw .invalid(InvalidParams(field: place + error.field, message: error.message))
    }
  }
}
