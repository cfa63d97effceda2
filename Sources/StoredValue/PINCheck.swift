// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What the engine found when it compared the PIN of a request, if any, with the verifier.
package enum PINEvidence: Sendable {
  case absent
  /// Right; `upgrade` is a verifier by today's key and hardening where the card's is older.
  case matches(upgrade: [UInt8]?)
  case differs

  var isAbsent: Bool {
    if case .absent = self { true } else { false }
  }

  /// Refused whatever else the request is.
  package var differs: Bool {
    if case .differs = self { true } else { false }
  }
}

/// Whether a request needs a PIN.
package enum PINNeed: Sendable {
  /// The method takes no PIN.
  case none
  /// A debit of this amount: the program decides.
  case spending(Amount)
  /// The PIN itself is what the request is about.
  case always
}

/// The outcome of the PIN stage.
enum PINVerdict {
  case passed
  case refused(Refusal)
  /// Wrong: to be counted, and perhaps to lock.
  case failed(lock: PINLock?, attemptsLeft: Int32)
}

extension Account {
  /// Judges the PIN in the order `pin_required`, `pin_not_set`, `pin_locked`, `pin_incorrect`.
  func judgePIN(
    _ need: PINNeed, _ evidence: PINEvidence, in context: DecisionContext
  ) -> PINVerdict {
    let rules = context.rules.pin
    switch need {
    case .none: return .passed
    case .spending(let amount) where evidence.isAbsent:
      if amount <= context.rules.debit.pinFreeLimit { return .passed }
      if pin.isSet { return .refused(Refusal(.pinRequired, field: "/pin")) }
      return rules.required ? .refused(Refusal(.pinNotSet)) : .passed
    case .always: precondition(!evidence.isAbsent, "the PIN is what the request is about")
    case .spending: break
    }
    guard pin.isSet else { return .refused(Refusal(.pinNotSet)) }
    if let lock = pin.lock(at: context.now) { return .refused(.pinLocked(lock)) }
    guard evidence.differs else { return .passed }
    let failures = pin.failures(at: context.now) + 1
    let left = max(0, rules.maximumAttempts - failures)
    guard left == 0 else { return .failed(lock: nil, attemptsLeft: left) }
    let end = rules.lockSeconds.map { context.now.advanced(bySeconds: $0) }
    return .failed(lock: end.map { .until($0) } ?? .untilReset, attemptsLeft: 0)
  }
}

extension Refusal {
  static func pinLocked(_ lock: PINLock) -> Refusal {
    switch lock {
    case .until(let end): Refusal(.pinLocked, details: [.init("locked_until", .instant(end))])
    case .untilReset: Refusal(.pinLocked)
    }
  }

  static func pinIncorrect(attemptsLeft: Int32, lock: PINLock?) -> Refusal {
    var details = [Detail("attempts_left", .integer(Int64(attemptsLeft)))]
    if case .until(let end) = lock { details.append(.init("locked_until", .instant(end))) }
    return Refusal(.pinIncorrect, field: "/pin", details: details)
  }
}
