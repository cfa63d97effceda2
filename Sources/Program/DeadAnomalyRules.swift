// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import JSON
import LedgerCore
import StoredValue

/// Anomaly rules that the rest of the program keeps from ever hitting.
extension Contradictions {
  func checkAnomalyRules(_ watching: [Rule]) throws(ProgramProblem) {
    let place = JSONPointer("anomaly").appending("rules")
    for (index, rule) in watching.enumerated() {
      guard case .amount(let least) = rule.test else { continue }
      let limits: [(EntryKind, String, Amount?)] = [
        (.debit, "debit.max", rules.debit.maximum), (.authorize, "debit.max", rules.debit.maximum),
        (.capture, "debit.max", rules.debit.maximum), (.topUp, "topup.max", rules.topUp.maximum),
        (.topUpClear, "topup.max", rules.topUp.maximum),
      ]
      let reasons = rule.kinds.map { kind in
        limits.first { $0.0 == kind && ($0.2.map { least > $0 } ?? false) }?.1
      }
      guard let reason = reasons.first ?? nil, !reasons.contains(nil) else { continue }
      throw ProgramProblem(
        place.appending(index: index).appending("min"), "never reached: above \(reason)")
    }
  }
}
