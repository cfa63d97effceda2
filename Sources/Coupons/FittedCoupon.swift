// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// A coupon's promise fitted to one cart: which lines it looks at, and what it does with them.
struct FittedCoupon {
  let benefit: Benefit
  /// The lines in scope, in their order.
  let lines: [Int]
  /// Only of an item coupon.
  let choice: ItemChoice?
  /// What the lines must have left at its turn; 0 without a minimum.
  let minimumSpend: Int64

  init(_ terms: CampaignTerms, to cart: Cart) {
    let lines = cart.lines.indices.filter { terms.scope.includes(cart.lines[$0]) }
    self.init(terms, to: cart, lines: lines)
  }

  /// For a caller that knows the lines in scope.
  init(_ terms: CampaignTerms, to cart: Cart, lines: [Int]) {
    benefit = terms.benefit
    minimumSpend = terms.minimumSpend?.minorUnits ?? 0
    self.lines = lines
    if case .item(let sku, let quantity) = terms.benefit {
      choice = ItemChoice(
        lines.filter { cart.lines[$0].sku == sku }, in: cart, wanted: quantity)
    } else {
      choice = nil
    }
  }

  /// What the coupon comes to at its turn.
  enum Outcome: Equatable {
    case discount(Int64)
    case belowMinimum
    case nothing
  }

  /// Judges the minimum first, then what is given.
  func outcome(on left: LinesLeft) -> Outcome {
    let eligible = left.sum(of: lines)
    guard eligible >= minimumSpend else { return .belowMinimum }
    let discount: Int64
    if let choice {
      discount = choice.units(of: left).reduce(0) { $0 + $1.worth }
    } else {
      if let least = benefit.leastStep, eligible < least { return .belowMinimum }
      discount = benefit.discount(of: eligible)
    }
    return discount > 0 ? .discount(discount) : .nothing
  }
}
