// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

extension BonusRule {
  /// A rule by which a top-up from `minimum` gets `amount`.
  static func fixed(_ id: String, from minimum: Int64 = 0, _ amount: Int64) -> BonusRule {
    var rule = BonusRule(id: id, grant: .fixed(Amount(amount)))
    if minimum > 0 { rule.minimum = Amount(minimum) }
    return rule
  }

  /// This rule with something set.
  func with(_ change: (inout BonusRule) -> Void) -> BonusRule {
    var rule = self
    change(&rule)
    return rule
  }
}

extension StoredValueRules {
  /// The neutral rules with something set.
  static func with(_ change: (inout StoredValueRules) -> Void) -> StoredValueRules {
    var rules = StoredValueRules()
    change(&rules)
    return rules
  }

  /// The neutral rules with these bonus rules.
  static func bonus(
    _ rules: BonusRule..., combination: BonusCombination = .best
  ) -> StoredValueRules {
    .with {
      $0.topUp.bonusRules = rules
      $0.topUp.combination = combination
    }
  }
}
