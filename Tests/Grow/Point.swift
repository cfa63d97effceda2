// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Growth

/// What is asked of how many processes, as `scrip-server-load` has it.
struct Point {
  let text: String
  let processes: Int
  let demand: Scenario.Demand

  init?(_ text: String) {
    guard let mark = text.firstIndex(where: { $0 == "x" || $0 == "@" }),
      let processes = Int(text[..<mark]), processes > 0,
      let number = Double(text[text.index(after: mark)...]), number > 0
    else { return nil }
    (self.text, self.processes) = (text, processes)
    demand = text[mark] == "x" ? .inFlight(Int(number)) : .perSecond(number)
  }
}
