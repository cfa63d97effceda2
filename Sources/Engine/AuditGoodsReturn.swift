// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import StoredValue

/// Goods that come back: no more than were bought, and the money and the coupons with them.
extension Audit.References {
  func checkGoodsReturn(_ entry: Entry, _ marks: EntryMarks, _ original: Entry?) {
    guard let original, original.kind == .checkout, let paid = try? original.checkout() else {
      return
    }
    for case .marked(_, .returned(let goods)) in entry.changes {
      checkUnits(goods, entry, marks, of: paid)
      checkMoney(goods, entry, marks, original, of: paid)
      let undone = entry.changes.compactMap { change in
        if case .couponUnredeemed(let undone) = change { undone } else { nil }
      }
      if undone != (goods.isWhole ? original.unredemptions : []) {
        findings.add("it does not give back the coupons of its checkout", at: entry.id, breaking: 5)
      }
    }
    if marks.isReturned {
      findings.add("its checkout had come back whole before", at: entry.id, breaking: 5)
    }
  }

  private func checkUnits(
    _ goods: Change.GoodsReturn, _ entry: Entry, _ marks: EntryMarks, of paid: PaidCheckout
  ) {
    let lines = paid.record.cart.lines
    var returned = lines.indices.map { marks.returned[$0] ?? 0 }
    for units in goods.units {
      guard lines.indices.contains(units.line), units.quantity > 0,
        units.quantity <= lines[units.line].quantity - returned[units.line]
      else {
        findings.add("more units come back than were bought", at: entry.id, breaking: 4)
        return
      }
      returned[units.line] += units.quantity
    }
    if goods.isWhole != zip(returned, lines).allSatisfy({ $0 == $1.quantity }) {
      findings.add("it does not say rightly whether all has come back", at: entry.id)
    }
  }

  private func checkMoney(
    _ goods: Change.GoodsReturn, _ entry: Entry, _ marks: EntryMarks, _ original: Entry,
    of paid: PaidCheckout
  ) {
    let payable = paid.quote.payable
    guard let all = marks.paidBack.adding(goods.amount), all <= payable,
      !goods.isWhole || all == payable
    else {
      findings.add("it does not give back what was paid", at: entry.id, breaking: 4)
      return
    }
    let due =
      payable.isZero
      ? .zero
      : Rounding.down(all, times: paid.storedValue.minorUnits, over: payable.minorUnits)
    guard let toCard = marks.refunded.adding(goods.toCard), toCard == max(due, marks.refunded),
      goods.toCard == entry.amount
    else {
      findings.add("it does not give the card its part", at: entry.id, breaking: 4)
      return
    }
    if !entry.amount.isZero { checkReturn(entry, of: original, after: marks.refunded) }
  }
}
