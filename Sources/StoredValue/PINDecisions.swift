// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Account {
  /// Gives a card its PIN; over one it has only by override, which also ends a lock.
  package func setPIN(_ verifier: [UInt8], isOverride: Bool, in context: DecisionContext)
    -> Decision
  {
    decide(.pinSet, in: context, status: .active) { draft throws(Refusal) in
      if draft.account.pin.isSet, !isOverride { throw Refusal(.pinAlreadySet, field: "/pin") }
      draft.record(.pinSet(verifier))
    }
  }

  /// Changes the PIN on proof of the current one.
  package func changePIN(
    _ verifier: [UInt8], current evidence: PINEvidence, in context: DecisionContext
  ) -> Decision {
    decide(.pinChange, in: context, status: .active, pin: .always, evidence: evidence) {
      draft throws(Refusal) in draft.record(.pinSet(verifier))
    }
  }

  /// Sets a new PIN on another proof than the PIN, also while it is locked.
  package func resetPIN(_ verifier: [UInt8], in context: DecisionContext) -> Decision {
    decide(.pinReset, in: context, status: .active) { draft throws(Refusal) in
      guard draft.account.pin.isSet else { throw Refusal(.pinNotSet) }
      draft.record(.pinSet(verifier))
    }
  }

  /// Checks the PIN; a wrong one counts.
  package func verifyPIN(_ evidence: PINEvidence, in context: DecisionContext) -> Decision {
    decide(.pinVerify, in: context, status: .active, pin: .always, evidence: evidence) {
      _ throws(Refusal) in
    }
  }

  /// A request was repeated under its key with another PIN: a guess, and counted as one.
  ///
  /// Refuses with `pin_locked` where the lock is on and this entry was tried before, so that a
  /// known key gives no more guesses than the counter (spec/pin.md); else `idempotency_conflict`.
  package func probePIN(
    of entry: EntryID, conflict: Refusal, in context: DecisionContext
  ) -> Decision {
    guard pin.isSet else { return .refused(conflict, recording: []) }
    let lock = pin.lock(at: context.now)
    if let lock, pin.probed.contains(entry) {
      return .refused(.pinLocked(lock), recording: [])
    }
    var draft = Draft(.pinFailed, id: context.nextEntry, on: self, in: context)
    if lock == nil, case .failed(let newLock, _) = judgePIN(.always, .differs, in: context) {
      draft.record(.pinFailed(lock: newLock))
    }
    draft.record(.pinProbed(entry))
    return .refused(conflict, recording: [draft.finish(answering: nil)])
  }

  /// Why a repetition that gives a PIN is refused: its entry was probed and the lock is on.
  package func repetitionLock(of entry: EntryID, at now: Instant) -> Refusal? {
    guard let lock = pin.lock(at: now), pin.probed.contains(entry) else { return nil }
    return .pinLocked(lock)
  }
}
