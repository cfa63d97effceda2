// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Account {
  /// Spends `amount`, or with `allowPartial` as much of it as may be spent now.
  ///
  /// Refuses with the status, the PIN, `limit_exceeded`, `first_day_limit`,
  /// `insufficient_funds`, in this order.
  package func debit(
    _ amount: Amount, allowPartial: Bool, pin evidence: PINEvidence, in context: DecisionContext
  ) -> Decision {
    decide(
      .debit, in: context, status: .active, pin: .spending(amount), evidence: evidence
    ) { draft throws(Refusal) in
      let spending = Spending(
        of: draft.account, at: context.now, date: context.date, under: context.rules.spending)
      let most = spending.spendable
      let taken = allowPartial && !most.isZero ? min(amount, most) : amount
      try spending.judge(taken)
      draft.amount = taken
      draft.take(
        spending.consumption.parts(
          for: taken, order: context.rules.debit.order, of: draft.account))
      draft.record(.daySpent(context.date, taken.minorUnits))
    }
  }

  /// Sets `amount` aside for `seconds`: what a debit would take now.
  package func authorize(
    _ amount: Amount, forSeconds seconds: Int64, pin evidence: PINEvidence,
    in context: DecisionContext
  ) -> Decision {
    decide(
      .authorize, in: context, status: .active, pin: .spending(amount), evidence: evidence
    ) { draft throws(Refusal) in
      let spending = Spending(
        of: draft.account, at: context.now, date: context.date, under: context.rules.spending)
      try spending.judge(amount)
      let hold = Change.Hold(
        id: HoldID(draft.id),
        parts: spending.consumption.parts(
          for: amount, order: context.rules.debit.order, of: draft.account),
        expiresAt: context.now.advanced(bySeconds: seconds))
      draft.amount = amount
      draft.hold = hold.id
      draft.record(.holdPlaced(hold))
    }
  }

  /// Spends a hold, whole or in part, from the lots it set aside; the rest is free again.
  ///
  /// Not judged again: only the status, `hold_not_live` and `capture_exceeds_hold`.
  package func capture(
    _ id: HoldID, amount: Amount?, in context: DecisionContext
  ) -> Decision {
    decide(.capture, in: context, status: .active) { draft throws(Refusal) in
      let hold = try draft.account.requireHold(id, at: context.now)
      let taken = amount ?? hold.amount
      guard taken <= hold.amount else {
        throw Refusal(
          .captureExceedsHold, field: "/amount",
          details: [.init("held", hold.amount), .init("requested", taken)])
      }
      draft.end(hold, .captures, marked: .captured)
      draft.amount = taken
      var left = taken
      var parts: [Change.Part] = []
      for part in hold.parts where !left.isZero {
        let amount = min(left, part.amount)
        parts.append(Change.Part(lot: part.lot, amount: amount))
        left -= amount
      }
      draft.take(parts)
      draft.record(.daySpent(context.date, taken.minorUnits))
    }
  }

  /// Frees a hold.
  package func release(_ id: HoldID, in context: DecisionContext) -> Decision {
    decide(.release, in: context, status: .notClosed) { draft throws(Refusal) in
      let hold = try draft.account.requireHold(id, at: context.now)
      draft.amount = hold.amount
      draft.end(hold, .releases, marked: .released)
    }
  }

  private func requireHold(_ id: HoldID, at now: Instant) throws(Refusal) -> Change.Hold {
    guard let hold = liveHold(id, at: now) else {
      throw Refusal(.holdNotLive, field: "/hold_id")
    }
    return hold
  }
}

extension Draft {
  /// Takes the parts as a sale.
  mutating func take(_ parts: [Change.Part]) {
    for part in parts {
      switch account.kind(of: part.lot) {
      case .principal: principal += part.amount
      case .bonus: bonus += part.amount
      case nil: preconditionFailure("a part names a lot of its account")
      }
      record(.lotTaken(part.lot, part.amount))
    }
    postLeg(.debit(.cardPrincipal, principal))
    postLeg(.debit(.cardBonus, bonus))
    postLeg(.credit(.sales, principal + bonus))
  }

  fileprivate mutating func end(
    _ hold: Change.Hold, _ relation: Entry.Relation, marked mark: Change.Mark
  ) {
    self.hold = hold.id
    links = [Entry.Link(relation, hold.id.authorizedBy)]
    record(.holdEnded(hold.id))
    record(.marked(hold.id.authorizedBy, mark))
  }
}
