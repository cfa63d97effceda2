// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Account {
  /// Gives back a debit or capture, whole or in part, in reverse order of consumption.
  ///
  /// Refuses with `account_closed`, `not_refundable`, `already_reversed`, `already_refunded`,
  /// `refund_exceeds_debit`, in this order. All refunds together are at most the debit (INV-4).
  package func refund(
    _ original: Entry, marks: EntryMarks, amount: Amount?, in context: DecisionContext
  ) -> Decision {
    decide(.refund, in: context, status: .notClosed) { draft throws(Refusal) in
      guard original.isSpending, original.account == id else {
        throw Refusal(.notRefundable, field: "/entry_id")
      }
      if marks.isReversed { throw Refusal(.alreadyReversed, field: "/entry_id") }
      let left = original.amount - marks.refunded
      if left.isZero { throw Refusal(.alreadyRefunded, field: "/entry_id") }
      let given = amount ?? left
      guard given <= left else {
        throw Refusal(
          .refundExceedsDebit, field: "/amount",
          details: [.init("refundable", left), .init("requested", given)])
      }
      draft.amount = given
      draft.links = [Entry.Link(.refunds, original.id)]
      draft.giveBack(given, of: original, after: marks.refunded)
      draft.record(.marked(original.id, .refunded(given)))
    }
  }

  /// Undoes a top-up, a debit or a capture, whole and once.
  ///
  /// Refuses with `account_closed`, `not_reversible`, `already_reversed`, `already_refunded`,
  /// `already_spent`, `value_held`, in this order. A pending top-up bounces instead. `beside` is
  /// what becomes of the coupons that a top-up gave.
  package func reverse(
    _ original: Entry, marks: EntryMarks, beside: [Change] = [], in context: DecisionContext
  ) -> Decision {
    let isPending = lot(LotID(topUp: original.id, index: 0))?.state == .pending
    let kind = isPending ? EntryKind.topUpBounce : .reverse
    return decide(kind, in: context, status: .notClosed) { draft throws(Refusal) in
      guard original.isSpending || original.kind == .topUp, original.account == id else {
        throw Refusal(.notReversible, field: "/entry_id")
      }
      if marks.isReversed || marks.isBounced {
        throw Refusal(.alreadyReversed, field: "/entry_id")
      }
      if original.isSpending {
        if !marks.refunded.isZero {
          throw Refusal(
            .alreadyRefunded, field: "/entry_id", details: [.init("refunded", marks.refunded)])
        }
        draft.amount = original.amount
        draft.links = [Entry.Link(.reverses, original.id)]
        draft.giveBack(original.amount, of: original, after: .zero)
        draft.record(.marked(original.id, .reversed))
      } else if let lot = draft.account.lot(LotID(topUp: original.id, index: 0)),
        lot.state == .pending
      {
        draft.bounce(lot, of: original)
      } else {
        try draft.withdraw(original)
        for change in beside { draft.record(change) }
      }
    }
  }
}

extension Entry {
  /// Whether it took value as a sale.
  var isSpending: Bool { kind == .debit || kind == .capture }
}

extension Draft {
  /// Returns `amount` to the lots it came from, the last taken first, passing over what earlier
  /// refunds have given back.
  mutating func giveBack(
    _ amount: Amount, of original: Entry, after refunded: Amount
  ) {
    var passed = refunded
    var left = amount
    for part in original.consumption.reversed() where !left.isZero {
      let skipped = min(passed, part.amount)
      passed -= skipped
      let given = min(left, part.amount - skipped)
      guard !given.isZero else { continue }
      left -= given
      switch account.lot(part.lot)?.kind {
      case .principal: principal += given
      case .bonus: bonus += given
      case nil: preconditionFailure("a debit names lots of its account")
      }
      record(.lotReturned(part.lot, given))
    }
    if original.date == context.date {
      record(.daySpent(context.date, -amount.minorUnits))
    }
    postLeg(.debit(.sales, amount))
    postLeg(.credit(.cardPrincipal, principal))
    postLeg(.credit(.cardBonus, bonus))
  }

  /// Takes back what is left of a credited top-up, unless something of it was spent or is held.
  fileprivate mutating func withdraw(_ original: Entry) throws(Refusal) {
    let lots = account.lots.filter { $0.id.topUp == original.id }
    var spentPrincipal = Amount.zero
    var spentBonus = Amount.zero
    for lot in lots {
      if lot.kind == .principal { spentPrincipal += lot.spent } else { spentBonus += lot.spent }
    }
    guard spentPrincipal.isZero, spentBonus.isZero else {
      throw Refusal(
        .alreadySpent, field: "/entry_id",
        details: [.init("principal", spentPrincipal), .init("bonus", spentBonus)])
    }
    let held = lots.reduce(into: Amount.zero) { $0 += account.held(of: $1.id, at: context.now) }
    guard held.isZero else {
      throw Refusal(.valueHeld, field: "/entry_id", details: [.init("held", held)])
    }
    amount = original.amount
    tender = original.tender
    links = [Entry.Link(.reverses, original.id)]
    for lot in lots {
      if lot.kind == .principal { principal += lot.remaining } else { bonus += lot.remaining }
      record(.lotWithdrawn(lot.id, lot.remaining))
    }
    record(.marked(original.id, .reversed))
    post(principal, debit: .cardPrincipal, credit: .cash(tender: original.tender ?? ""))
    post(bonus, debit: .cardBonus, credit: .bonusExpense)
  }
}
