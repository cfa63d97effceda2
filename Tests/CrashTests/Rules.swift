// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The program of a ledger in these tests, and what it means by the specification.
///
/// Two bonus rules that both give, no limits, no first day, and a lock that only a reset ends, so
/// that nothing depends on the time of day.
struct Rules: Equatable {
  let bonusFirst: Bool

  static let attempts = 5

  var program: JSONTree {
    [
      "topup": [
        "bonus_combination": "all",
        "bonus_rules": [
          ["id": "fixed", "min_amount": 5000, "grant": ["type": "fixed", "amount": 500]],
          ["id": "rate", "min_amount": 10_000, "grant": ["type": "rate", "basis_points": 750]],
        ],
      ],
      "debit": ["order": .string(bonusFirst ? "bonus_first" : "principal_first")],
      "pin": ["max_attempts": .integer(Int64(Self.attempts)), "lock_seconds": nil],
    ]
  }

  /// What each rule gives on a top-up, in the order of the rules.
  func bonuses(on amount: Int64) -> [Int64] {
    var given: [Int64] = []
    if amount >= 5000 { given.append(500) }
    if amount >= 10_000 { given.append(amount * 750 / 10_000) }
    return given
  }
}
