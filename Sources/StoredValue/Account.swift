// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// The folded state of one card: everything its entries have made of it.
///
/// Changes only through `apply`. A value type: a decision works on its own copy.
package struct Account: Hashable, Sendable {
  package let id: AccountID
  package internal(set) var cardNumber: CardNumber
  package internal(set) var status: AccountStatus
  package let registered: Bool
  package let level: String?
  package let holderDigest: [UInt8]?
  package let openedAt: Instant
  package let openedOn: BusinessDate
  /// In the order they were granted.
  package internal(set) var lots: [Lot] = []
  package internal(set) var holds: [Change.Hold] = []
  package internal(set) var pin = PINState()
  /// Debits and captures less what was given back, over the whole life.
  package internal(set) var used = Amount.zero
  /// What counts against the daily limit of the date it names.
  package internal(set) var day: DaySpend?
  /// The last entry folded in; applying an earlier one again does nothing.
  package internal(set) var lastEntry: EntryID

  package struct DaySpend: Hashable, Sendable {
    package let date: BusinessDate
    package internal(set) var spent: Int64
  }

  init(_ opening: Change.Opening, id: AccountID, entry: EntryStamp) {
    self.id = id
    cardNumber = opening.cardNumber
    status = .active
    registered = opening.registered
    level = opening.level
    holderDigest = opening.holderDigest
    openedAt = entry.at
    openedOn = entry.date
    lastEntry = .none
  }

  package func lot(_ id: LotID) -> Lot? { lots.first { $0.id == id } }

  /// The holds that have not run out; an expired one frees its value by itself.
  package func liveHolds(at now: Instant) -> [Change.Hold] { holds.filter { $0.expiresAt > now } }

  package func liveHold(_ id: HoldID, at now: Instant) -> Change.Hold? {
    holds.first { $0.id == id && $0.expiresAt > now }
  }

  /// All value set aside at this moment.
  package func held(at now: Instant) -> Amount {
    holds.reduce(into: Amount.zero) { sum, hold in
      if hold.expiresAt > now { sum += hold.amount }
    }
  }

  /// What live holds have set aside of one lot.
  package func held(of lot: LotID, at now: Instant) -> Amount {
    guard !holds.isEmpty else { return .zero }
    var sum = Amount.zero
    for hold in holds where hold.expiresAt > now {
      for part in hold.parts where part.lot == lot { sum += part.amount }
    }
    return sum
  }

  /// What counts against the daily limit on `date`, without holds.
  package func spent(on date: BusinessDate) -> Amount {
    guard let day, day.date == date, day.spent > 0 else { return .zero }
    return Amount(day.spent)
  }

  /// Principal of all credited top-ups that still stand.
  package var paid: Amount { granted(.principal) }

  /// Bonus of all credited top-ups that still stand, what has lapsed included.
  package var bonusGranted: Amount { granted(.bonus) }

  private func granted(_ kind: LotKind) -> Amount {
    lots.reduce(into: Amount.zero) { sum, lot in
      if lot.stands, lot.kind == kind { sum += lot.granted }
    }
  }

  /// The principal of the first top-up credited that still stands; zero before there is one.
  package var firstDayBase: Amount {
    var first: Lot?
    for lot in lots where lot.stands && lot.kind == .principal {
      if let credited = lot.creditedBy, first?.creditedBy.map({ credited < $0 }) ?? true {
        first = lot
      }
    }
    return first?.granted ?? .zero
  }
}
