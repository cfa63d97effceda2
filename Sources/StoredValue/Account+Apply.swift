// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What of an entry the fold needs besides the change itself.
package struct EntryStamp: Hashable, Sendable {
  package let id: EntryID
  package let at: Instant
  package let date: BusinessDate

  package init(id: EntryID, at: Instant, date: BusinessDate) {
    self.id = id
    self.at = at
    self.date = date
  }

  package init(_ entry: Entry) {
    self.init(id: entry.id, at: entry.at, date: entry.date)
  }
}

/// A change that does not fit the state it meets: the journal is damaged or was forged.
package struct FoldViolation: Error, Hashable, Sendable {
  package let entry: EntryID
  package let reason: String

  package init(_ entry: EntryID, _ reason: String) {
    self.entry = entry
    self.reason = reason
  }
}

extension Account {
  /// Folds one entry into the account it names; nil stands for an account not yet opened.
  ///
  /// Pure and total: throws `FoldViolation` and leaves `account` as it was when a change does not
  /// fit. Idempotent: an entry already folded in is passed over.
  package static func apply(_ entry: Entry, to account: inout Account?) throws(FoldViolation) {
    let before = account
    do throws(FoldViolation) {
      try fold(entry, into: &account)
    } catch {
      account = before
      throw error
    }
  }

  /// As `apply`, but where it throws the account is of no further use.
  ///
  /// So it keeps no copy, and an account that nobody else refers to is changed in place.
  package static func fold(_ entry: Entry, into account: inout Account?) throws(FoldViolation) {
    if let known = account?.lastEntry, known >= entry.id { return }
    guard entry.previous == account?.lastEntry ?? .none else {
      throw FoldViolation(entry.id, "an entry of the account is missing before it")
    }
    let stamp = EntryStamp(entry)
    for index in entry.changes.indices {
      guard account == nil else {
        try account?.apply(entry.changes[index], of: stamp)
        continue
      }
      guard case .accountOpened(let opening) = entry.changes[index] else { continue }
      guard let id = entry.account else { throw FoldViolation(entry.id, "account opened twice") }
      account = Account(opening, id: id, entry: stamp)
    }
    guard account != nil, account?.id == entry.account else {
      throw FoldViolation(entry.id, "account not opened")
    }
    account?.finish(stamp)
  }

  /// Ends the fold of an entry: holds that had run out by then are forgotten.
  mutating func finish(_ stamp: EntryStamp) {
    if !holds.isEmpty { holds.removeAll { $0.expiresAt <= stamp.at } }
    lastEntry = stamp.id
  }

  /// The only code that changes an account.
  mutating func apply(_ change: Change, of entry: EntryStamp) throws(FoldViolation) {
    switch change {
    case .accountOpened: throw FoldViolation(entry.id, "account opened twice")
    case .cardReplaced(let number): cardNumber = number
    case .statusChanged(let status): self.status = status
    case .lotGranted(let grant): try add(Lot(grant, by: entry.id), entry.id)
    case .lotCleared(let id): try clear(id, entry.id)
    case .lotWithdrawn(let id, let amount): try withdraw(id, amount, entry)
    case .lotTaken(let id, let amount):
      try reduce(id, by: amount, entry)
      guard let more = used.adding(amount) else {
        throw FoldViolation(entry.id, "more used than an account can count")
      }
      used = more
    case .lotReturned(let id, let amount): try giveBack(amount, to: id, entry.id)
    case .lotLapsed(let id, let amount):
      try reduce(id, by: amount, entry)
      lots[try index(of: id, entry.id)].lapsed += amount
    case .lotSettled(let id, let amount): try reduce(id, by: amount, entry)
    case .holdPlaced(let hold): try place(hold, entry)
    case .holdEnded(let id):
      guard let index = holds.firstIndex(where: { $0.id == id }) else {
        throw FoldViolation(entry.id, "hold not live")
      }
      holds.remove(at: index)
    case .daySpent(let date, let delta): try addToDay(date, delta, entry.id)
    case .pinSet(let verifier): pin.set(verifier)
    case .pinFailed(let lock): pin.fail(at: entry.at, lock: lock)
    case .pinProbed(let probed): if !pin.probed.contains(probed) { pin.probed.append(probed) }
    case .pinCleared: pin.clear()
    case .programSet, .keyBlocked, .marked, .settled, .campaignCreated, .campaignPaused,
      .campaignResumed, .couponsIssued, .couponReserved, .couponReleased, .couponRedeemed,
      .couponUnredeemed, .couponVoided, .couponKept, .checkedOut, .alertRaised, .alertCounted,
      .alertUpdated, .attemptDeclined, .alertAcknowledged, .codesFailed:
      break
    }
  }

  private func index(of id: LotID, _ entry: EntryID) throws(FoldViolation) -> Int {
    let lots = lots
    for index in lots.indices.reversed() where lots[index].id == id { return index }
    throw FoldViolation(entry, "lot unknown")
  }

  private mutating func add(_ lot: Lot, _ entry: EntryID) throws(FoldViolation) {
    guard !lots.contains(where: { $0.id == lot.id }) else {
      throw FoldViolation(entry, "lot granted twice")
    }
    lots.append(lot)
    guard grantsAreInRange else {
      lots.removeLast()
      throw FoldViolation(entry, "more granted than an account can count")
    }
  }

  /// Whether all that was ever granted stays within what an account may count, so that no sum over
  /// its lots can overflow.
  var grantsAreInRange: Bool {
    var sum = Amount.zero
    let lots = lots
    for index in lots.indices {
      guard let more = sum.adding(lots[index].granted), more <= .accountCeiling
      else { return false }
      sum = more
    }
    return true
  }

  private mutating func clear(_ id: LotID, _ entry: EntryID) throws(FoldViolation) {
    let index = try index(of: id, entry)
    guard lots[index].state == .pending else { throw FoldViolation(entry, "lot not pending") }
    lots[index].state = .credited
    lots[index].creditedBy = entry
  }

  private mutating func withdraw(
    _ id: LotID, _ amount: Amount, _ entry: EntryStamp
  ) throws(FoldViolation) {
    let index = try index(of: id, entry.id)
    guard lots[index].state != .withdrawn, lots[index].remaining == amount,
      held(of: id, at: entry.at).isZero
    else { throw FoldViolation(entry.id, "lot not whole") }
    lots[index].remaining = .zero
    lots[index].state = .withdrawn
  }

  private mutating func reduce(
    _ id: LotID, by amount: Amount, _ entry: EntryStamp
  ) throws(FoldViolation) {
    let index = try index(of: id, entry.id)
    guard lots[index].stands, let left = lots[index].remaining.subtracting(amount),
      held(of: id, at: entry.at) <= left
    else { throw FoldViolation(entry.id, "more is taken of a lot than is free") }
    lots[index].remaining = left
  }

  private mutating func giveBack(
    _ amount: Amount, to id: LotID, _ entry: EntryID
  ) throws(FoldViolation) {
    let index = try index(of: id, entry)
    guard lots[index].stands, amount <= lots[index].spent,
      let left = used.subtracting(amount)
    else { throw FoldViolation(entry, "more given back than was taken") }
    lots[index].remaining += amount
    used = left
  }

  private mutating func place(_ hold: Change.Hold, _ entry: EntryStamp) throws(FoldViolation) {
    guard !holds.contains(where: { $0.id == hold.id }) else {
      throw FoldViolation(entry.id, "hold placed twice")
    }
    var wanted: [LotID: Amount] = [:]
    for part in hold.parts {
      let lot = lots[try index(of: part.lot, entry.id)]
      let before = wanted[lot.id] ?? held(of: lot.id, at: entry.at)
      guard lot.stands, let after = before.adding(part.amount), after <= lot.remaining else {
        throw FoldViolation(entry.id, "hold exceeds its lot")
      }
      wanted[lot.id] = after
    }
    holds.append(hold)
  }

  private mutating func addToDay(
    _ date: BusinessDate, _ delta: Int64, _ entry: EntryID
  ) throws(FoldViolation) {
    var before: Int64 = 0
    if let day, day.date == date { before = day.spent }
    let (after, overflow) = before.addingReportingOverflow(delta)
    guard !overflow, after.magnitude <= Amount.accountCeiling.minorUnits else {
      throw FoldViolation(entry, "more spent than a day can count")
    }
    day = DaySpend(date: date, spent: after)
  }
}
