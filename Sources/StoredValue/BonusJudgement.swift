// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Why a bonus rule gives nothing this time.
package enum BonusMiss: String, Sendable, CaseIterable {
  case belowMinimum = "below_minimum"
  case aboveMaximum = "above_maximum"
  case notYetValid = "not_yet_valid"
  case noLongerValid = "no_longer_valid"
  case wrongWeekday = "wrong_weekday"
  case wrongStore = "wrong_store"
  case wrongLevel = "wrong_level"
  case notFirstTopUp = "not_first_topup"
  case alreadyGranted = "already_granted"
  /// It applies but comes to nothing, as a rate on a small amount may.
  case comesToNothing = "comes_to_nothing"
  case anotherIsBetter = "another_is_better"
  case anotherCameFirst = "another_came_first"
}

/// What every bonus rule says to one top-up: which give, how much, and why others do not.
package struct BonusJudgement: Sendable {
  /// One rule's answer.
  package struct Line: Sendable {
    package let rule: BonusRule
    /// What the rule gives, or would give if another did not keep it out.
    package let amount: Amount
    package fileprivate(set) var miss: BonusMiss?
  }

  /// In the program's order.
  package private(set) var lines: [Line]

  /// Judges `amount` topped up in `store` on the context's date.
  ///
  /// A top-up that is being cleared is still pending and so does not count as another.
  package init(amount: Amount, store: String?, account: Account, in context: DecisionContext) {
    let standing = account.lots.filter(\.stands)
    lines = context.rules.topUp.bonusRules.map { rule in
      let miss = BonusJudgement.miss(
        rule, amount: amount, store: store, level: account.level, date: context.date,
        standing: standing)
      let bonus = rule.grant.bonus(for: amount)
      return Line(rule: rule, amount: bonus, miss: miss ?? (bonus.isZero ? .comesToNothing : nil))
    }
    combine(context.rules.topUp.combination)
  }

  package var granted: [Line] { lines.filter { $0.miss == nil } }

  /// At most the account ceiling, which no account may reach.
  package var total: Amount {
    granted.reduce(into: .zero) { sum, line in
      sum = min(sum + line.amount, .accountCeiling)
    }
  }

  private mutating func combine(_ combination: BonusCombination) {
    let applying = lines.indices.filter { lines[$0].miss == nil }
    let chosen: Int?
    let reason: BonusMiss
    switch combination {
    case .all: return
    case .first: (chosen, reason) = (applying.first, .anotherCameFirst)
    case .best:
      let most = applying.map { lines[$0].amount }.max()
      (chosen, reason) = (applying.first { lines[$0].amount == most }, .anotherIsBetter)
    }
    for index in applying where index != chosen { lines[index].miss = reason }
  }

  private static func miss(
    _ rule: BonusRule, amount: Amount, store: String?, level: String?, date: BusinessDate,
    standing: [Lot]
  ) -> BonusMiss? {
    if let minimum = rule.minimum, amount < minimum { return .belowMinimum }
    if let maximum = rule.maximum, amount > maximum { return .aboveMaximum }
    if let from = rule.validFrom, date < from { return .notYetValid }
    if let until = rule.validUntil, date > until { return .noLongerValid }
    if !rule.weekdays.isEmpty, !rule.weekdays.contains(date.weekday) { return .wrongWeekday }
    if !rule.stores.isEmpty, !rule.stores.contains(where: { $0 == store }) { return .wrongStore }
    if !rule.levels.isEmpty, !rule.levels.contains(where: { $0 == level }) { return .wrongLevel }
    if rule.firstTopUpOnly, standing.contains(where: { $0.kind == .principal }) {
      return .notFirstTopUp
    }
    if rule.oncePerAccount, standing.contains(where: { $0.rule == rule.id }) {
      return .alreadyGranted
    }
    return nil
  }
}

extension Draft {
  /// Grants what the judgement gives: one lot a rule, numbered after the principal's.
  ///
  /// A program has at most 200 rules, so the number of a lot fits its byte.
  mutating func grant(_ judgement: BonusJudgement, for topUp: EntryID) {
    for (offset, line) in judgement.granted.enumerated() {
      let release = line.rule.release.map { max(Amount(1), Rounding.down(line.amount, at: $0)) }
      let expiry = line.rule.expiresAfterDays.map { days in
        min(context.calendar.start(of: context.date.advanced(byDays: days + 1)), .latest)
      }
      record(
        .lotGranted(
          Change.Grant(
            lot: LotID(topUp: topUp, index: UInt8(offset + 1)), kind: .bonus, amount: line.amount,
            releasePerDebit: release, expiresAt: expiry, rule: line.rule.id)))
      post(line.amount, debit: .bonusExpense, credit: .cardBonus)
      bonus += line.amount
    }
  }
}
