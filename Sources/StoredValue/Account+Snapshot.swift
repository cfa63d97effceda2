// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Account {
  /// The account as an answer shows it at `now` under these rules.
  ///
  /// Call it on an account from which what has expired by then is gone (`lapsed(at:)`).
  package func snapshot(
    at now: Instant, date: BusinessDate, under rules: SpendingRules
  ) -> AccountSnapshot {
    let spending = Spending(of: self, at: now, date: date, under: rules)
    return AccountSnapshot(
      cardNumber: cardNumber,
      status: status,
      lots: lotsShown,
      held: held(at: now),
      spendable: spending.spendable,
      firstDay: spending.firstDay,
      pinSet: pin.isSet,
      pinAttemptsLeft: pin.attemptsLeft(at: now, maximum: rules.maximumPINAttempts),
      pinLock: pin.lock(at: now))
  }

  /// Those in which there is anything.
  private var lotsShown: [AccountSnapshot.Lot] {
    let lots = lots
    var shown: [AccountSnapshot.Lot] = []
    shown.reserveCapacity(lots.count)
    for index in lots.indices where !lots[index].remaining.isZero {
      shown.append(
        AccountSnapshot.Lot(
          id: lots[index].id, kind: lots[index].kind, granted: lots[index].granted,
          remaining: lots[index].remaining, releasePerDebit: lots[index].releasePerDebit,
          expiresAt: lots[index].expiresAt, pending: lots[index].state == .pending))
    }
    return shown
  }

  /// What of each lot has expired by `now` and no hold sets aside: due to lapse.
  package func due(at now: Instant) -> [Change.Part] {
    var parts: [Change.Part] = []
    let lots = lots
    for index in lots.indices where lots[index].hasExpired(at: now) {
      let lot = lots[index]
      guard lot.stands, !lot.remaining.isZero else { continue }
      let free = lot.remaining.clampedSubtracting(held(of: lot.id, at: now))
      if !free.isZero { parts.append(Change.Part(lot: lot.id, amount: free)) }
    }
    return parts
  }

  /// The account as it stands once what is due at `now` has lapsed, for reading.
  package func lapsed(at now: Instant) -> Account {
    let due = due(at: now)
    guard !due.isEmpty else { return self }
    var account = self
    for part in due {
      guard let index = account.lots.firstIndex(where: { $0.id == part.lot }) else { continue }
      account.lots[index].remaining -= part.amount
      account.lots[index].lapsed += part.amount
    }
    return account
  }

  /// The next instant at which something lapses if nothing else happens; nil when nothing will.
  package var nextDue: Instant? {
    var next: Instant?
    let lots = lots
    for index in lots.indices where lots[index].stands && !lots[index].remaining.isZero {
      guard let expiry = lots[index].expiresAt else { continue }
      let id = lots[index].id
      let free = lots[index].remaining.clampedSubtracting(held(of: id, at: expiry))
      let due = free.isZero ? max(expiry, firstRelease(of: id, after: expiry)) : expiry
      next = next.map { min($0, due) } ?? due
    }
    return next
  }

  private func firstRelease(of lot: LotID, after expiry: Instant) -> Instant {
    holds.filter { hold in
      hold.expiresAt > expiry && hold.parts.contains { $0.lot == lot }
    }.map(\.expiresAt).min() ?? expiry
  }
}
