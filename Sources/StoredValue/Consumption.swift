// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Which lots a debit takes, and how much one debit can take at all.
package struct Consumption: Sendable {
  private let account: Account
  private let now: Instant
  package private(set) var usablePrincipal = Amount.zero
  package private(set) var usableBonus = Amount.zero

  /// Looks at what is free now: standing, unexpired, not set aside, within the release of a debit.
  package init(of account: Account, at now: Instant) {
    self.account = account
    self.now = now
    let lots = account.lots
    for index in lots.indices {
      switch lots[index].kind {
      case .principal: usablePrincipal += usable(at: index, of: lots)
      case .bonus: usableBonus += usable(at: index, of: lots)
      }
    }
  }

  package var usable: Amount { usablePrincipal + usableBonus }

  /// A lot's free value at this moment, within what one debit may take of it.
  private func usable(at index: Int, of lots: [Lot]) -> Amount {
    guard lots[index].stands, !lots[index].remaining.isZero, !lots[index].hasExpired(at: now)
    else { return .zero }
    let free = lots[index].remaining.clampedSubtracting(account.held(of: lots[index].id, at: now))
    return min(free, lots[index].releasePerDebit ?? free)
  }

  /// The parts a debit of `amount` takes, in the order it takes them; traps above `usable`.
  package func parts(for amount: Amount, order: DebitOrder) -> [Change.Part] {
    precondition(amount <= usable, "a debit is judged before its lots are chosen")
    let lots = ordered()
    var parts: [Change.Part] = []
    switch order {
    case .bonusFirst:
      let ofBonus = min(amount, usableBonus)
      take(ofBonus, of: .bonus, from: lots, into: &parts)
      take(amount - ofBonus, of: .principal, from: lots, into: &parts)
    case .principalFirst:
      let ofPrincipal = min(amount, usablePrincipal)
      take(ofPrincipal, of: .principal, from: lots, into: &parts)
      take(amount - ofPrincipal, of: .bonus, from: lots, into: &parts)
    case .proportional:
      let ofBonus =
        usable.isZero
        ? Amount.zero
        : Rounding.down(amount, times: usableBonus.minorUnits, over: usable.minorUnits)
      take(ofBonus, of: .bonus, from: lots, into: &parts)
      take(amount - ofBonus, of: .principal, from: lots, into: &parts)
    }
    return parts
  }

  private func take(
    _ amount: Amount, of kind: LotKind, from lots: [Lot], into parts: inout [Change.Part]
  ) {
    var left = amount
    for index in lots.indices where lots[index].kind == kind && !left.isZero {
      let taken = min(left, usable(at: index, of: lots))
      guard !taken.isZero else { continue }
      parts.append(Change.Part(lot: lots[index].id, amount: taken))
      left -= taken
    }
    precondition(left.isZero, "the usable sums bound what is taken")
  }

  /// The lot that expires first before the others, then the oldest.
  private func ordered() -> [Lot] {
    guard account.lots.contains(where: { $0.expiresAt != nil }) else { return account.lots }
    return account.lots.enumerated().sorted { left, right in
      let leftEnd = left.element.expiresAt ?? .latest
      let rightEnd = right.element.expiresAt ?? .latest
      return leftEnd == rightEnd ? left.offset < right.offset : leftEnd < rightEnd
    }.map(\.element)
  }
}
