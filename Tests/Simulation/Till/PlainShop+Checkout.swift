// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Checkouts and what comes back of them (spec/coupon-life.md, Checkout).
extension PlainShop {
  /// A priced checkout, and what in its list is no coupon of this ledger.
  struct Sale {
    var cart: PlainCart
    var priced: PlainCart.Priced
    var unread: [Plain] = []
    var isAuto: Bool
  }

  func price(_ request: PlainRequest, _ card: Int?) -> Sale {
    let cart = PlainCart(request.params["cart"] ?? [:])
    let store = request.params["store_id"]?.text
    let held = request.params["reservation_ids"]?.list ?? []
    func candidates(_ numbers: [Int]) -> [PlainCart.Candidate] {
      numbers.map { number in
        let barrier = barrier(number, card, store: store, holding: held)
        return candidate(number, card, barrier: barrier)
      }
    }
    if request.params["coupons"]?.text == "auto" {
      let own = till.coupons.indices.filter { number in
        let coupon = till.coupons[number]
        return card != nil && coupon.owner == card && coupon.use == nil && coupon.voidAt == nil
      }
      return Sale(cart: cart, priced: cart.best(candidates(own), rules), isAuto: true)
    }
    var numbers: [Int] = []
    var unread: [Plain] = []
    for name in request.params["coupons"]?.list ?? [] {
      if let number = name.name.flatMap({ Self.number($0) }) {
        numbers.append(number)
      } else {
        unread.append(["coupon_id": .null, "reason": "malformed"])
      }
    }
    return Sale(
      cart: cart, priced: cart.price(candidates(numbers), rules), unread: unread, isAuto: false)
  }

  /// The members of a quote.
  func show(_ sale: Sale, madeBy entry: Int? = nil) -> Plain {
    let payable = sale.priced.payable
    return [
      "subtotal": .number(sale.cart.subtotal), "discount": .number(sale.cart.subtotal - payable),
      "payable": .number(payable),
      "applied": .list(
        sale.priced.applied.enumerated().map { index, applied in
          [
            "coupon_id": .name("coupon:\(applied.candidate.coupon)"),
            "redemption_id": entry.map { .name("redemption:\($0):\(index)") } ?? .absent,
            "discount": .number(applied.discount), "lines": shares(sale.cart, applied),
          ]
        }),
      "refused": .bag(
        sale.unread
          + sale.priced.refused.map {
            ["coupon_id": .name("coupon:\($0.candidate.coupon)"), "reason": .text($0.reason)]
          }),
      "optimal": sale.isAuto ? true : .null,
    ]
  }

  mutating func commit(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try optionalCard(request)
    let storedValue = request.params["stored_value"]?.number ?? 0
    if let card {
      try judgeStatus(card)
      try checkPIN(card, amount: storedValue, given: request.params["pin"]?.text)
    }
    let sale = price(request, card)
    let payable = sale.priced.payable
    if let expected = request.params["expected_payable"]?.number, expected != payable {
      throw PlainRefusal("payable_changed", "/expected_payable", ["payable": .number(payable)])
    }
    if storedValue > payable {
      throw PlainRefusal("stored_value_exceeds_payable", "/stored_value")
    }
    if let card, storedValue > 0 {
      try judgeSpending(card, storedValue, field: "/stored_value")
    }
    var uses: [Int] = []
    for (index, applied) in sale.priced.applied.enumerated() {
      uses.append(use(applied.candidate.coupon, card, index: index, applied.discount, request))
    }
    let taken = card.map { parts($0, storedValue) } ?? []
    let entry = sell(taken, newEntry("checkout", card, request))
    till.checkouts.append(
      PlainTill.Checkout(
        entry: entry, lines: sale.cart.lines, paid: sale.priced.left, payable: payable,
        storedValue: storedValue, coupons: sale.priced.applied.map(\.candidate.coupon),
        uses: uses, rules: rules, returned: sale.cart.lines.map { _ in 0 }))
    return show(sale, madeBy: entry).merging([
      "checkout_id": .name("checkout:\(entry)"), "stored_value": .number(storedValue),
      "entry": self.entry(entry, fresh: true), "account": card.map { account($0) } ?? .absent,
      "alerts": [],
    ])
  }

  // MARK: Returns

  mutating func takeBack(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    guard let name = request.params["checkout_id"]?.name.flatMap({ Self.number($0) }),
      let number = till.checkouts.firstIndex(where: { $0.entry == name })
    else { throw PlainRefusal("not_found", "/checkout_id") }
    let card = entries[till.checkouts[number].entry].card
    if let card { try judgeStatus(card, onlyClosed: true) }
    if till.checkouts[number].isWhole { throw PlainRefusal("already_refunded", "/checkout_id") }
    let after = try returned(request, till.checkouts[number])
    let amount = worth(of: after, till.checkouts[number])
    till.checkouts[number].returned = after
    till.checkouts[number].refunded += amount
    let checkout = till.checkouts[number]
    let due =
      checkout.payable == 0
      ? 0 : Self.share(checkout.refunded, checkout.storedValue, of: checkout.payable)
    let toCard = due - checkout.toCard
    till.checkouts[number].toCard = due
    var freed: [Plain] = []
    if checkout.isWhole {
      for (coupon, use) in zip(checkout.coupons, checkout.uses) where free(use) {
        freed.append(.name("coupon:\(coupon)"))
      }
    }
    var entry = newEntry("checkout_refund", card, request)
    entry.links = ["refunds": .name("entry:\(checkout.entry)")]
    if toCard > 0 { giveBack(checkout.entry, toCard, &entry) }
    let made = record(entry)
    lapse()
    return [
      "checkout_id": .name("checkout:\(checkout.entry)"), "amount": .number(amount),
      "to_card": .number(toCard), "to_pay_out": .number(amount - toCard),
      "complete": .bool(checkout.isWhole), "coupons_returned": .list(freed),
      "entry": self.entry(made, fresh: true), "account": card.map { account($0) } ?? .absent,
    ]
  }

  private static func share(_ part: Int, _ other: Int, of whole: Int) -> Int {
    whole.dividingFullWidth(part.multipliedFullWidth(by: other)).quotient
  }

  /// How many units of each line are back once this return is done.
  private func returned(
    _ request: PlainRequest, _ checkout: PlainTill.Checkout
  ) throws(PlainRefusal) -> [Int] {
    var after = checkout.returned
    guard let lines = request.params["lines"]?.list else { return checkout.lines.map(\.quantity) }
    for (index, line) in lines.enumerated() {
      let counted = line["quantity"]?.number
      func field(_ member: String) -> String {
        "/lines/\(index)" + (counted == nil ? "" : "/" + member)
      }
      guard
        let place = checkout.lines.firstIndex(where: {
          $0.id == line.text ?? line["line_id"]?.text
        })
      else { throw PlainRefusal("not_found", field("line_id")) }
      let left = checkout.lines[place].quantity - checkout.returned[place]
      let count = counted ?? left
      if left == 0 { throw PlainRefusal("already_refunded", field("quantity")) }
      if count > left {
        throw PlainRefusal("refund_exceeds_debit", field("quantity"), ["left": .number(left)])
      }
      after[place] += count
    }
    return after
  }

  /// What a return is worth (spec/coupons.md, Returns).
  private func worth(of after: [Int], _ checkout: PlainTill.Checkout) -> Int {
    let left = checkout.payable - checkout.refunded
    if after == checkout.lines.map(\.quantity) { return left }
    guard checkout.rules.reprices else {
      var due = 0
      for line in after.indices {
        let (paid, quantity) = (checkout.paid[line], checkout.lines[line].quantity)
        due += paid * after[line] / quantity - paid * checkout.returned[line] / quantity
      }
      return min(due, left)
    }
    var rest = PlainCart(lines: checkout.lines)
    for line in after.indices { rest.lines[line].quantity -= after[line] }
    rest.lines.removeAll { $0.quantity == 0 }
    let candidates = checkout.coupons.map { number in
      var candidate = candidate(number, nil, barrier: nil)
      candidate.room = PlainTill.Room()
      return candidate
    }
    return max(0, left - rest.price(candidates, checkout.rules).payable)
  }
}
