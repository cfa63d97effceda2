// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import Engine
import JSON
import LedgerCore
import StoredValue

extension Method {
  private static let checkoutParams: [Param] =
    Param.account + [
      .required("cart", .document, "What is bought."),
      .optional(
        "coupons", .anything,
        "Payloads and coupon ids, or \"auto\" for the account's best; none if left out."),
      .reservations,
    ]

  private static let quoteFields: [Field] = [
    .integer("subtotal"), .integer("discount"), .integer("payable"), .array("applied"),
    .array("refused"), .boolean("optimal").orNull,
  ]

  static let checkoutQuote = query(
    "checkout.quote", "What a cart costs with coupons now; changes nothing.",
    checkoutParams + [.store, .terminal], result: quoteFields,
    refusals: [.notFound, .accountClosed],
    answer: { params, engine, writer throws(Answering) in
      let request = try params.checkoutRequest()
      let priced = try asking { () throws(Interruption) in
        try engine.quote(request, store: params.store)
      }
      writer.beginObject()
      writer.quote(
        priced.quote, of: request.cart, refused: priced.refused, isOptimal: priced.isOptimal)
      writer.endObject()
    })

  static let checkoutCommit = mutation(
    "checkout.commit", "Uses the coupons and pays from the card, both or neither.",
    checkoutParams + [
      .pin, .optional("expected_payable", .amount(minimum: 0), "The payable that was quoted."),
      .optional(
        "stored_value", .amount(minimum: 0), "What of it the card pays; nothing if left out."),
    ],
    result: [.text("checkout_id")] + quoteFields + [
      .integer("stored_value"), .entry, .account, .array("alerts"),
    ],
    refusals: [
      .pinFormat, .notFound, .accountClosed, .accountLost, .accountFrozen, .pinRequired,
      .pinNotSet, .pinLocked, .pinKeyMissing, .pinIncorrect, .payableChanged,
      .storedValueExceedsPayable, .limitExceeded, .firstDayLimit, .insufficientFunds,
      .declinedByRule,
    ],
    command: { params, _ throws(Answering) in
      let request = try params.checkoutRequest()
      let storedValue = params.amount("stored_value") ?? .zero
      guard request.account != nil || storedValue.isZero else {
        throw .invalid(
          InvalidParams(field: "/stored_value", message: "needs account_id or card_no"))
      }
      let pin = try params.optionalPIN("pin")
      guard request.account != nil || pin == nil else {
        throw .invalid(InvalidParams(field: "/pin", message: "needs account_id or card_no"))
      }
      return CommitCheckout(
        checkout: request, expectedPayable: params.amount("expected_payable"),
        storedValue: storedValue, pin: pin)
    },
    answer: { writer, entry in
      writer.name("checkout_id")
      writer.string(CheckoutID(entry.id).text)
      guard let paid = try? entry.checkout() else { return }
      writer.quote(
        paid.quote, of: paid.record.cart, refused: paid.record.refused,
        isOptimal: paid.record.isOptimal
      ) { RedemptionID(entry.id, index: UInt8($0)) }
      writer.name("stored_value")
      writer.amount(paid.storedValue)
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
      writer.alerts(of: entry)
    })

  static let checkoutRefund = mutation(
    "checkout.refund", "Takes goods back: money to its lots, and the coupons when all is back.",
    [
      .required("checkout_id", .text(1...64), "The checkout meant."),
      .optional("lines", .anything, "Line ids, or objects {line_id, quantity}."),
      .optional("all", .boolean, "Everything that is still with the customer."),
    ],
    result: [
      .text("checkout_id"), .integer("amount"), .integer("to_card"), .integer("to_pay_out"),
      .boolean("complete"), .array("coupons_returned"), .entry, .account,
    ],
    refusals: [.notFound, .accountClosed, .alreadyRefunded, .refundExceedsDebit],
    command: { params, _ throws(Answering) in
      let id = params.text("checkout_id").flatMap { CheckoutID(text: $0) }
      return RefundCheckout(
        checkout: id ?? CheckoutID(.unknown), goods: try params.goodsReturned())
    },
    answer: { writer, entry in
      for case .marked(let checkout, .returned(let goods)) in entry.changes {
        writer.name("checkout_id")
        writer.string(CheckoutID(checkout).text)
        writer.name("amount")
        writer.amount(goods.amount)
        writer.name("to_card")
        writer.amount(goods.toCard)
        writer.name("to_pay_out")
        writer.amount(goods.amount.clampedSubtracting(goods.toCard))
        writer.name("complete")
        writer.bool(goods.isWhole)
      }
      writer.name("coupons_returned")
      writer.beginArray()
      for coupon in entry.couponsReturned { writer.string(coupon.text) }
      writer.endArray()
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
    })
}

extension Entry {
  /// The coupons that came free again and can be used: a gift of a top-up that has been undone
  /// goes at once.
  fileprivate var couponsReturned: [CouponSerial] {
    var gone: Set<CouponSerial> = []
    for case .couponVoided(let voiding) in changes { gone.insert(voiding.coupon) }
    return changes.compactMap { change in
      guard case .couponUnredeemed(let undone) = change, !gone.contains(undone.coupon) else {
        return nil
      }
      return undone.coupon
    }
  }
}
