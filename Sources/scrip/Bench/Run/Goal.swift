// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// What a figure must reach and what it should reach, and what it was.
struct Goal {
  enum Direction {
    case atLeast
    case atMost
  }

  let name: String
  let unit: String
  let direction: Direction
  /// Nil where only the other is asked for.
  let must: Double?
  let aim: Double?
  /// Nil when the workload was not run.
  let measured: Spread?

  var verdict: String {
    guard let measured else { return "not measured" }
    if let aim, reaches(measured.median, aim) { return "aim reached" }
    guard let must else { return "aim missed" }
    return reaches(measured.median, must) ? "must reached" : "missed"
  }

  private func reaches(_ value: Double, _ bound: Double) -> Bool {
    direction == .atLeast ? value >= bound : value <= bound
  }

  private var sign: String { direction == .atLeast ? "≥" : "≤" }

  var row: [String] {
    [
      name, must.map { "\(sign) \($0.fixed(2))" } ?? "-",
      aim.map { "\(sign) \($0.fixed(2))" } ?? "-",
      measured.map { $0.median.fixed(2) } ?? "-",
      measured.map { "[\($0.least.fixed(2))-\($0.most.fixed(2))]" } ?? "-", unit, verdict,
    ]
  }

  var tree: JSONTree {
    [
      "name": .string(name), "unit": .string(unit),
      "direction": direction == .atLeast ? "at_least" : "at_most",
      "must": must.map { .decimal($0, 3) } ?? .null,
      "aim": aim.map { .decimal($0, 3) } ?? .null, "measured": measured?.tree(3) ?? .null,
      "verdict": .string(verdict),
    ]
  }
}
