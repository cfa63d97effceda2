// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import StoredValue

extension Audit {
  /// Whether the card stood so that the entry could be made: its status and its PIN (INV-8).
  struct CardLife {
    private let findings: Findings

    init(_ findings: Findings) { self.findings = findings }

    func check(_ step: Step, under rules: StoredValueRules?, freezes: Bool) {
      guard let before = step.before else { return checkVerifiers(step.entry) }
      checkStatus(step.entry, before, freezes: freezes)
      checkVerifiers(step.entry)
      checkUse(of: before.pin, by: step.entry)
      if let rules { checkCount(step.entry, before.pin, rules.pin) }
    }

    /// The status it needs, and the one it makes (spec/stored-value.md, The card).
    private func checkStatus(_ entry: Entry, _ before: Account, freezes: Bool) {
      let status = before.status
      let isServed =
        switch entry.kind {
        case .topUp, .debit, .authorize, .capture, .freeze, .reportLost, .close, .pinSet,
          .pinChange, .pinReset, .pinVerify, .pinAccepted, .couponRedeem, .checkout:
          status == .active
        case .unfreeze: status == .frozen
        case .replaceCard: status == .active || status.foundAgain != nil
        // A repeated request may try PINs of a card that serves nothing.
        case .pinFailed: status == .active || isProbe(entry)
        case .topUpClear, .topUpBounce, .release, .refund, .reverse, .expire, .couponIssue,
          .checkoutRefund, .declined:
          status != .closed
        case .open, .programSet, .keyBlocked, .campaignCreate, .campaignPause, .campaignResume,
          .couponReserve, .couponRelease, .couponUnredeem, .couponVoid, .alertsEnded, .codeFailures,
          .alertAck:
          true
        }
      if !isServed {
        findings.add("an entry \(entry.kind.name) on a card that is \(status.name)", at: entry.id)
      }
      let due: AccountStatus? =
        switch entry.kind {
        case .freeze: .frozen
        case .unfreeze: .active
        case .reportLost: .lost
        case .close: .closed
        case .replaceCard: status.foundAgain
        case .declined, .pinFailed: freezes ? status.frozenByRule : nil
        default: nil
        }
      var made: AccountStatus?
      for case .statusChanged(let status) in entry.changes { made = status }
      if made != due {
        findings.add("it does not make of the card what its kind does", at: entry.id)
      }
    }

    private func isProbe(_ entry: Entry) -> Bool {
      entry.changes.contains { ChangeSet($0) == .pinProbed }
    }

    private func checkVerifiers(_ entry: Entry) {
      for case .pinSet(let verifier) in entry.changes where PINVerifier(encoded: verifier) == nil {
        findings.add("a PIN verifier is malformed", at: entry.id)
      }
    }

    /// A PIN counts as given only while there is one and it is not locked.
    private func checkUse(of pin: PINState, by entry: Entry) {
      switch entry.kind {
      case .open, .pinSet, .replaceCard: return
      case .pinReset:
        if !pin.isSet { findings.add("it resets a PIN that is not set", at: entry.id) }
        return
      default: break
      }
      let isGiven =
        entry.kind == .pinVerify || entry.kind == .pinChange
        || entry.changes.contains { change in
          switch ChangeSet(change) {
          case .pinSet, .pinCleared, .pinFailed: true
          default: false
          }
        }
      guard isGiven else { return }
      if !pin.isSet {
        findings.add("it tries a PIN that is not set", at: entry.id, breaking: 8)
      } else if pin.lock(at: entry.at) != nil {
        findings.add("it tries a PIN that is locked", at: entry.id, breaking: 8)
      }
    }

    /// The failure that reaches the limit locks, and no other does.
    private func checkCount(_ entry: Entry, _ pin: PINState, _ rules: PINRules) {
      for case .pinFailed(let lock) in entry.changes {
        let count = Int64(pin.failures(at: entry.at)) + 1
        guard count >= Int64(rules.maximumAttempts) else {
          if lock != nil {
            findings.add("it locks the PIN after \(count) failures", at: entry.id, breaking: 8)
          }
          continue
        }
        let due = rules.lockSeconds.map { PINLock.until(entry.at.advanced(bySeconds: $0)) }
        if lock != due ?? .untilReset {
          findings.add(
            "failure \(count) of \(rules.maximumAttempts) does not lock the PIN as it must",
            at: entry.id, breaking: 8)
        }
      }
    }
  }
}
