// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// The price of a cart with a list of coupons (contract §9, Coupon arithmetic; spec/coupons.md).
package enum Pricing {
  /// Prices a list that somebody chose.
  ///
  /// Coupons are taken in the order of application whatever the order of the list: by kind as the
  /// program orders them, inside a kind by the bytes of their ids. Each sees what those before it
  /// left of its lines. A coupon that is refused changes nothing for those after it.
  ///
  /// - Parameters:
  ///   - coupons: one named twice counts once and is refused once, as `duplicate`.
  ///   - allowances: what the caps of campaigns leave; a campaign that is absent has none.
  package static func price(
    _ cart: Cart, with coupons: [PricedCoupon], rules: CouponRules,
    allowances: [CampaignID: Allowance] = [:]
  ) -> Quote {
    var run = PricingRun(cart: cart, rules: rules, allowances: allowances)
    // What a scanner asks for: one coupon needs no order, and cannot be named twice.
    if coupons.count == 1 {
      run.judge(coupons[0])
      return run.quote(isOptimal: nil)
    }
    var last: CouponID?
    for index in rules.inOrder(coupons) {
      let coupon = coupons[index]
      if coupon.id == last {
        run.refuse(coupon, .duplicate)
      } else {
        run.judge(coupon)
      }
      last = coupon.id
    }
    return run.quote(isOptimal: nil)
  }
}

extension CouponRules {
  /// The indices of coupons in the order in which they take effect (contract §9).
  func inOrder(_ coupons: [PricedCoupon]) -> [Int] {
    let ranks = coupons.map { rank(of: $0.terms.benefit.kind) }
    return coupons.indices.sorted {
      ranks[$0] == ranks[$1] ? coupons[$0].id < coupons[$1].id : ranks[$0] < ranks[$1]
    }
  }

  /// The place of a kind in the order of application.
  private func rank(of kind: CouponKind) -> Int {
    guard let rank = applicationOrder.firstIndex(of: kind) else {
      preconditionFailure("the order of application names every kind")
    }
    return rank
  }
}

/// One pass over coupons in the order of application.
struct PricingRun {
  private let cart: Cart
  private let limit: Int
  /// What the lines have left after the coupons that were taken.
  private(set) var left: LinesLeft
  private(set) var company = Company()
  private(set) var room: CapRoom
  private(set) var applied: [Quote.Applied] = []
  private var refused: [Quote.Refused] = []
  private var shares: [Int64] = []
  private var remainders: [Int64] = []

  init(cart: Cart, rules: CouponRules, allowances: [CampaignID: Allowance]) {
    self.cart = cart
    limit = rules.maximumPerCheckout ?? .max
    left = LinesLeft(cart)
    room = CapRoom(allowances)
  }

  mutating func refuse(_ coupon: PricedCoupon, _ reason: CouponRefusal) {
    refused.append(Quote.Refused(coupon: coupon.id, reason: reason))
  }

  /// Takes the coupon or refuses it, whatever bars it first.
  mutating func judge(_ coupon: PricedCoupon) {
    if let barrier = coupon.barrier { return refuse(coupon, barrier) }
    judge(coupon, FittedCoupon(coupon.terms, to: cart))
  }

  /// Takes the coupon or refuses it, in the order of `CouponRefusal`.
  mutating func judge(_ coupon: PricedCoupon, _ fitted: FittedCoupon) {
    guard company.admits(coupon.terms.stacking) else { return refuse(coupon, .notCombinable) }
    guard applied.count < limit else { return refuse(coupon, .checkoutLimit) }
    switch fitted.outcome(on: left) {
    case .belowMinimum: refuse(coupon, .belowMinimum)
    case .nothing: refuse(coupon, .noEligibleItems)
    case .discount(let discount):
      guard room.has(roomFor: discount, of: coupon) else {
        return refuse(coupon, .capReached)
      }
      // The point of no return: from here on the coupon is taken.
      company.take(coupon.terms.stacking)
      room.use(discount, of: coupon)
      apply(fitted, discount, of: coupon.id)
    }
  }

  private mutating func apply(_ fitted: FittedCoupon, _ discount: Int64, of coupon: CouponID) {
    var given: [Quote.Share] = []
    if let choice = fitted.choice {
      for units in choice.units(of: left) {
        left.give(units: units.units, ofLine: units.line)
        given.append(Quote.Share(line: units.line, amount: Amount(units.worth)))
      }
      given.sort { $0.line < $1.line }
    } else if fitted.lines.count == 1 {
      given = [Quote.Share(line: fitted.lines[0], amount: Amount(discount))]
    } else {
      let weights = fitted.lines.map { left.amounts[$0] }
      Distribution.spread(
        discount, over: weights, sum: weights.reduce(0, +), into: &shares, using: &remainders)
      for (line, share) in zip(fitted.lines, shares) where share > 0 {
        given.append(Quote.Share(line: line, amount: Amount(share)))
      }
    }
    for share in given { left.take(share.amount.minorUnits, offLine: share.line) }
    precondition(given.reduce(0) { $0 + $1.amount.minorUnits } == discount, "shares sum exactly")
    applied.append(Quote.Applied(coupon: coupon, discount: Amount(discount), shares: given))
  }

  func quote(isOptimal: Bool?) -> Quote {
    let discount = applied.reduce(into: Amount.zero) { $0 += $1.discount }
    return Quote(
      subtotal: cart.subtotal, discount: discount, payable: cart.subtotal - discount,
      applied: applied, refused: refused, isOptimal: isOptimal)
  }
}
