// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import StoredValue

/// A named set of rules that a program may ask for.
package enum Preset: String, Sendable, CaseIterable {
  /// Single-purpose prepaid cards in China (Measures of 2012, Art. 15 and 18): at most 5,000 yuan
  /// on a registered card and 1,000 on another, the holder of a registered card known by name. A
  /// lost card is replaced and a closed one paid out. No legal advice.
  case cnSinglePurpose = "cn-single-purpose"

  /// Fills in what the program leaves open; throws where the program says otherwise.
  func apply(to rules: inout StoredValueRules) throws(ProgramProblem) {
    let (registered, unregistered) = (Amount(500_000), Amount(100_000))
    let card = JSONPointer("card")
    if let most = rules.card.maximumBalance, most > registered {
      throw problem(card.appending("max_balance"), allows: "at most \(registered.minorUnits)")
    }
    if let most = rules.card.maximumBalanceUnregistered, most > unregistered {
      throw problem(
        card.appending("max_balance_unregistered"), allows: "at most \(unregistered.minorUnits)")
    }
    if rules.card.lostCard == .forfeit {
      throw problem(card.appending("lost_card"), allows: "\"replace\"")
    }
    if rules.close.method == .none {
      throw problem(
        JSONPointer("close").appending("refund_method"), allows: "\"principal\" or \"paid_ratio\"")
    }
    let most = rules.card.maximumBalance ?? registered
    rules.card.maximumBalance = most
    rules.card.maximumBalanceUnregistered =
      rules.card.maximumBalanceUnregistered ?? min(unregistered, most)
    rules.card.registeredNeedsHolder = true
  }

  private func problem(_ place: JSONPointer, allows allowed: String) -> ProgramProblem {
    ProgramProblem(place, "the preset \(rawValue) allows \(allowed)")
  }
}
