// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The combination of coupons that makes a cart cheapest (contract §5, checkout.quote, `auto`).
package enum Combination {
  /// What the proof may cost when nobody says otherwise: some tens of milliseconds.
  package static let defaultEffort = 1_000_000

  /// The permitted combination with the smallest payable; of equal ones the one with the fewest
  /// coupons, then with the earliest expiries, then with the smallest ids.
  ///
  /// Permitted is what `Pricing.price` takes whole. Every coupon that is not used is refused with
  /// its reason; `notCombinable` then also names one that could be taken beside the others but
  /// would make nothing cheaper. The answer does not depend on the order of the list.
  ///
  /// - Parameters:
  ///   - allowances: what the caps of campaigns leave; a campaign that is absent has none.
  ///   - effort: what the proof may cost; one unit is about the cost of looking at one line. Where
  ///     that is not enough, the best combination found is answered, and `isOptimal` is false
  ///     unless nothing is left to take off. The same input always ends at the same answer.
  package static func best(
    for cart: Cart, among coupons: [PricedCoupon], rules: CouponRules,
    allowances: [CampaignID: Allowance] = [:], effort: Int = defaultEffort
  ) -> Quote {
    let ordered = rules.inOrder(coupons).map { coupons[$0] }
    let distinct = ordered.enumerated().filter { place, coupon in
      place == 0 || ordered[place - 1].id != coupon.id
    }
    let free = distinct.map(\.element).filter { $0.barrier == nil }
    let limit = rules.maximumPerCheckout ?? free.count
    let table = SearchTable(free, cart: cart, limit: limit, allowances: allowances)
    var search = CombinationSearch(table, effort: effort)
    let chosen = search.run()
    let report = CombinationReport(
      table, chosen: chosen, isFull: chosen.count >= limit,
      start: PricingRun(cart: cart, rules: rules, allowances: allowances))
    return report.quote(of: ordered, isOptimal: search.isProved)
  }
}

/// Prices a chosen combination, and says of every other coupon why it is not in it.
private struct CombinationReport {
  private let table: SearchTable
  private let chosen: Set<Int>
  private let isFull: Bool
  /// Before anything is taken.
  private let start: PricingRun
  /// After the whole combination.
  private let whole: PricingRun

  init(_ table: SearchTable, chosen: [Int], isFull: Bool, start: PricingRun) {
    self.table = table
    self.chosen = Set(chosen)
    self.isFull = isFull
    self.start = start
    var whole = start
    for place in chosen { whole.judge(table.coupons[place], table.fitted(place)) }
    precondition(whole.applied.count == chosen.count, "the chosen combination is permitted")
    self.whole = whole
  }

  /// - Parameter coupons: all there are, in the order of application.
  func quote(of coupons: [PricedCoupon], isOptimal: Bool) -> Quote {
    var run = start
    var place = 0
    var last: CouponID?
    for coupon in coupons {
      if coupon.id == last {
        run.refuse(coupon, .duplicate)
      } else if let barrier = coupon.barrier {
        run.refuse(coupon, barrier)
      } else {
        if chosen.contains(place) {
          run.judge(coupon, table.fitted(place))
        } else {
          run.refuse(coupon, reason(against: coupon, table.fitted(place), left: run.left))
        }
        place += 1
      }
      last = coupon.id
    }
    return run.quote(isOptimal: isOptimal)
  }

  /// Why a coupon is not used: first what bars it even alone, then what bars it beside the
  /// combination, where `left` is what the lines have left at its turn.
  private func reason(
    against coupon: PricedCoupon, _ fitted: FittedCoupon, left: LinesLeft
  ) -> CouponRefusal {
    let alone = start.reason(against: coupon, fitted.outcome(on: start.left))
    if let alone { return alone }
    if !whole.company.admits(coupon.terms.stacking) { return .notCombinable }
    if isFull { return .checkoutLimit }
    return whole.reason(against: coupon, fitted.outcome(on: left)) ?? .notCombinable
  }
}

extension PricingRun {
  /// Why a coupon that comes to this would be refused; nil when there is room for it.
  fileprivate func reason(
    against coupon: PricedCoupon, _ outcome: FittedCoupon.Outcome
  ) -> CouponRefusal? {
    switch outcome {
    case .belowMinimum: .belowMinimum
    case .nothing: .noEligibleItems
    case .discount(let discount):
      room.has(roomFor: discount, of: coupon) ? nil : .capReached
    }
  }
}
