// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
package import LedgerCore
import Store
import StoredValue

/// Takes goods back, as `checkout.refund` asks: money to its lots, coupons when all is back.
package struct RefundCheckout: Command {
  package static let method = RequestMethod.checkoutRefund

  /// What comes back.
  package enum Goods: Sendable {
    case all
    /// At least one; a line without a quantity comes back with all that is left of it.
    case lines([(id: Label, quantity: Int64?)])
  }

  package let checkout: CheckoutID
  package let goods: Goods

  package init(checkout: CheckoutID, goods: Goods) {
    self.checkout = checkout
    self.goods = goods
  }

  package var subject: Subject { .entry(checkout.entry) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let found = try reading { () throws(StoreError) in try desk.working.entry(checkout.entry) }
    guard let original = found, original.kind == .checkout else {
      throw .refused(Refusal(.notFound, field: "/checkout_id"))
    }
    let marks = try reading { () throws(StoreError) in try desk.working.marks(of: original.id) }
    let judged = try judge(original, marks, desk)
    guard let owner = original.account else {
      let changes: Changes
      switch judged {
      case .failure(let refusal): throw .refused(refusal)
      case .success(let found): changes = found
      }
      return try desk.entry(
        .checkoutRefund, changes.changes, links: [Entry.Link(.refunds, original.id)],
        postings: .discountUndone(changes.discountUndone))
    }
    let account = try desk.account(.id(owner))
    let context = try desk.context(for: account.id)
    let toCard = (try? judged.get())?.toCard ?? .zero
    return Decided(
      account.refundCheckout(
        original, marks: marks, toCard: toCard, in: context
      ) { draft throws(Refusal) in
        let changes = try judged.get()
        draft.links = [Entry.Link(.refunds, original.id)]
        for change in changes.changes { draft.record(change) }
        for posting in [Posting].discountUndone(changes.discountUndone) { draft.postLeg(posting) }
      })
  }

  /// What the return changes, or why there is none; the card's own state is not asked.
  private func judge(
    _ original: Entry, _ marks: EntryMarks, _ desk: Desk
  ) throws(Interruption) -> Result<Changes, Refusal> {
    if marks.isReturned {
      return .failure(Refusal(.alreadyRefunded, field: "/checkout_id"))
    }
    let paid = try paid(original, marks)
    let refund: PaidCart.Refund
    do {
      refund = try self.refund(paid, desk)
    } catch .refused(let refusal) {
      return .failure(refusal)
    }
    var changes = changes(paid, refund, of: original, marks)
    if refund.isWhole {
      changes.changes += try desk.withdrawal(ofFreed: original.unredemptions)
    }
    return .success(changes)
  }

  private typealias Paid = (checkout: PaidCheckout, cart: PaidCart)

  private func paid(_ original: Entry, _ marks: EntryMarks) throws(Interruption) -> Paid {
    let checkout: PaidCheckout?
    do {
      checkout = try original.checkout()
    } catch {
      throw .store(.damaged(entry: original.id, reason: error.reason))
    }
    guard let checkout else {
      throw .store(.damaged(entry: original.id, reason: "a checkout without a cart"))
    }
    let cart = checkout.record.cart
    let returned = cart.lines.indices.map { marks.returned[$0] ?? 0 }
    let fits = zip(returned, cart.lines).allSatisfy { $0 >= 0 && $0 <= $1.quantity }
    guard fits, marks.paidBack <= checkout.quote.payable else {
      throw .store(.damaged(entry: original.id, reason: "more came back than was bought"))
    }
    return (
      checkout,
      PaidCart(cart: cart, quote: checkout.quote, returned: returned, refunded: marks.paidBack)
    )
  }

  private func refund(_ paid: Paid, _ desk: Desk) throws(Interruption) -> PaidCart.Refund {
    var priced: [PricedCoupon] = []
    if paid.checkout.record.rules.partialReturn == .reprice {
      let coupons = desk.coupons
      for applied in paid.checkout.quote.applied {
        guard let serial = CouponSerial(text: applied.coupon.text) else { continue }
        let facts = try reading { () throws(StoreError) in try coupons.facts(serial) }
        if let facts { priced.append(coupons.priced(facts, barrier: nil)) }
      }
    }
    do {
      return try paid.cart.refund(
        of: lines(of: paid.cart), coupons: priced, rules: paid.checkout.record.rules)
    } catch {
      throw .refused(refusal(error))
    }
  }

  /// Points at the line, or at its member where the line was given as an object with a quantity.
  private func refusal(_ problem: PaidCart.Problem) -> Refusal {
    func place(_ index: Int, _ member: String) -> String {
      guard case .lines(let lines) = goods, lines[index].quantity != nil else {
        return "/lines/\(index)"
      }
      return "/lines/\(index)/\(member)"
    }
    return switch problem {
    case .unknownLine(let index): Refusal(.notFound, field: place(index, "line_id"))
    case .lineTwice(let index): Refusal(.refundExceedsDebit, field: place(index, "line_id"))
    case .quantity(let index, let left):
      Refusal(
        left == 0 ? .alreadyRefunded : .refundExceedsDebit, field: place(index, "quantity"),
        details: [.init("left", .integer(left))])
    }
  }

  private func lines(of cart: PaidCart) -> [PaidCart.ReturnedLine] {
    let left = zip(cart.cart.lines, cart.returned).map { line, returned in
      PaidCart.ReturnedLine(id: line.id, quantity: line.quantity - returned)
    }
    switch goods {
    case .all: return left.filter { $0.quantity > 0 }
    case .lines(let lines):
      return lines.map { line in
        let all = left.first { $0.id == line.id }?.quantity
        return PaidCart.ReturnedLine(id: line.id, quantity: line.quantity ?? all ?? 1)
      }
    }
  }

  private typealias Changes = (changes: [Change], toCard: Amount, discountUndone: Amount)

  /// What of a return goes to the card: of all that was given back so far the part that the card
  /// paid of the whole, rounded down, less what it has had.
  private func changes(
    _ paid: Paid, _ refund: PaidCart.Refund, of original: Entry, _ marks: EntryMarks
  ) -> Changes {
    let payable = paid.checkout.quote.payable
    var due = Amount.zero
    if !payable.isZero {
      due = Rounding.down(
        refund.after.refunded, times: paid.checkout.storedValue.minorUnits,
        over: payable.minorUnits)
    }
    let toCard = due.clampedSubtracting(marks.refunded)
    let units = zip(refund.after.returned, paid.cart.returned).enumerated().compactMap {
      line, counts in
      let came = counts.0 - counts.1
      return came == 0 ? nil : Change.GoodsReturn.Units(line: line, quantity: came)
    }
    var changes: [Change] = [
      .marked(
        original.id,
        .returned(
          Change.GoodsReturn(
            units: units, amount: refund.amount, toCard: toCard, isWhole: refund.isWhole)))
    ]
    guard refund.isWhole else { return (changes, toCard, .zero) }
    changes += original.unredemptions.map { .couponUnredeemed($0) }
    return (changes, toCard, paid.checkout.quote.discount)
  }
}
