// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The program as the model reads it (contract §3), with the neutral defaults.
struct PlainRules: Sendable {
  struct Bonus: Sendable {
    var id: String
    var least: Int?
    var most: Int?
    var grant: Plain
    var coupons: [(campaign: String, count: Int)] = []
    var firstOnly: Bool
    var once: Bool
    var from: String?
    var until: String?
    var weekdays: [Int]
    var stores: [String]
    var levels: [String]
    var release: Int?
    var days: Int?
  }

  var topUpLeast: Int?
  var topUpMost: Int?
  var pendingTenders: [String] = []
  var combination = "best"
  var bonus: [Bonus] = []
  var order = "bonus_first"
  var pinFreeLimit = 0
  var debitMost: Int?
  var dailyMost: Int?
  var cap: Int?
  var gate: Int?
  var pinRequired = false
  var pinShortest = 4
  var pinLongest = 12
  var attempts = 5
  /// nil: only a reset ends a lock.
  var lockSeconds: Int? = 1800
  var balanceMost: Int?
  var unregisteredMost: Int?
  var forfeits = false
  var refundMethod = "principal"
  var couponsPerCheckout: Int?
  var kinds = ["item", "percent", "threshold", "cash"]
  var reprices = false

  init() {}

  init(_ program: Plain) {
    let topUp = program["topup"] ?? [:]
    topUpLeast = topUp["min"]?.number
    topUpMost = topUp["max"]?.number
    pendingTenders = topUp["pending_tenders"].texts
    combination = topUp["bonus_combination"]?.text ?? combination
    bonus = (topUp["bonus_rules"]?.list ?? []).map { Bonus($0) }
    let debit = program["debit"] ?? [:]
    order = debit["order"]?.text ?? order
    pinFreeLimit = debit["pin_free_limit"]?.number ?? 0
    debitMost = debit["max"]?.number
    dailyMost = debit["daily_max"]?.number
    cap = program["first_day"]?["cap_basis_points"]?.number
    gate = program["first_day"]?["gate_basis_points"]?.number
    readPINAndCard(program)
    let coupons = program["coupons"] ?? [:]
    couponsPerCheckout = coupons["max_per_checkout"]?.number
    if let order = coupons["application_order"] { kinds = Optional(order).texts }
    reprices = coupons["partial_return"]?.text == "reprice"
  }

  private mutating func readPINAndCard(_ program: Plain) {
    let pin = program["pin"] ?? [:]
    pinRequired = pin["required"]?.bool ?? false
    pinShortest = pin["min_length"]?.number ?? 4
    pinLongest = pin["max_length"]?.number ?? 12
    attempts = pin["max_attempts"]?.number ?? 5
    if case .object(let members) = pin, let seconds = members["lock_seconds"] {
      lockSeconds = seconds.number
    }
    let card = program["card"] ?? [:]
    balanceMost = card["max_balance"]?.number
    unregisteredMost = card["max_balance_unregistered"]?.number
    forfeits = card["lost_card"]?.text == "forfeit"
    refundMethod = program["close"]?["refund_method"]?.text ?? refundMethod
  }
}

extension PlainRules.Bonus {
  init(_ rule: Plain) {
    id = rule["id"]?.text ?? ""
    least = rule["min_amount"]?.number
    most = rule["max_amount"]?.number
    grant = rule["grant"] ?? [:]
    coupons = (rule["coupons"]?.list ?? []).map {
      ($0["campaign_id"]?.name ?? "", $0["count"]?.number ?? 0)
    }
    firstOnly = rule["first_topup_only"]?.bool ?? false
    once = rule["once_per_account"]?.bool ?? false
    from = rule["valid_from"]?.text
    until = rule["valid_until"]?.text
    weekdays = (rule["weekdays"]?.list ?? []).compactMap(\.number)
    stores = rule["store_ids"].texts
    levels = rule["levels"].texts
    release = rule["release_basis_points"]?.number
    days = rule["expires_after_days"]?.number
  }

  /// What it gives for a top-up of this amount, conditions aside.
  func gift(for amount: Int) -> Int {
    let given = grant["amount"]?.number ?? 0
    switch grant["type"]?.text {
    case "fixed": return given
    case "per": return amount / (grant["every"]?.number ?? 1) * given
    default:
      let share = amount * (grant["basis_points"]?.number ?? 0) / 10_000
      return min(share, grant["max"]?.number ?? .max)
    }
  }
}

extension Plain? {
  /// The texts of a list; none where there is no list.
  var texts: [String] { (self?.list ?? []).compactMap(\.text) }
}
