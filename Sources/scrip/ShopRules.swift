// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The rules a shop begins with; how they were chosen stands in spec/anomalies.md.
enum ShopRules {
  static let rules: [JSONTree] = [
    [
      "id": "large-amount", "kind": "amount", "subject": "account",
      "on": ["debit", "authorize", "checkout"],
      "min": 3_000_000, "severity": "medium", "action": "alert", "suppress_seconds": 3600,
    ],
    [
      "id": "burst", "kind": "count", "subject": "account", "on": ["debit", "checkout"],
      "window_seconds": 120, "min": 5, "severity": "high", "action": "alert",
      "suppress_seconds": 3600,
    ],
    [
      "id": "odd-hours", "kind": "time_of_day", "subject": "store",
      "on": ["debit", "topup", "refund", "reverse", "checkout"], "from": "00:00", "to": "05:00",
      "severity": "low", "action": "alert", "suppress_seconds": 21_600,
    ],
    [
      "id": "drain", "kind": "drain", "subject": "account", "within_seconds": 600,
      "basis_points": 9500, "min": 3_000_000, "severity": "medium", "action": "alert",
      "suppress_seconds": 86_400,
    ],
    [
      "id": "pin-guessing", "kind": "pin_failures", "subject": "account",
      "window_seconds": 86_400, "min": 4, "severity": "medium", "action": "alert",
      "suppress_seconds": 3600,
    ],
    [
      "id": "pin-guessing-sideways", "kind": "pin_failures", "subject": "terminal",
      "window_seconds": 600, "min": 10, "severity": "critical", "action": "alert",
      "suppress_seconds": 600,
    ],
    [
      "id": "code-guessing", "kind": "code_failures", "subject": "terminal",
      "window_seconds": 60, "min": 20, "severity": "high", "action": "alert",
      "suppress_seconds": 600,
    ],
    [
      "id": "reversals", "kind": "count", "subject": "operator",
      "on": ["reverse", "refund", "checkout_refund"],
      "window_seconds": 3600, "min": 12, "severity": "high", "action": "alert",
      "suppress_seconds": 3600,
    ],
    [
      "id": "off-habit", "kind": "deviation", "subject": "account", "on": ["debit"],
      "factor_basis_points": 200_000, "min_history": 10, "severity": "low", "action": "alert",
      "suppress_seconds": 86_400,
    ],
  ]
}
