// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
package import StoredValue

/// Loads a payment, as `topup.create` asks.
package struct CreateTopUp: Command {
  package static let method = RequestMethod.topUpCreate
  package let name: AccountName
  package let payment: Payment

  package init(name: AccountName, payment: Payment) {
    self.name = name
    self.payment = payment
  }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    return Decided(
      account.topUp(
        payment, gifts: try desk.gifts(to: account.id), in: try desk.context(for: account.id)))
  }
}

/// Makes a pending top-up good, as `topup.clear` asks.
package struct ClearTopUp: Command {
  package static let method = RequestMethod.topUpClear
  package let entry: EntryID
  package let name: AccountName?

  package init(entry: EntryID, name: AccountName?) {
    self.entry = entry
    self.name = name
  }

  package var subject: Subject { .entry(entry) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let original = try desk.original(entry, of: name, ofNone: .notPending)
    return Decided(
      original.account.clear(
        original.entry, gifts: try desk.gifts(to: original.account.id),
        in: try desk.context(for: original.account.id)))
  }
}

/// Drops a pending top-up, as `topup.bounce` asks.
package struct BounceTopUp: Command {
  package static let method = RequestMethod.topUpBounce
  package let entry: EntryID
  package let name: AccountName?

  package init(entry: EntryID, name: AccountName?) {
    self.entry = entry
    self.name = name
  }

  package var subject: Subject { .entry(entry) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let original = try desk.original(entry, of: name, ofNone: .notPending)
    return Decided(
      original.account.bounce(original.entry, in: try desk.context(for: original.account.id)))
  }
}
