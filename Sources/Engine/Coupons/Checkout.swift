// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
package import LedgerCore
import Store
import StoredValue

/// The coupons a checkout is to take.
package enum CouponsAsked: Sendable {
  case named([CouponName])
  /// The account's own, as many and which make it cheapest.
  case auto
}

/// What a checkout asks for: quoted first, then committed.
package struct CheckoutRequest: Sendable {
  package let cart: Cart
  package let coupons: CouponsAsked
  package let account: AccountName?
  package let reservations: Set<ReservationID>

  package init(
    cart: Cart, coupons: CouponsAsked, account: AccountName?,
    reservations: Set<ReservationID> = []
  ) {
    self.cart = cart
    self.coupons = coupons
    self.account = account
    self.reservations = reservations
  }
}

/// A priced checkout, with the coupons that were looked at.
package struct PricedCheckout: Sendable {
  package let quote: Quote
  /// Whether nothing is better; nil for a list that the caller chose.
  package let isOptimal: Bool?
  /// Of a list: what could not be read as a coupon of this ledger, by its place in the list.
  package let unread: [UnreadCoupon]
  /// By the coupon's id.
  package let facts: [CouponID: CouponFacts]

  /// A named coupon that is none of this ledger's.
  package struct UnreadCoupon: Sendable {
    package let name: CouponName
    package let code: RefusalCode
  }
}

extension CouponDesk {
  /// How many open coupons of an account `auto` looks at; where there are more, nothing is claimed
  /// to be best.
  private static let autoLimit = 1000

  /// Prices a cart with the coupons that were asked for.
  func price(
    _ request: CheckoutRequest, store: String?, account: Account?
  ) throws(StoreError) -> PricedCheckout {
    var unread: [PricedCheckout.UnreadCoupon] = []
    var found: [CouponFacts] = []
    var isWhole = true
    switch request.coupons {
    case .named(let names):
      for name in names {
        switch try look(name) {
        case .success(let facts): found.append(facts)
        case .failure(let refusal): unread.append(.init(name: name, code: refusal.code))
        }
      }
    case .auto:
      guard let account else { break }
      let open = try working.coupons(
        .owned(by: account.id, open: true), after: nil, limit: Self.autoLimit + 1)
      isWhole = open.count <= Self.autoLimit
      for coupon in open.prefix(Self.autoLimit) { found.append(try facts(of: coupon)) }
    }
    let occasion = occasion(store: store, account: account)
    // The coupons of `auto` are all of one account, whose share then bounds the whole campaign.
    let isList = if case .named = request.coupons { true } else { false }
    var allowances: [CampaignID: Allowance] = [:]
    var coupons: [PricedCoupon] = []
    for facts in found {
      let barrier = barrier(to: facts, on: occasion, holding: request.reservations)
      let share = isList ? try share(of: facts, account: account?.id) : nil
      let coupon = priced(facts, barrier: barrier, share: share)
      coupons.append(coupon)
      allowances[coupon.campaign] =
        isList
        ? facts.terms.caps.allowance(of: facts.campaign.counts, share: nil, on: date)
        : try allowance(for: facts, account: account?.id)
    }
    let facts = Dictionary(zip(coupons.map(\.id), found)) { first, _ in first }
    let quote: Quote
    switch request.coupons {
    case .named:
      quote = Pricing.price(request.cart, with: coupons, rules: rules, allowances: allowances)
    case .auto:
      quote = Combination.best(
        for: request.cart, among: coupons, rules: rules, allowances: allowances)
    }
    return PricedCheckout(
      quote: quote, isOptimal: quote.isOptimal.map { $0 && isWhole }, unread: unread, facts: facts)
  }

  private func look(
    _ name: CouponName
  ) throws(StoreError) -> Result<CouponFacts, Refusal> {
    let serial: CouponSerial
    do {
      serial = try self.serial(of: name)
    } catch {
      return .failure(error)
    }
    guard let facts = try facts(serial) else {
      return .failure(Refusal(.notFound, field: name.field))
    }
    return .success(facts)
  }
}
