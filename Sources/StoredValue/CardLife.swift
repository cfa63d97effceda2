// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Account {
  /// Freezes an active card.
  package func freeze(in context: DecisionContext) -> Decision {
    decide(.freeze, in: context, status: .active) { draft throws(Refusal) in
      draft.record(.statusChanged(.frozen))
    }
  }

  /// Makes a frozen card active again; `not_frozen` for an active one.
  package func unfreeze(in context: DecisionContext) -> Decision {
    decide(.unfreeze, in: context, status: .notClosed) { draft throws(Refusal) in
      switch draft.account.status {
      case .frozen: draft.record(.statusChanged(.active))
      case .lost, .lostFrozen: throw Refusal(.accountLost)
      case .active, .closed: throw Refusal(.notFrozen)
      }
    }
  }

  /// Marks an active card as lost.
  package func reportLost(in context: DecisionContext) -> Decision {
    decide(.reportLost, in: context, status: .active) { draft throws(Refusal) in
      draft.record(.statusChanged(.lost))
    }
  }

  /// Gives the account a new card; the old number names nothing ever after.
  ///
  /// Serves active and lost cards; a lost one that a rule has frozen is frozen then. Refuses with
  /// the status, `lost_card_forfeit`, `card_in_use`.
  package func replaceCard(
    _ number: CardNumber, taken: Bool, newVerifier: [UInt8]?, in context: DecisionContext
  ) -> Decision {
    decide(.replaceCard, in: context, status: .notClosed) { draft throws(Refusal) in
      let status = draft.account.status
      if status == .frozen { throw Refusal(.accountFrozen) }
      if status.foundAgain != nil, context.rules.card.lostCard == .forfeit {
        throw Refusal(.lostCardForfeit)
      }
      if taken { throw Refusal(.cardInUse, field: "/new_card_no") }
      draft.record(.cardReplaced(number))
      if let found = status.foundAgain { draft.record(.statusChanged(found)) }
      if let newVerifier { draft.record(.pinSet(newVerifier)) }
    }
  }

  /// Closes an active card and settles what is left by the program's refund method.
  ///
  /// Refuses with the status, `holds_open`, `topup_pending`.
  package func close(in context: DecisionContext) -> Decision {
    decide(.close, in: context, status: .active) { draft throws(Refusal) in
      let account = draft.account
      guard account.liveHolds(at: context.now).isEmpty else {
        throw Refusal(
          .holdsOpen, details: [.init("held", account.held(at: context.now))])
      }
      guard !account.lots.contains(where: { $0.state == .pending }) else {
        throw Refusal(.topUpPending)
      }
      for lot in account.lots where lot.stands && !lot.remaining.isZero {
        if lot.kind == .principal {
          draft.principal += lot.remaining
        } else {
          draft.bonus += lot.remaining
        }
        draft.record(.lotSettled(lot.id, lot.remaining))
      }
      let left = draft.principal + draft.bonus
      let payout = account.settlement(context.rules.close.method)
      draft.amount = left
      draft.record(.settled(payout: payout))
      draft.record(.statusChanged(.closed))
      draft.postLeg(.debit(.cardPrincipal, draft.principal))
      draft.postLeg(.debit(.cardBonus, draft.bonus))
      draft.postLeg(.credit(.payouts, payout))
      draft.postLeg(Posting(.breakage, payout.minorUnits - left.minorUnits))
    }
  }

  /// What closing pays out by this method (spec/stored-value.md, Closing).
  private func settlement(_ method: CloseRules.RefundMethod) -> Amount {
    switch method {
    case .none: return .zero
    case .principal:
      return lots.reduce(into: Amount.zero) { sum, lot in
        if lot.stands, lot.kind == .principal { sum += lot.remaining }
      }
    case .paidRatio:
      let all = paid + bonusGranted
      guard !all.isZero else { return .zero }
      let charged = Rounding.up(used, times: paid.minorUnits, over: all.minorUnits)
      return paid.clampedSubtracting(charged)
    }
  }
}
