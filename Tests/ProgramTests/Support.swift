// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Program

/// Decodes a document written as text.
func decode(_ text: String) throws(ProgramProblem) -> Program {
  try Program.decode(canonical: Array(text.utf8))
}

/// The pointer at which a document is refused; nil when it is accepted.
func refusal(_ text: String) -> String? {
  do {
    _ = try decode(text)
    return nil
  } catch {
    return error.field
  }
}

func canonical(_ text: String) throws(ProgramProblem) -> String {
  String(decoding: try decode(text).document, as: UTF8.self)
}

/// A document with one bonus rule of 10 for 100, and these members beside.
func withRule(
  _ members: String = "", id: String = "r", grant: String = #"{"type":"fixed","amount":10}"#,
  topUp: String = "", more: String = ""
) -> String {
  let rule = ##"{"id":"\##(id)","grant":\##(grant)\##(members.isEmpty ? "" : ",")\##(members)}"##
  return ##"{"topup":{\##(topUp)\##(topUp.isEmpty ? "" : ",")"bonus_rules":[\##(rule)]}"##
    + (more.isEmpty ? "" : ",") + more + "}"
}

/// Every member there is, each with another value than its default.
let everything = """
  {"topup": {"min": 200, "max": 90000000, "pending_tenders": ["cheque", "支票"],
    "bonus_combination": "all", "bonus_rules": [
      {"id": "r500", "min_amount": 50000, "max_amount": 99999,
       "grant": {"type": "fixed", "amount": 5000}, "coupons": [], "first_topup_only": true,
       "once_per_account": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31",
       "weekdays": [6, 7], "store_ids": ["S1", "二店"], "levels": ["gold"],
       "release_basis_points": 1000, "expires_after_days": 90},
      {"id": "per", "grant": {"type": "per", "every": 50000, "amount": 4000}},
      {"id": "rate", "grant": {"type": "rate", "basis_points": 1000, "max": 20000}},
      {"id": "open", "grant": {"type": "rate", "basis_points": 500}}]},
   "debit": {"order": "proportional", "pin_free_limit": 3000, "max": 400000, "daily_max": 800000},
   "first_day": {"cap_basis_points": 6000, "gate_basis_points": 5000},
   "pin": {"required": true, "min_length": 6, "max_length": 8, "max_attempts": 3,
     "lock_seconds": 600, "hardening": "scrypt"},
   "card": {"max_balance": 95000000, "max_balance_unregistered": 100000, "lost_card": "forfeit"},
   "close": {"refund_method": "paid_ratio"},
   "coupons": {"max_per_checkout": 3, "application_order": ["cash", "item", "percent", "threshold"],
     "partial_return": "reprice"},
   "anomaly": {"rules": []}, "preset": null}
  """
