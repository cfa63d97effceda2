// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore

/// Terms that are accepted can be kept and read again.
struct TermsTarget: FuzzTarget {
  let name = "terms"

  func run(_ input: [UInt8]) {
    guard let document = try? JSONDocument.parse(input),
      let terms = try? CampaignTerms.decode(document.root)
    else { return }
    guard let again = try? CampaignTerms.decode(encoded: terms.encoded) else {
      fatalError("terms that were accepted cannot be read again")
    }
    expect(again == terms && again.encoded == terms.encoded, "terms have changed on the way")
  }
}

/// `{"cart": …, "coupons": [terms…]}`: prices add up, and the best is no worse than any other.
struct CartsTarget: FuzzTarget {
  let name = "carts"

  func run(_ input: [UInt8]) {
    guard let document = try? JSONDocument.parse(input),
      let cart = document.root["cart"].flatMap({ try? Cart.decode($0) }),
      let list = document.root["coupons"]
    else { return }
    var coupons: [PricedCoupon] = []
    for element in list.elements.prefix(6) {
      guard let terms = try? CampaignTerms.decode(element) else { continue }
      let number = coupons.count
      coupons.append(
        PricedCoupon(
          id: CouponID("cpn_\(number)"), campaign: CampaignID("cmp_\(number)"), terms: terms,
          expiresAt: nil))
    }
    let rules = CouponRules()
    let all = Pricing.price(cart, with: coupons, rules: rules)
    let best = Combination.best(for: cart, among: coupons, rules: rules, effort: 100_000)
    check(all, cart)
    check(best, cart)
    if best.isOptimal == true {
      expect(best.payable <= all.payable, "the best is worse than all")
      for coupon in coupons {
        let one = Pricing.price(cart, with: [coupon], rules: rules)
        check(one, cart)
        expect(best.payable <= one.payable, "the best is worse than one")
      }
    }
  }

  private func check(_ quote: Quote, _ cart: Cart) {
    expect(quote.discount + quote.payable == quote.subtotal, "a quote does not add up")
    expect(quote.payable >= .zero && quote.discount >= .zero, "a quote is negative")
    var off = [Amount](repeating: .zero, count: cart.lines.count)
    for applied in quote.applied {
      var sum = Amount.zero
      for share in applied.shares {
        sum += share.amount
        off[share.line] += share.amount
      }
      expect(sum == applied.discount, "shares do not add up")
    }
    for (line, amount) in zip(cart.lines, off) {
      expect(amount <= line.total, "a line is given more than it costs")
    }
  }
}
