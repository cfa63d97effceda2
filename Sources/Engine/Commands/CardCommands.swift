// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import StoredValue

/// Freezes a card, as `account.freeze` asks.
package struct FreezeAccount: Command {
  package static let method = RequestMethod.accountFreeze
  package let name: AccountName

  package init(name: AccountName) { self.name = name }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    return Decided(account.freeze(in: try desk.context(for: account.id)))
  }
}

/// Makes a frozen card active again, as `account.unfreeze` asks.
package struct UnfreezeAccount: Command {
  package static let method = RequestMethod.accountUnfreeze
  package let name: AccountName

  package init(name: AccountName) { self.name = name }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    return Decided(account.unfreeze(in: try desk.context(for: account.id)))
  }
}

/// Marks a card as lost, as `account.report_lost` asks.
package struct ReportLost: Command {
  package static let method = RequestMethod.accountReportLost
  package let name: AccountName

  package init(name: AccountName) { self.name = name }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    return Decided(account.reportLost(in: try desk.context(for: account.id)))
  }
}

/// Gives an account a new card, as `account.replace_card` asks.
package struct ReplaceCard: Command {
  package static let method = RequestMethod.accountReplaceCard
  package let name: AccountName
  package let newCardNumber: CardNumber
  package let newPIN: PIN?

  package init(name: AccountName, newCardNumber: CardNumber, newPIN: PIN?) {
    self.name = name
    self.newCardNumber = newCardNumber
    self.newPIN = newPIN
  }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    var verifier: [UInt8]?
    if let newPIN { verifier = try desk.newVerifier(newPIN, for: account.id) }
    return Decided(
      account.replaceCard(
        newCardNumber, taken: try desk.isTaken(newCardNumber), newVerifier: verifier,
        in: try desk.context(for: account.id)))
  }
}

/// Closes a card and settles it, as `account.close` asks.
package struct CloseAccount: Command {
  package static let method = RequestMethod.accountClose
  package let name: AccountName

  package init(name: AccountName) { self.name = name }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    return Decided(account.close(in: try desk.context(for: account.id)))
  }
}
