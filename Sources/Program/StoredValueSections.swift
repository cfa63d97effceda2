// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

/// The sections of stored value, each read over its defaults.
extension Fields {
  func read(into rules: inout StoredValueRules) throws(ProgramProblem) {
    try section(
      "topup", allowing: ["min", "max", "pending_tenders", "bonus_combination", "bonus_rules"]
    )?.read(into: &rules.topUp)
    try section(
      "debit", allowing: ["order", "pin_free_limit", "max", "daily_max"]
    )?.read(into: &rules.debit)
    try section(
      "first_day", allowing: ["cap_basis_points", "gate_basis_points"]
    )?.read(into: &rules.firstDay)
    try section(
      "pin",
      allowing: [
        "required", "min_length", "max_length", "max_attempts", "lock_seconds", "hardening",
      ]
    )?.read(into: &rules.pin)
    try section(
      "card", allowing: ["max_balance", "max_balance_unregistered", "lost_card"]
    )?.read(into: &rules.card)
    try section("close", allowing: ["refund_method"])?.read(into: &rules.close)
  }

  private func read(into rules: inout TopUpRules) throws(ProgramProblem) {
    rules.minimum = try self["min"]?.amount()
    rules.maximum = try self["max"]?.amount()
    if let tenders = self["pending_tenders"] {
      rules.pendingTenders = try tenders.distinct(atMost: 1000) {
        item throws(ProgramProblem) in try item.text(1...32, of: .noControls)
      }
    }
    rules.combination = try self["bonus_combination"]?.choice() ?? rules.combination
    rules.bonusRules = try self["bonus_rules"]?.bonusRules() ?? []
  }

  private func read(into rules: inout DebitRules) throws(ProgramProblem) {
    rules.order = try self["order"]?.choice() ?? rules.order
    rules.pinFreeLimit = try self["pin_free_limit"]?.amount(from: 0) ?? rules.pinFreeLimit
    rules.maximum = try self["max"]?.amount()
    rules.dailyMaximum = try self["daily_max"]?.amount()
  }

  private func read(into rules: inout FirstDayRules) throws(ProgramProblem) {
    rules.cap = try self["cap_basis_points"]?.basisPoints(in: 0...10_000)
    rules.gate = try self["gate_basis_points"]?.basisPoints(in: 1...10_000)
  }

  private func read(into rules: inout PINRules) throws(ProgramProblem) {
    rules.required = try self["required"]?.bool() ?? rules.required
    if let length = try self["min_length"]?.integer(in: 4...12) {
      rules.minimumLength = Int(length)
    }
    if let length = try self["max_length"]?.integer(in: 4...12) {
      rules.maximumLength = Int(length)
    }
    if let attempts = try self["max_attempts"]?.integer(in: 1...100) {
      rules.maximumAttempts = Int32(attempts)
    }
    if let seconds = try self["lock_seconds"]?.integer(in: 1...31_536_000) {
      rules.lockSeconds = seconds
    } else if isNull("lock_seconds") {
      rules.lockSeconds = nil
    }
    rules.hardening = try self["hardening"]?.choice() ?? rules.hardening
  }

  private func read(into rules: inout CardRules) throws(ProgramProblem) {
    rules.maximumBalance = try self["max_balance"]?.amount()
    rules.maximumBalanceUnregistered = try self["max_balance_unregistered"]?.amount()
    rules.lostCard = try self["lost_card"]?.choice() ?? rules.lostCard
  }

  private func read(into rules: inout CloseRules) throws(ProgramProblem) {
    rules.method = try self["refund_method"]?.choice() ?? rules.method
  }
}
