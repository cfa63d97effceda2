// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import StoredValue

/// What the members of a program say together.
///
/// Members that exclude each other, and rules that could never take effect, are refused: they are
/// not what the merchant meant.
struct Contradictions {
  let rules: StoredValueRules

  init(_ rules: StoredValueRules) { self.rules = rules }

  func check() throws(ProgramProblem) {
    try checkTopUp()
    try checkDebit()
    try checkCard()
    if rules.pin.minimumLength > rules.pin.maximumLength {
      throw ProgramProblem(
        JSONPointer("pin").appending("min_length"), "must not be above max_length")
    }
    try checkBonusRules()
  }

  private func checkTopUp() throws(ProgramProblem) {
    guard let least = rules.topUp.minimum else { return }
    let place = JSONPointer("topup").appending("min")
    if let most = rules.topUp.maximum, least > most {
      throw ProgramProblem(place, "must not be above max")
    }
    if let most = rules.card.maximumBalance, least > most {
      throw ProgramProblem(place, "no card may hold so much: above card.max_balance")
    }
  }

  private func checkDebit() throws(ProgramProblem) {
    let place = JSONPointer("debit")
    if let most = rules.debit.maximum, let daily = rules.debit.dailyMaximum, most > daily {
      throw ProgramProblem(place.appending("max"), "never reached: above daily_max")
    }
    let limits: [(StaticString, Amount?)] = [
      ("max", rules.debit.maximum), ("daily_max", rules.debit.dailyMaximum),
    ]
    for case (let name, .some(let most)) in limits where rules.debit.pinFreeLimit > most {
      throw ProgramProblem(place.appending("pin_free_limit"), "never reached: above \(name)")
    }
  }

  private func checkCard() throws(ProgramProblem) {
    if let own = rules.card.maximumBalanceUnregistered, let most = rules.card.maximumBalance,
      own > most
    {
      throw ProgramProblem(
        JSONPointer("card").appending("max_balance_unregistered"), "must not be above max_balance")
    }
  }
}
