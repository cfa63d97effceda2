// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import StoredValue

/// Bonus rules that contradict themselves or could never give.
extension Contradictions {
  func checkBonusRules() throws(ProgramProblem) {
    let place = JSONPointer("topup").appending("bonus_rules")
    for (index, rule) in rules.topUp.bonusRules.enumerated() {
      let own = place.appending(index: index)
      try checkRange(of: rule, at: own)
      try checkDates(of: rule, at: own)
      try checkGrant(of: rule, at: own.appending("grant"))
    }
    guard rules.topUp.combination == .first else { return }
    for (index, rule) in rules.topUp.bonusRules.enumerated() {
      if let earlier = rules.topUp.bonusRules[..<index].first(where: { keepsOut($0, rule) }) {
        throw ProgramProblem(
          place.appending(index: index), "never reached: rule \(earlier.id) always comes first")
      }
    }
  }

  /// The largest top-up that the program and its cards let through.
  private var largestTopUp: Amount {
    let limits = [rules.topUp.maximum, rules.card.maximumBalance].compactMap { $0 }
    return limits.min() ?? .requestLimit
  }

  /// The top-ups that can meet a rule.
  ///
  /// Only for a rule that `checkRange` let through: no other range need have a beginning.
  private func range(of rule: BonusRule) -> ClosedRange<Amount> {
    let least = max(rule.minimum ?? Amount(1), rules.topUp.minimum ?? Amount(1))
    return least...min(rule.maximum ?? .requestLimit, largestTopUp)
  }

  private func checkRange(of rule: BonusRule, at place: JSONPointer) throws(ProgramProblem) {
    if let least = rule.minimum {
      if let most = rule.maximum, least > most {
        throw ProgramProblem(place.appending("min_amount"), "must not be above max_amount")
      }
      if let most = rules.topUp.maximum, least > most {
        throw ProgramProblem(place.appending("min_amount"), "never reached: above topup.max")
      }
      if let most = rules.card.maximumBalance, least > most {
        throw ProgramProblem(place.appending("min_amount"), "never reached: above card.max_balance")
      }
    }
    if let most = rule.maximum, let least = rules.topUp.minimum, most < least {
      throw ProgramProblem(place.appending("max_amount"), "never reached: below topup.min")
    }
  }

  private func checkDates(of rule: BonusRule, at place: JSONPointer) throws(ProgramProblem) {
    guard let from = rule.validFrom, let until = rule.validUntil else { return }
    guard from <= until else {
      throw ProgramProblem(place.appending("valid_from"), "must not be after valid_until")
    }
    let days = until.daysSince1970 - from.daysSince1970
    guard !rule.weekdays.isEmpty, days < 6 else { return }
    let met = (0...days).contains { rule.weekdays.contains(from.advanced(byDays: $0).weekday) }
    if !met {
      throw ProgramProblem(
        place.appending("weekdays"), "none of them lies between valid_from and valid_until")
    }
  }

  /// A bonus never falls as the amount grows, so the ends of the range decide.
  private func checkGrant(of rule: BonusRule, at place: JSONPointer) throws(ProgramProblem) {
    guard rule.grant.bonus(for: range(of: rule).upperBound).isZero else { return }
    switch rule.grant {
    case .fixed: return
    case .per:
      throw ProgramProblem(place.appending("every"), "never reached by any amount of the rule")
    case .rate:
      throw ProgramProblem(
        place.appending("basis_points"), "rounds to 0 for every amount of the rule")
    }
  }

  /// Whether `earlier` gives something for every top-up that could meet `later`.
  private func keepsOut(_ earlier: BonusRule, _ later: BonusRule) -> Bool {
    guard !earlier.firstTopUpOnly, !earlier.oncePerAccount, earlier.validFrom == nil,
      earlier.validUntil == nil, earlier.weekdays.isEmpty, earlier.stores.isEmpty,
      earlier.levels.isEmpty
    else { return false }
    let (own, other) = (range(of: earlier), range(of: later))
    return own.lowerBound <= other.lowerBound && own.upperBound >= other.upperBound
      && !earlier.grant.bonus(for: other.lowerBound).isZero
  }
}
