// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Which lots a debit takes, and how much one debit can take at all.
package struct Consumption: Sendable {
  /// A lot's free value at this moment, within what one debit may take of it.
  private struct Usable {
    let lot: LotID
    let amount: Amount
  }

  private let principal: [Usable]
  private let bonus: [Usable]
  package let usablePrincipal: Amount
  package let usableBonus: Amount

  /// Looks at what is free now: standing, unexpired, not set aside, within the release of a debit.
  package init(of account: Account, at now: Instant) {
    var principal: [Usable] = []
    var bonus: [Usable] = []
    for lot in Consumption.ordered(account.lots, at: now) {
      let free = lot.remaining.clampedSubtracting(account.held(of: lot.id, at: now))
      let amount = min(free, lot.releasePerDebit ?? free)
      guard !amount.isZero else { continue }
      switch lot.kind {
      case .principal: principal.append(Usable(lot: lot.id, amount: amount))
      case .bonus: bonus.append(Usable(lot: lot.id, amount: amount))
      }
    }
    self.principal = principal
    self.bonus = bonus
    usablePrincipal = principal.reduce(into: .zero) { $0 += $1.amount }
    usableBonus = bonus.reduce(into: .zero) { $0 += $1.amount }
  }

  package var usable: Amount { usablePrincipal + usableBonus }

  /// The parts a debit of `amount` takes, in the order it takes them; traps above `usable`.
  package func parts(for amount: Amount, order: DebitOrder) -> [Change.Part] {
    precondition(amount <= usable, "a debit is judged before its lots are chosen")
    var parts: [Change.Part] = []
    switch order {
    case .bonusFirst:
      let ofBonus = min(amount, usableBonus)
      Consumption.take(ofBonus, from: bonus, into: &parts)
      Consumption.take(amount - ofBonus, from: principal, into: &parts)
    case .principalFirst:
      let ofPrincipal = min(amount, usablePrincipal)
      Consumption.take(ofPrincipal, from: principal, into: &parts)
      Consumption.take(amount - ofPrincipal, from: bonus, into: &parts)
    case .proportional:
      let ofBonus =
        usable.isZero
        ? Amount.zero
        : Rounding.down(amount, times: usableBonus.minorUnits, over: usable.minorUnits)
      Consumption.take(ofBonus, from: bonus, into: &parts)
      Consumption.take(amount - ofBonus, from: principal, into: &parts)
    }
    return parts
  }

  private static func take(
    _ amount: Amount, from lots: [Usable], into parts: inout [Change.Part]
  ) {
    var left = amount
    for lot in lots where !left.isZero {
      let taken = min(left, lot.amount)
      parts.append(Change.Part(lot: lot.lot, amount: taken))
      left -= taken
    }
    precondition(left.isZero, "the usable sums bound what is taken")
  }

  /// Lots with something in them: the one that expires first, then the oldest.
  private static func ordered(_ lots: [Lot], at now: Instant) -> [Lot] {
    let live = lots.filter { $0.stands && !$0.remaining.isZero && !$0.hasExpired(at: now) }
    guard live.contains(where: { $0.expiresAt != nil }) else { return live }
    return live.enumerated().sorted { left, right in
      let leftEnd = left.element.expiresAt ?? .latest
      let rightEnd = right.element.expiresAt ?? .latest
      return leftEnd == rightEnd ? left.offset < right.offset : leftEnd < rightEnd
    }.map(\.element)
  }
}
