// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The program as the plain model knows it: numbers and texts, nothing of the engine's.
struct PlainRules {
  var topUpMinimum: Int?
  var topUpMaximum: Int?
  var pendingTenders: [String] = []
  var combination = "best"
  var bonus: [PlainBonus] = []
  var order = "bonus_first"
  var pinFreeLimit = 0
  var debitMaximum: Int?
  var dailyMaximum: Int?
  var cap: Int?
  var gate: Int?
  var pinRequired = false
  var maximumAttempts = 5
  var lockSeconds: Int?
  var maximumBalance: Int?
  var maximumBalanceUnregistered: Int?
  var isForfeit = false
  var needsHolder = false
  var refundMethod = "principal"
}

/// A bonus rule as the plain model knows it.
struct PlainBonus {
  var id = ""
  var minimum: Int?
  var maximum: Int?
  var grant = PlainGrant.fixed(0)
  var firstOnly = false
  var once = false
  var from: Int?
  var until: Int?
  var weekdays: [Int] = []
  var stores: [String] = []
  var levels: [String] = []
  var release: Int?
  var days: Int?
}

/// How much a plain bonus rule gives.
enum PlainGrant {
  case fixed(Int)
  case per(Int, Int)
  case rate(Int, Int?)
}
