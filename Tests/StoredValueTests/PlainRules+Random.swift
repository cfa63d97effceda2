// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Seeds

extension PlainRules {
  /// A program by chance: each limit and each condition is there or not.
  static func random(refundMethod: String, _ random: inout SplitMix64) -> PlainRules {
    var rules = PlainRules()
    rules.refundMethod = refundMethod
    if random.once(in: 6) { rules.topUpMinimum = random.below(200) + 1 }
    if random.once(in: 6) { rules.topUpMaximum = random.below(9_000) + 1_000 }
    if !random.once(in: 3) { rules.pendingTenders = ["cheque"] }
    rules.combination = ["best", "all", "first"][random.below(3)]
    rules.order = ["bonus_first", "principal_first", "proportional"][random.below(3)]
    for number in 0..<random.below(4) { rules.bonus.append(.random("r\(number)", &random)) }
    if random.once(in: 2) { rules.pinFreeLimit = random.below(500) }
    if random.once(in: 5) { rules.debitMaximum = random.below(4_000) + 1 }
    if random.once(in: 4) { rules.dailyMaximum = random.below(9_000) + 1 }
    if random.once(in: 3) { rules.cap = random.below(11_000) }
    if random.once(in: 4) { rules.gate = random.below(10_000) + 1 }
    rules.pinRequired = random.once(in: 4)
    rules.maximumAttempts = random.below(4) + 1
    rules.lockSeconds = random.once(in: 4) ? nil : random.below(4_000) + 1
    if random.once(in: 4) { rules.maximumBalance = random.below(20_000) + 2_000 }
    if random.once(in: 4) { rules.maximumBalanceUnregistered = random.below(10_000) + 1_000 }
    rules.isForfeit = random.once(in: 3)
    rules.needsHolder = random.once(in: 3)
    return rules
  }
}

extension PlainBonus {
  fileprivate static func random(_ id: String, _ random: inout SplitMix64) -> PlainBonus {
    var rule = PlainBonus()
    rule.id = id
    switch random.below(3) {
    case 0: rule.grant = .fixed(random.below(2_000))
    case 1: rule.grant = .per(random.below(1_000) + 1, random.below(90) + 1)
    default: rule.grant = .rate(random.below(6_000), random.once(in: 2) ? random.below(900) : nil)
    }
    if random.once(in: 4) { rule.minimum = random.below(3_000) }
    if random.once(in: 6) { rule.maximum = random.below(9_000) + 1_000 }
    rule.firstOnly = random.once(in: 6)
    rule.once = random.once(in: 5)
    // 2 March 2026 is day 20,514.
    if random.once(in: 8) { rule.from = 20_514 + random.below(3) }
    if random.once(in: 8) { rule.until = 20_514 + random.below(6) }
    if random.once(in: 8) { rule.weekdays = [1, 2, random.below(5) + 3] }
    if random.once(in: 8) { rule.stores = ["s1"] }
    if random.once(in: 8) { rule.levels = ["gold"] }
    if random.once(in: 2) { rule.release = random.below(6_000) }
    if random.once(in: 2) { rule.days = random.below(4) }
    return rule
  }
}
