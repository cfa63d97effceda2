// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import StoredValue

/// Spends from a card, as `debit.create` asks.
package struct CreateDebit: Command {
  package static let method = RequestMethod.debitCreate
  package let name: AccountName
  package let amount: Amount
  package let pin: PIN?
  package let allowPartial: Bool

  package init(name: AccountName, amount: Amount, pin: PIN?, allowPartial: Bool) {
    self.name = name
    self.amount = amount
    self.pin = pin
    self.allowPartial = allowPartial
  }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    let evidence = try desk.evidence(pin, for: account)
    return Decided(
      account.debit(
        amount, allowPartial: allowPartial, pin: evidence,
        in: try desk.context(for: account.id, after: evidence)))
  }
}

/// Sets value aside, as `debit.authorize` asks.
package struct AuthorizeDebit: Command {
  package static let method = RequestMethod.debitAuthorize
  package let name: AccountName
  package let amount: Amount
  package let pin: PIN?
  package let seconds: Int64

  package init(name: AccountName, amount: Amount, pin: PIN?, seconds: Int64) {
    self.name = name
    self.amount = amount
    self.pin = pin
    self.seconds = seconds
  }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    let evidence = try desk.evidence(pin, for: account)
    return Decided(
      account.authorize(
        amount, forSeconds: seconds, pin: evidence,
        in: try desk.context(for: account.id, after: evidence)))
  }
}

/// Spends a hold, as `debit.capture` asks.
package struct CaptureHold: Command {
  package static let method = RequestMethod.debitCapture
  package let hold: HoldID
  package let name: AccountName?
  package let amount: Amount?

  package init(hold: HoldID, name: AccountName?, amount: Amount?) {
    self.hold = hold
    self.name = name
    self.amount = amount
  }

  package var subject: Subject { .entry(hold.authorizedBy) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(of: hold, named: name)
    return Decided(
      account.capture(hold, amount: amount, in: try desk.context(for: account.id)))
  }
}

/// Frees a hold, as `debit.release` asks.
package struct ReleaseHold: Command {
  package static let method = RequestMethod.debitRelease
  package let hold: HoldID
  package let name: AccountName?

  package init(hold: HoldID, name: AccountName?) {
    self.hold = hold
    self.name = name
  }

  package var subject: Subject { .entry(hold.authorizedBy) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(of: hold, named: name)
    return Decided(account.release(hold, in: try desk.context(for: account.id)))
  }
}

/// Gives back a debit, as `debit.refund` asks.
package struct RefundDebit: Command {
  package static let method = RequestMethod.debitRefund
  package let entry: EntryID
  package let name: AccountName?
  package let amount: Amount?

  package init(entry: EntryID, name: AccountName?, amount: Amount?) {
    self.entry = entry
    self.name = name
    self.amount = amount
  }

  package var subject: Subject { .entry(entry) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let original = try desk.original(entry, of: name, ofNone: .notRefundable)
    return Decided(
      original.account.refund(
        original.entry, marks: original.marks, amount: amount,
        in: try desk.context(for: original.account.id)))
  }
}
