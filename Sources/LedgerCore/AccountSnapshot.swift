// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The state of a card in its life.
package enum AccountStatus: UInt8, Sendable, CaseIterable {
  case active = 1
  case frozen = 2
  case lost = 3
  case closed = 4
  /// Lost, and frozen by a rule meanwhile: whatever ends the loss leaves it frozen.
  case lostFrozen = 5

  package var name: String {
    switch self {
    case .active: "active"
    case .frozen: "frozen"
    case .lost, .lostFrozen: "lost"
    case .closed: "closed"
    }
  }

  /// What a rule that freezes makes of it; nil where that changes nothing.
  package var frozenByRule: AccountStatus? {
    switch self {
    case .active: .frozen
    case .lost: .lostFrozen
    case .frozen, .closed, .lostFrozen: nil
    }
  }

  /// What it is once a lost card has been replaced; nil for a card that is not lost.
  package var foundAgain: AccountStatus? {
    switch self {
    case .lost: .active
    case .lostFrozen: .frozen
    case .active, .frozen, .closed: nil
    }
  }
}

/// Which money a lot holds.
package enum LotKind: UInt8, Sendable, CaseIterable {
  case principal = 1
  case bonus = 2

  package var name: String {
    switch self {
    case .principal: "principal"
    case .bonus: "bonus"
    }
  }
}

/// When a PIN lock ends.
package enum PINLock: Hashable, Sendable {
  case until(Instant)
  /// Only a reset or an override ends it.
  case untilReset
}

/// An account as an answer shows it at one moment; carried by the entry that made the answer.
package struct AccountSnapshot: Hashable, Sendable {
  /// A lot with something left or pending.
  package struct Lot: Hashable, Sendable {
    package let id: LotID
    package let kind: LotKind
    package let granted: Amount
    package let remaining: Amount
    package let releasePerDebit: Amount?
    package let expiresAt: Instant?
    package let pending: Bool

    package init(
      id: LotID, kind: LotKind, granted: Amount, remaining: Amount, releasePerDebit: Amount?,
      expiresAt: Instant?, pending: Bool
    ) {
      self.id = id
      self.kind = kind
      self.granted = granted
      self.remaining = remaining
      self.releasePerDebit = releasePerDebit
      self.expiresAt = expiresAt
      self.pending = pending
    }
  }

  package struct FirstDay: Hashable, Sendable {
    package let cap: Amount
    package let spent: Amount

    package init(cap: Amount, spent: Amount) {
      self.cap = cap
      self.spent = spent
    }

    package var remaining: Amount { cap.clampedSubtracting(spent) }
  }

  private struct Fields: Hashable, Sendable {
    var cardNumber: CardNumber
    var status: AccountStatus
    var lots: [Lot]
    var held: Amount
    var spendable: Amount
    var firstDay: FirstDay?
    var pinSet: Bool
    var pinAttemptsLeft: Int32
    var pinLock: PINLock?
  }

  /// `@unchecked Sendable`: its fields change only while one snapshot alone refers to it.
  private final class Body: @unchecked Sendable {
    // One snapshot's, and so guarded by the exclusive access to that.
    @exclusivity(unchecked) var fields: Fields

    init(_ fields: Fields) { self.fields = fields }
  }

  /// One reference, because each entry hands its own on many times.
  private var body: Body

  private var fields: Fields {
    get { body.fields }
    _modify {
      if !isKnownUniquelyReferenced(&body) { body = Body(body.fields) }
      yield &body.fields
    }
  }

  package init(
    cardNumber: CardNumber, status: AccountStatus, lots: [Lot], held: Amount, spendable: Amount,
    firstDay: FirstDay?, pinSet: Bool, pinAttemptsLeft: Int32, pinLock: PINLock?
  ) {
    body = Body(
      Fields(
        cardNumber: cardNumber, status: status, lots: lots, held: held, spendable: spendable,
        firstDay: firstDay, pinSet: pinSet, pinAttemptsLeft: pinAttemptsLeft, pinLock: pinLock))
  }

  package static func == (left: AccountSnapshot, right: AccountSnapshot) -> Bool {
    left.body === right.body || left.body.fields == right.body.fields
  }

  package func hash(into hasher: inout Hasher) { body.fields.hash(into: &hasher) }
}

extension AccountSnapshot {
  package var cardNumber: CardNumber {
    get { body.fields.cardNumber }
    _modify { yield &fields.cardNumber }
  }
  package var status: AccountStatus {
    get { body.fields.status }
    _modify { yield &fields.status }
  }
  package var lots: [Lot] {
    get { body.fields.lots }
    _modify { yield &fields.lots }
  }
  package var held: Amount {
    get { body.fields.held }
    _modify { yield &fields.held }
  }
  /// The largest single debit that would be accepted at that moment.
  package var spendable: Amount {
    get { body.fields.spendable }
    _modify { yield &fields.spendable }
  }
  package var firstDay: FirstDay? {
    get { body.fields.firstDay }
    _modify { yield &fields.firstDay }
  }
  package var pinSet: Bool {
    get { body.fields.pinSet }
    _modify { yield &fields.pinSet }
  }
  package var pinAttemptsLeft: Int32 {
    get { body.fields.pinAttemptsLeft }
    _modify { yield &fields.pinAttemptsLeft }
  }
  package var pinLock: PINLock? {
    get { body.fields.pinLock }
    _modify { yield &fields.pinLock }
  }

  package var principal: Amount { total(.principal, pending: false) }
  package var bonus: Amount { total(.bonus, pending: false) }
  package var pending: Amount { total(.principal, pending: true) }
  package var available: Amount { (principal + bonus).clampedSubtracting(held) }

  private func total(_ kind: LotKind, pending: Bool) -> Amount {
    var sum = Amount.zero
    let lots = body.fields.lots
    for index in lots.indices where lots[index].kind == kind && lots[index].pending == pending {
      sum += lots[index].remaining
    }
    return sum
  }
}
