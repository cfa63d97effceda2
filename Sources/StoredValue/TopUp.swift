// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// The coupons that a judgement gives for the top-up of this entry, as changes.
package typealias Gifts = (BonusJudgement, EntryID) -> [Change]

/// A program without coupons in its bonus rules.
package let noGifts: @Sendable (BonusJudgement, EntryID) -> [Change] = { _, _ in [] }

extension Account {
  /// Loads a payment, with its bonus; a pending tender waits for `clear` instead.
  ///
  /// Refuses with the status, then `limit_exceeded`. `opening` links it to the opening it came
  /// with; `gifts` are the coupons that the rules which apply give.
  package func topUp(
    _ payment: Payment, opening: EntryID? = nil, gifts: Gifts = noGifts, in context: DecisionContext
  ) -> Decision {
    decide(.topUp, in: context, status: .active) { draft throws(Refusal) in
      let pending = context.rules.topUp.pendingTenders.contains(payment.tender)
      let judgement = BonusJudgement(
        amount: payment.amount, store: context.origin.store, account: draft.account,
        in: context)
      let bonus = pending ? Amount.zero : judgement.total
      if let refusal = draft.account.limits(payment.amount, bonus: bonus, in: context).first {
        throw refusal
      }
      draft.amount = payment.amount
      draft.tender = payment.tender
      if let opening { draft.links = [Entry.Link(.opens, opening)] }
      let lot = LotID(topUp: draft.id, index: 0)
      draft.record(
        .lotGranted(
          Change.Grant(lot: lot, kind: .principal, amount: payment.amount, pending: pending)))
      guard !pending else {
        draft.post(
          payment.amount, debit: .uncleared(tender: payment.tender), credit: .pendingTopUps)
        return
      }
      draft.principal = payment.amount
      draft.post(payment.amount, debit: .cash(tender: payment.tender), credit: .cardPrincipal)
      draft.grant(judgement, for: draft.id)
      for change in gifts(judgement, draft.id) { draft.record(change) }
    }
  }

  /// Every limit a top-up of `amount` with `bonus` breaks, in the order they are judged.
  package func limits(_ amount: Amount, bonus: Amount, in context: DecisionContext) -> [Refusal] {
    var broken: [Refusal] = []
    let rules = context.rules
    if let minimum = rules.topUp.minimum, amount < minimum {
      broken.append(.minimum("topup.min", minimum, requested: amount))
    }
    if let maximum = rules.topUp.maximum, amount > maximum {
      broken.append(.limit("topup.max", maximum, requested: amount))
    }
    let holding = lots.reduce(into: Amount.zero) { sum, lot in sum += lot.remaining }
    var balanceLimit = rules.card.maximumBalance.map { ("card.max_balance", $0) }
    if !registered, let own = rules.card.maximumBalanceUnregistered {
      balanceLimit = ("card.max_balance_unregistered", own)
    }
    if let (name, most) = balanceLimit, holding + amount + bonus > most {
      broken.append(.limit(name, most.clampedSubtracting(holding), requested: amount))
    }
    if let refusal = ceiling(amount, bonus: bonus) { broken.append(refusal) }
    return broken
  }

  /// `limit_exceeded` where all that was ever granted would pass what an account may count.
  private func ceiling(_ amount: Amount, bonus: Amount) -> Refusal? {
    let granted = lots.reduce(into: Amount.zero) { sum, lot in sum += lot.granted }
    guard granted + amount + bonus > .accountCeiling else { return nil }
    let room = Amount.accountCeiling.clampedSubtracting(granted)
    return .limit("account_ceiling", room, requested: amount)
  }

  /// A pending top-up has been paid: its value becomes spendable and its bonus is granted, by the
  /// program and date of the clearing and the store of the top-up.
  package func clear(
    _ original: Entry, gifts: Gifts = noGifts, in context: DecisionContext
  ) -> Decision {
    decide(.topUpClear, in: context, status: .notClosed) { draft throws(Refusal) in
      let lot = try draft.account.pendingLot(of: original)
      let tender = original.tender ?? ""
      let judgement = BonusJudgement(
        amount: lot.granted, store: original.origin.store, account: draft.account,
        in: context)
      if let refusal = draft.account.ceiling(Amount.zero, bonus: judgement.total) { throw refusal }
      draft.amount = lot.granted
      draft.principal = lot.granted
      draft.tender = tender
      draft.links = [Entry.Link(.clears, original.id)]
      draft.record(.lotCleared(lot.id))
      draft.record(.marked(original.id, .cleared))
      draft.post(lot.granted, debit: .cash(tender: tender), credit: .uncleared(tender: tender))
      draft.post(lot.granted, debit: .pendingTopUps, credit: .cardPrincipal)
      draft.grant(judgement, for: original.id)
      for change in gifts(judgement, original.id) { draft.record(change) }
    }
  }

  /// A pending top-up has not been paid: nothing of it remains.
  package func bounce(_ original: Entry, in context: DecisionContext) -> Decision {
    decide(.topUpBounce, in: context, status: .notClosed) { draft throws(Refusal) in
      let lot = try draft.account.pendingLot(of: original)
      draft.bounce(lot, of: original)
    }
  }

  private func pendingLot(of original: Entry) throws(Refusal) -> Lot {
    guard original.kind == .topUp, original.account == id,
      let lot = lot(LotID(topUp: original.id, index: 0)), lot.state == .pending
    else { throw Refusal(.notPending, field: "/entry_id") }
    return lot
  }
}

extension Draft {
  mutating func bounce(_ lot: Lot, of original: Entry) {
    let tender = original.tender ?? ""
    amount = lot.granted
    self.tender = tender
    links = [Entry.Link(.bounces, original.id)]
    record(.lotWithdrawn(lot.id, lot.remaining))
    record(.marked(original.id, .bounced))
    post(lot.granted, debit: .pendingTopUps, credit: .uncleared(tender: tender))
  }
}
