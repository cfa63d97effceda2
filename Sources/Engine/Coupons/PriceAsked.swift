// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
package import LedgerCore
import Store

/// What a coupon is to be taken off.
package enum PriceAsked: Sendable {
  case cart(Cart)
  case amount(Amount)
  /// The till reckons for itself; minimums and scopes are not judged.
  case nothing

  /// The cart it stands for.
  package var cart: Cart? {
    switch self {
    case .cart(let cart): cart
    case .amount(let amount): Cart(amount: amount)
    case .nothing: nil
    }
  }
}

/// What the use of one coupon comes to.
package struct CouponWorth: Sendable {
  /// nil where no price was asked.
  package let quote: Quote?
  /// What the quote is of.
  package let cart: Cart?

  package var discount: Amount? { quote?.discount }
}

extension CouponDesk {
  /// Judges the use of one coupon; throws its reason where it cannot be used.
  func worth(
    of facts: CouponFacts, for price: PriceAsked, account: AccountID?, barrier: CouponRefusal?
  ) throws(StoreError) -> Result<CouponWorth, CouponRefusal> {
    if let barrier { return .failure(barrier) }
    let allowance = try allowance(for: facts, account: account)
    guard let cart = price.cart else {
      if allowance?.redemptions == 0 || allowance?.budget == .zero { return .failure(.capReached) }
      return .success(CouponWorth(quote: nil, cart: nil))
    }
    let coupon = priced(facts, barrier: nil)
    let quote = Pricing.price(
      cart, with: [coupon], rules: rules,
      allowances: allowance.map { [coupon.campaign: $0] } ?? [:])
    if let refused = quote.refused.first { return .failure(refused.reason) }
    return .success(CouponWorth(quote: quote, cart: cart))
  }
}
