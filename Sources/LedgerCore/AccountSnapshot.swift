// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The state of a card in its life.
public enum AccountStatus: UInt8, Sendable, CaseIterable {
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
public enum LotKind: UInt8, Sendable, CaseIterable {
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
///
/// A class, because it never changes and each entry hands its own on many times.
package final class AccountSnapshot: Sendable {
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

  /// What it says.
  package struct Fields: Hashable, Sendable {
    package var cardNumber: CardNumber
    package var status: AccountStatus
    package var lots: [Lot]
    package var held: Amount
    /// The largest single debit that would be accepted at that moment.
    package var spendable: Amount
    package var firstDay: FirstDay?
    package var pinSet: Bool
    package var pinAttemptsLeft: Int32
    package var pinLock: PINLock?
  }

  package let fields: Fields

  package init(_ fields: Fields) { self.fields = fields }

  package convenience init(
    cardNumber: CardNumber, status: AccountStatus, lots: [Lot], held: Amount, spendable: Amount,
    firstDay: FirstDay?, pinSet: Bool, pinAttemptsLeft: Int32, pinLock: PINLock?
  ) {
    self.init(
      Fields(
        cardNumber: cardNumber, status: status, lots: lots, held: held, spendable: spendable,
        firstDay: firstDay, pinSet: pinSet, pinAttemptsLeft: pinAttemptsLeft, pinLock: pinLock))
  }
}

extension AccountSnapshot: Hashable {
  package static func == (left: AccountSnapshot, right: AccountSnapshot) -> Bool {
    left === right || left.fields == right.fields
  }

  package func hash(into hasher: inout Hasher) { fields.hash(into: &hasher) }
}

extension AccountSnapshot {
  package var cardNumber: CardNumber { fields.cardNumber }
  package var status: AccountStatus { fields.status }
  package var lots: [Lot] { fields.lots }
  package var held: Amount { fields.held }
  package var spendable: Amount { fields.spendable }
  package var firstDay: FirstDay? { fields.firstDay }
  package var pinSet: Bool { fields.pinSet }
  package var pinAttemptsLeft: Int32 { fields.pinAttemptsLeft }
  package var pinLock: PINLock? { fields.pinLock }

  package var principal: Amount { total(.principal, pending: false) }
  package var bonus: Amount { total(.bonus, pending: false) }
  package var pending: Amount { total(.principal, pending: true) }
  package var available: Amount { (principal + bonus).clampedSubtracting(held) }

  private func total(_ kind: LotKind, pending: Bool) -> Amount {
    var sum = Amount.zero
    let lots = fields.lots
    for index in lots.indices where lots[index].kind == kind && lots[index].pending == pending {
      sum += lots[index].remaining
    }
    return sum
  }
}
