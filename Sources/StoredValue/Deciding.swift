// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension Account {
  /// The frame of every decision on an account, in the contract's order of precedence.
  ///
  /// First what is due lapses, as an entry of its own; then the status is judged, then the PIN,
  /// then `body` judges the rest and records the outcome in the draft: its last `try` is the point
  /// of no return. A right PIN resets the counter even when `body` refuses.
  package func decide(
    _ kind: EntryKind, in context: DecisionContext, status: StatusNeed, pin need: PINNeed = .none,
    evidence: PINEvidence = .absent, _ body: (inout Draft) throws(Refusal) -> Void
  ) -> Decision {
    do {
      try judge(status)
    } catch {
      return .refused(error, recording: [])
    }
    var entries: [Entry] = []
    var account = self
    if let lapse = lapse(in: context, id: context.nextEntry) {
      entries.append(lapse)
      account = account.folding(lapse)
    }
    let id = EntryID(context.nextEntry.sequence + Int64(entries.count))
    switch account.judgePIN(need, evidence, in: context) {
    case .passed: break
    case .refused(let refusal): return .refused(refusal, recording: [])
    case .failed(let lock, let left):
      var draft = Draft(.pinFailed, id: id, on: account, in: context)
      draft.record(.pinFailed(lock: lock))
      let refusal = Refusal.pinIncorrect(attemptsLeft: left, lock: lock)
      entries.append(draft.finish(answering: nil))
      return .refused(refusal, recording: entries)
    }
    var clearsPIN = false
    var draft = Draft(kind, id: id, on: account, in: context)
    if case .matches(let upgrade) = evidence {
      clearsPIN = account.pin.failures > 0
      if let upgrade {
        draft.record(.pinSet(upgrade))
      } else if clearsPIN {
        draft.record(.pinCleared)
      }
    }
    do {
      try body(&draft)
    } catch {
      guard clearsPIN else { return .refused(error, recording: []) }
      var accepted = Draft(.pinAccepted, id: id, on: account, in: context)
      accepted.record(.pinCleared)
      entries.append(accepted.finish(answering: nil))
      return .refused(error, recording: entries)
    }
    let entry = draft.finish(answering: context.request)
    return .accepted(entries.isEmpty ? [entry] : entries + [entry])
  }

  /// The entry by which what is due at the context's time lapses; nil when nothing is.
  package func lapse(in context: DecisionContext, id: EntryID) -> Entry? {
    let due = due(at: context.now)
    guard !due.isEmpty else { return nil }
    let plain = DecisionContext(
      now: context.now, calendar: context.calendar, rules: context.rules,
      programVersion: context.programVersion, nextEntry: id)
    var draft = Draft(.expire, id: id, on: self, in: plain)
    for part in due {
      if lot(part.lot)?.kind == .principal { draft.principal += part.amount }
      if lot(part.lot)?.kind == .bonus { draft.bonus += part.amount }
    }
    draft.amount = draft.principal + draft.bonus
    draft.lapseDue()
    return draft.finish(answering: nil)
  }

  /// This account with one more entry folded in; traps when the entry does not fit.
  func folding(_ entry: Entry) -> Account {
    var folded: Account? = self
    do {
      try Account.apply(entry, to: &folded)
    } catch {
      preconditionFailure("decided what the state does not allow: \(error.reason)")
    }
    return folded ?? self
  }
}

/// Which states of a card a request is served in.
package enum StatusNeed {
  /// Moves value or secrets: only an active card.
  case active
  /// Gives value back or settles what is under way: any but a closed card.
  case notClosed
}

extension Account {
  /// Whether the card serves what needs this status.
  ///
  /// Refuses with `account_closed`, `account_lost` or `account_frozen` (spec/stored-value.md, The
  /// card).
  package func judge(_ need: StatusNeed) throws(Refusal) {
    switch (status, need) {
    case (.closed, _): throw Refusal(.accountClosed)
    case (.lost, .active), (.lostFrozen, .active): throw Refusal(.accountLost)
    case (.frozen, .active): throw Refusal(.accountFrozen)
    default: break
    }
  }
}
