// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What is asked of how many processes.
struct Demand {
  enum Kind {
    /// So many are always in flight; each answer makes room for one.
    case inFlight(Int)
    /// So many a second come at random times (a Poisson process), whether there are answers or not.
    case perSecond(Double)
  }

  let processes: Int
  let kind: Kind

  init?(_ text: String) {
    guard let mark = text.firstIndex(where: { $0 == "x" || $0 == "@" }),
      let processes = Int(text[..<mark]), processes > 0
    else { return nil }
    self.processes = processes
    let rest = text[text.index(after: mark)...]
    if text[mark] == "x" {
      guard let count = Int(rest), count > 0 else { return nil }
      kind = .inFlight(count)
    } else {
      guard let rate = Double(rest), rate > 0 else { return nil }
      kind = .perSecond(rate)
    }
  }
}
