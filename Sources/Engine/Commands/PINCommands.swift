// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import StoredValue

/// Gives a card its PIN, as `pin.set` asks.
package struct SetPIN: Command {
  package static let method = RequestMethod.pinSet
  package let name: AccountName
  package let pin: PIN
  package let isOverride: Bool

  package init(name: AccountName, pin: PIN, isOverride: Bool) {
    self.name = name
    self.pin = pin
    self.isOverride = isOverride
  }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    let verifier = try desk.newVerifier(pin, for: account.id)
    return Decided(
      account.setPIN(verifier, isOverride: isOverride, in: try desk.context(for: account.id)))
  }
}

/// Changes a PIN on proof of the old one, as `pin.change` asks.
package struct ChangePIN: Command {
  package static let method = RequestMethod.pinChange
  package let name: AccountName
  package let currentPIN: PIN
  package let newPIN: PIN

  package init(name: AccountName, currentPIN: PIN, newPIN: PIN) {
    self.name = name
    self.currentPIN = currentPIN
    self.newPIN = newPIN
  }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    let evidence = try desk.evidence(currentPIN, for: account)
    let verifier = try desk.newVerifier(newPIN, for: account.id)
    return Decided(
      account.changePIN(
        verifier, current: evidence, in: try desk.context(for: account.id, after: evidence)
      ).namingCurrentPIN)
  }
}

extension Decision {
  /// The same, of a request whose PIN to be checked is its `current_pin`.
  fileprivate var namingCurrentPIN: Decision {
    guard case .refused(var refusal, let recording) = self, refusal.field == "/pin" else {
      return self
    }
    refusal.field = "/current_pin"
    return .refused(refusal, recording: recording)
  }
}

/// Sets a PIN on another proof, as `pin.reset` asks.
package struct ResetPIN: Command {
  package static let method = RequestMethod.pinReset
  package let name: AccountName
  package let newPIN: PIN

  package init(name: AccountName, newPIN: PIN) {
    self.name = name
    self.newPIN = newPIN
  }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    let verifier = try desk.newVerifier(newPIN, for: account.id)
    return Decided(account.resetPIN(verifier, in: try desk.context(for: account.id)))
  }
}

/// Checks a PIN, as `pin.verify` asks.
package struct VerifyPIN: Command {
  package static let method = RequestMethod.pinVerify
  package let name: AccountName
  package let pin: PIN

  package init(name: AccountName, pin: PIN) {
    self.name = name
    self.pin = pin
  }

  package var subject: Subject { .account(name) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(name)
    let evidence = try desk.evidence(pin, for: account)
    return Decided(
      account.verifyPIN(evidence, in: try desk.context(for: account.id, after: evidence)))
  }
}
