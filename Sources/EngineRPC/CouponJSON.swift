// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import Engine
import JSON
import LedgerCore

extension JSONWriter {
  /// A campaign: its terms, flat, and where it stands.
  mutating func campaign(
    _ number: CampaignNumber, _ terms: CampaignTerms, createdAt: Instant, isPaused: Bool,
    counts: UseCounts
  ) {
    beginObject()
    name("campaign_id")
    string(number.text)
    if case .object(let members) = terms.document {
      for member in members {
        name(member.name)
        raw(Array(member.value.canonicalText.utf8))
      }
    }
    name("status")
    string(isPaused ? "paused" : "active")
    name("created_at")
    string(createdAt)
    name("issued")
    integer(counts.issued)
    name("redeemed")
    integer(counts.uses)
    name("discount_given")
    integer(Int64(clamping: counts.spent))
    endObject()
  }

  /// A coupon with what became of it, as of `now`.
  mutating func coupon(_ facts: CouponFacts, at now: Instant) {
    let coupon = facts.coupon
    beginObject()
    name("coupon_id")
    string(coupon.serial)
    name("campaign_id")
    string(coupon.campaign.text)
    name("name")
    string(facts.terms.name)
    name("kind")
    string(facts.terms.benefit.kind.rawValue)
    name("account_id")
    optional(coupon.owner)
    name("status")
    string(coupon.status(at: now))
    name("issued_at")
    string(coupon.issuedAt)
    name("valid_until")
    optional(coupon.end)
    name("reserved_until")
    optional(coupon.reservation(at: now)?.until)
    name("topup_entry_id")
    optional(coupon.topUp)
    name("redemption")
    if let use = coupon.use { redemption(use) } else { null() }
    endObject()
  }

  private mutating func redemption(_ use: Coupon.Use) {
    beginObject()
    name("redemption_id")
    string(use.redemption.text)
    name("at")
    string(use.at)
    name("store_id")
    optional(use.store)
    name("terminal_id")
    optional(use.terminal)
    name("account_id")
    optional(use.account)
    name("discount")
    optional(use.discount)
    name("checkout_id")
    optional(use.inCheckout ? CheckoutID(use.redemption.madeBy).text : nil)
    endObject()
  }

  /// Issued coupons with their payloads.
  mutating func issued(_ issues: [Change.Issue], _ engine: Engine) {
    beginArray()
    for issue in issues {
      let end = issue.end?.text
      for (serial, payload) in zip(issue.coupons, engine.payloads(of: issue)) {
        beginObject()
        name("coupon_id")
        string(serial)
        name("campaign_id")
        string(issue.campaign.text)
        name("payload")
        string(payload)
        name("valid_until")
        optional(end)
        endObject()
      }
    }
    endArray()
  }

  /// What one coupon takes off: `discount`, `payable` and `lines`, null where no price was asked.
  mutating func worth(_ quote: Quote?, of cart: Cart?) {
    name("discount")
    optional(quote?.discount)
    name("payable")
    optional(quote?.payable)
    name("lines")
    guard let cart, let applied = quote?.applied.first else { return null() }
    shares(applied.shares, of: cart)
  }

  private mutating func shares(_ shares: [Quote.Share], of cart: Cart) {
    beginArray()
    for share in shares {
      beginObject()
      name("line_id")
      string(cart.lines[share.line].id.text)
      name("discount")
      amount(share.amount)
      endObject()
    }
    endArray()
  }

  /// The members of a quote.
  ///
  /// - Parameter redemption: the use that a coupon was put to, where it was.
  mutating func quote(
    _ quote: Quote, of cart: Cart, refused: [CheckoutRecord.Refused], isOptimal: Bool?,
    redemption: (Int) -> RedemptionID? = { _ in nil }
  ) {
    name("subtotal")
    amount(quote.subtotal)
    name("discount")
    amount(quote.discount)
    name("payable")
    amount(quote.payable)
    name("applied")
    beginArray()
    for (index, applied) in quote.applied.enumerated() {
      beginObject()
      name("coupon_id")
      string(applied.coupon.text)
      if let redemption = redemption(index) {
        name("redemption_id")
        string(redemption.text)
      }
      name("discount")
      amount(applied.discount)
      name("lines")
      shares(applied.shares, of: cart)
      endObject()
    }
    endArray()
    name("refused")
    beginArray()
    for refused in refused {
      beginObject()
      name("coupon_id")
      optional(refused.coupon)
      name("reason")
      string(refused.reason)
      endObject()
    }
    endArray()
    name("optimal")
    if let isOptimal { bool(isOptimal) } else { null() }
  }
}

extension Coupon {
  /// Where it stands, for people.
  func status(at now: Instant) -> String {
    switch state {
    case .redeemed: return "redeemed"
    case .void: return "void"
    case .free, .reserved: break
    }
    if let end, now >= end { return "expired" }
    return reservation(at: now) == nil ? "issued" : "reserved"
  }
}
