// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Account {
  /// Pays `amount` of a checkout, which may be nothing, from the card.
  ///
  /// Refuses with the status and the PIN, then with what `body` refuses, which judges and records
  /// all but the money, then as a debit does. Both happen or neither: they are one entry.
  package func checkOut(
    paying amount: Amount, pin evidence: PINEvidence, in context: DecisionContext,
    _ body: (inout Draft) throws(Refusal) -> Void
  ) -> Decision {
    let need: PINNeed = amount.isZero && evidence.isAbsent ? .none : .spending(amount)
    return decide(
      .checkout, in: context, status: .active, pin: need, evidence: evidence
    ) { draft throws(Refusal) in
      try body(&draft)
      guard !amount.isZero else { return }
      let spending = Spending(
        of: draft.account, at: context.now, date: context.date, under: context.rules.spending)
      try spending.judge(amount, field: "/stored_value")
      draft.amount = amount
      draft.take(
        spending.consumption.parts(
          for: amount, order: context.rules.debit.order, of: draft.account))
      draft.record(.daySpent(context.date, amount.minorUnits))
    }
  }

  /// Gives back what of a returned checkout came from the card, which may be nothing.
  ///
  /// Refuses with the status, then with what `body` refuses. Goes to the lots it came from, the
  /// last taken first; `marks` is what earlier returns gave back.
  package func refundCheckout(
    _ original: Entry, marks: EntryMarks, toCard amount: Amount, in context: DecisionContext,
    _ body: (inout Draft) throws(Refusal) -> Void
  ) -> Decision {
    decide(.checkoutRefund, in: context, status: .notClosed) { draft throws(Refusal) in
      try body(&draft)
      draft.amount = amount
      guard !amount.isZero else { return }
      draft.giveBack(amount, of: original, after: marks.refunded)
    }
  }
}
