// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import Store
import StoredValue

extension JSONWriter {
  /// An account as it stood at one moment (contract §3).
  ///
  /// What never changes comes from `account`, the rest from the snapshot, so that a repeated
  /// request is answered as at first.
  mutating func account(_ account: Account, _ snapshot: AccountSnapshot, holder: Person?) {
    beginObject()
    name("account_id")
    string(account.id)
    name("card_no")
    string(snapshot.cardNumber.text)
    name("status")
    string(snapshot.status.name)
    name("registered")
    bool(account.registered)
    name("holder")
    self.holder(holder)
    name("level")
    optional(account.level)
    name("opened_at")
    string(account.openedAt)
    name("opened_on")
    string(account.openedOn)
    name("balance")
    balance(snapshot)
    name("first_day")
    firstDay(snapshot.firstDay)
    name("lots")
    beginArray()
    for lot in snapshot.lots { self.lot(lot) }
    endArray()
    name("pin")
    beginObject()
    name("set")
    bool(snapshot.pinSet)
    name("attempts_left")
    integer(Int64(snapshot.pinAttemptsLeft))
    name("locked_until")
    if case .until(let end) = snapshot.pinLock { string(end) } else { null() }
    endObject()
    endObject()
  }

  private mutating func holder(_ holder: Person?) {
    guard let holder else { return null() }
    beginObject()
    for particular in Person.Particular.allCases {
      guard let value = holder.particulars[particular] else { continue }
      name(particular.rawValue)
      string(value)
    }
    endObject()
  }

  private mutating func balance(_ snapshot: AccountSnapshot) {
    beginObject()
    name("principal")
    amount(snapshot.principal)
    name("bonus")
    amount(snapshot.bonus)
    name("held")
    amount(snapshot.held)
    name("pending")
    amount(snapshot.pending)
    name("available")
    amount(snapshot.available)
    name("spendable")
    amount(snapshot.spendable)
    endObject()
  }

  private mutating func firstDay(_ firstDay: AccountSnapshot.FirstDay?) {
    guard let firstDay else { return null() }
    beginObject()
    name("cap")
    amount(firstDay.cap)
    name("spent")
    amount(firstDay.spent)
    name("remaining")
    amount(firstDay.remaining)
    endObject()
  }

  private mutating func lot(_ lot: AccountSnapshot.Lot) {
    beginObject()
    name("lot_id")
    string(lot.id)
    name("kind")
    string(lot.kind.name)
    name("granted")
    amount(lot.granted)
    name("remaining")
    amount(lot.remaining)
    name("release_per_debit")
    optional(lot.releasePerDebit)
    name("expires_at")
    optional(lot.expiresAt)
    name("pending")
    bool(lot.pending)
    endObject()
  }
}
