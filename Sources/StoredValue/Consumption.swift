// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Which lots a debit takes, and how much one debit can take at all.
///
/// Plain numbers of one account: it is asked for twice a debit.
package struct Consumption: Sendable {
  private let now: Instant
  package private(set) var usablePrincipal = Amount.zero
  package private(set) var usableBonus = Amount.zero

  /// Looks at what is free now: standing, unexpired, not set aside, within the release of a debit.
  package init(of account: Account, at now: Instant) {
    self.now = now
    let lots = account.lots
    for index in lots.indices {
      switch lots[index].kind {
      case .principal: usablePrincipal += usable(at: index, of: lots, of: account)
      case .bonus: usableBonus += usable(at: index, of: lots, of: account)
      }
    }
  }

  package var usable: Amount { usablePrincipal + usableBonus }

  /// A lot's free value at this moment, within what one debit may take of it.
  private func usable(at index: Int, of lots: [Lot], of account: Account) -> Amount {
    guard lots[index].stands, !lots[index].remaining.isZero, !lots[index].hasExpired(at: now)
    else { return .zero }
    let free = lots[index].remaining.clampedSubtracting(account.held(of: lots[index].id, at: now))
    return min(free, lots[index].releasePerDebit ?? free)
  }

  /// The parts a debit of `amount` takes of the account, in the order it takes them; traps above
  /// `usable`.
  package func parts(
    for amount: Amount, order: DebitOrder, of account: Account
  ) -> [Change.Part] {
    precondition(amount <= usable, "a debit is judged before its lots are chosen")
    let (first, taken): (LotKind, Amount) =
      switch order {
      case .bonusFirst: (.bonus, min(amount, usableBonus))
      case .principalFirst: (.principal, min(amount, usablePrincipal))
      case .proportional:
        (
          .bonus,
          usable.isZero
            ? .zero
            : Rounding.down(amount, times: usableBonus.minorUnits, over: usable.minorUnits)
        )
      }
    let lots = ordered(account.lots)
    var parts: [Change.Part] = []
    take(taken, of: first, from: lots, of: account, into: &parts)
    let second = first == .bonus ? LotKind.principal : .bonus
    take(amount - taken, of: second, from: lots, of: account, into: &parts)
    return parts
  }

  private func take(
    _ amount: Amount, of kind: LotKind, from lots: [Lot], of account: Account,
    into parts: inout [Change.Part]
  ) {
    var left = amount
    for index in lots.indices where lots[index].kind == kind && !left.isZero {
      let taken = min(left, usable(at: index, of: lots, of: account))
      guard !taken.isZero else { continue }
      parts.append(Change.Part(lot: lots[index].id, amount: taken))
      left -= taken
    }
    precondition(left.isZero, "the usable sums bound what is taken")
  }

  /// The lot that expires first before the others, then the oldest.
  private func ordered(_ lots: [Lot]) -> [Lot] {
    guard lots.indices.contains(where: { lots[$0].expiresAt != nil }) else { return lots }
    return lots.enumerated().sorted { left, right in
      let leftEnd = left.element.expiresAt ?? .latest
      let rightEnd = right.element.expiresAt ?? .latest
      return leftEnd == rightEnd ? left.offset < right.offset : leftEnd < rightEnd
    }.map(\.element)
  }
}
