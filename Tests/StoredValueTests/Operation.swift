// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// One step of a random day at the till.
///
/// Cards and requests are named as the plain model names them.
enum Operation {
  case program(PlainRules)
  case wait(until: Int)
  case walk(to: String?)
  case open(
    slot: Int, number: String, registered: Bool, hasHolder: Bool, level: String?, pin: Bool,
    topUp: (amount: Int, tender: String)?, sameDaySpend: Int?)
  case topUp(Int, amount: Int, tender: String)
  case clear(Int, request: Int)
  case bounce(Int, request: Int)
  case debit(Int, amount: Int, partial: Bool, pin: String?)
  case authorize(Int, amount: Int, seconds: Int, pin: String?)
  case capture(Int, request: Int, amount: Int?)
  case release(Int, request: Int)
  case refund(Int, request: Int, amount: Int?)
  case reverse(Int, request: Int)
  case freeze(Int)
  case unfreeze(Int)
  case reportLost(Int)
  case replace(Int, number: String, newPIN: Bool)
  case setPIN(Int, override: Bool)
  case changePIN(Int, current: String)
  case resetPIN(Int)
  case verifyPIN(Int, given: String)
  case probe(Int, request: Int)
  case close(Int)
}
