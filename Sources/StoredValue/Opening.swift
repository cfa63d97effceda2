// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// A card to be opened.
package struct Opening: Sendable {
  package var cardNumber: CardNumber
  package var registered: Bool
  package var level: String?
  package var holderDigest: [UInt8]?
  /// Whether the holder's name, phone and document number were all given.
  package var holderIsComplete: Bool
  package var pinVerifier: [UInt8]?
  package var topUp: Payment?
  /// What the buyer has spent in the shop today, for the purchase gate.
  package var sameDaySpend: Amount?

  package init(
    cardNumber: CardNumber, registered: Bool, level: String? = nil, holderDigest: [UInt8]? = nil,
    holderIsComplete: Bool = false, pinVerifier: [UInt8]? = nil, topUp: Payment? = nil,
    sameDaySpend: Amount? = nil
  ) {
    self.cardNumber = cardNumber
    self.registered = registered
    self.level = level
    self.holderDigest = holderDigest
    self.holderIsComplete = holderIsComplete
    self.pinVerifier = pinVerifier
    self.topUp = topUp
    self.sameDaySpend = sameDaySpend
  }
}

/// Money brought to be loaded.
package struct Payment: Hashable, Sendable {
  package let amount: Amount
  package let tender: String

  package init(amount: Amount, tender: String) {
    self.amount = amount
    self.tender = tender
  }
}

extension Account {
  /// Opens a card, with its first top-up when one is paid: two entries, together or not at all.
  ///
  /// Refuses with `card_in_use`, `purchase_gate`, `holder_required`, `limit_exceeded`, in this
  /// order. The last entry, the top-up where there is one, carries the request.
  package static func open(
    _ opening: Opening, id: AccountID, cardTaken: Bool, gifts: Gifts = noGifts,
    in context: DecisionContext
  ) -> Decision {
    if cardTaken { return .refused(Refusal(.cardInUse, field: "/card_no"), recording: []) }
    let first = openingEntry(opening, id: id, in: context)
    var opened: Account?
    do {
      try judge(opening, in: context)
      try apply(first.entry, to: &opened)
    } catch let refusal as Refusal {
      return .refused(refusal, recording: [])
    } catch {
      preconditionFailure("an opening entry opens its account")
    }
    guard let payment = opening.topUp, let opened else { return .accepted([first.entry]) }
    let second = DecisionContext(
      now: context.now, calendar: context.calendar, rules: context.rules,
      programVersion: context.programVersion, nextEntry: context.nextEntry.next,
      origin: context.origin, reason: context.reason, request: context.request)
    switch opened.topUp(payment, opening: first.entry.id, gifts: gifts, in: second) {
    case .accepted(let entries): return .accepted([first.entry] + entries)
    case .refused(let refusal, _):
      var moved = refusal
      moved.field = refusal.field.map { "/topup" + $0 }
      return .refused(moved, recording: [])
    }
  }

  private static func judge(_ opening: Opening, in context: DecisionContext) throws(Refusal) {
    if let gate = context.rules.firstDay.gate, let payment = opening.topUp,
      let spend = opening.sameDaySpend, Rounding.reaches(spend, of: payment.amount, rate: gate)
    {
      throw Refusal(
        .purchaseGate, field: "/same_day_spend",
        details: [
          .init("same_day_spend", spend), .init("amount", payment.amount),
          .init("gate_basis_points", .integer(Int64(gate.value))),
        ])
    }
    if context.rules.card.registeredNeedsHolder, opening.registered, !opening.holderIsComplete {
      throw Refusal(.holderRequired, field: "/holder")
    }
  }

  private static func openingEntry(
    _ opening: Opening, id: AccountID, in context: DecisionContext
  ) -> (entry: Entry, account: Account) {
    let details = Change.Opening(
      cardNumber: opening.cardNumber, registered: opening.registered, level: opening.level,
      holderDigest: opening.holderDigest)
    let stamp = EntryStamp(id: context.nextEntry, at: context.now, date: context.date)
    let account = Account(details, id: id, entry: stamp)
    var draft = Draft(.open, id: context.nextEntry, on: account, in: context)
    draft.record(.accountOpened(details))
    if let verifier = opening.pinVerifier { draft.record(.pinSet(verifier)) }
    let entry = draft.finish(answering: opening.topUp == nil ? context.request : nil)
    return (entry, account)
  }
}
