// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What a customer is about to buy: 1 … 500 lines whose ids differ, in the till's order.
///
/// The subtotal is at most 10^12 minor units, so that every sum and product of pricing is bounded.
package struct Cart: Equatable, Sendable {
  package let lines: [Line]
  package let subtotal: Amount

  /// Traps where decoding would have refused.
  init(lines: [Line]) {
    self.lines = lines
    subtotal = lines.reduce(into: .zero) { $0 += $1.total }
    precondition(subtotal <= .requestLimit, "a cart's subtotal is bounded")
  }

  /// The cart that an amount stands for.
  ///
  /// One line at full price, without SKU or category (contract §9). Traps above 10^12.
  package init(amount: Amount) {
    self.init(lines: [Line(id: Label("amount"), quantity: 1, unitPrice: amount)])
  }

  /// One article, so many times.
  package struct Line: Equatable, Sendable {
    package let id: Label
    /// nil only in the cart of an amount.
    package let sku: Label?
    package let category: Label?
    /// At least 1.
    package let quantity: Int64
    package let unitPrice: Amount
    /// Whether the unit price is not reduced already.
    package let isFullPrice: Bool

    init(
      id: Label, sku: Label? = nil, category: Label? = nil, quantity: Int64, unitPrice: Amount,
      isFullPrice: Bool = true
    ) {
      self.id = id
      self.sku = sku
      self.category = category
      self.quantity = quantity
      self.unitPrice = unitPrice
      self.isFullPrice = isFullPrice
    }

    /// Quantity × unit price, at most 10^12.
    package var total: Amount { unitPrice.multiplied(by: quantity, atMost: .accountCeiling) }

    /// The same article in another quantity.
    func with(quantity: Int64) -> Line {
      Line(
        id: id, sku: sku, category: category, quantity: quantity, unitPrice: unitPrice,
        isFullPrice: isFullPrice)
    }
  }
}
