// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Growth

/// What was measured, and what the command line says in its place.
struct Settings {
  private var values: [(name: String, value: Double)] = Self.normal

  private static let steps: KeyValuePairs<String, any WritableKeyPath<Costs, Cost> & Sendable> = [
    "read": \.read, "begin": \.begin, "cold-server": \.coldServer, "look": \.look,
    "decide": \.decide, "cold-engine": \.coldEngine, "write": \.write, "barrier": \.barrier,
    "beside": \.beside,
    "answer": \.answer, "client": \.client,
  ]
  private static let times: KeyValuePairs<String, any WritableKeyPath<Costs, Int64> & Sendable> = [
    "wake": \.wake, "hop": \.hop, "sync": \.sync,
  ]

  /// Numbers, then microseconds: of each step once a group, and for each debit.
  private static let normal: [(name: String, value: Double)] =
    [
      ("seed", 1), ("seconds", 30), ("processors", 2), ("server", 4), ("rate", 5),
      ("shops", 10_000), ("spread", Costs.measured.spread),
    ] + times.map { ($0.key, Double(Costs.measured[keyPath: $0.value]) / 1e3) }
    + steps.flatMap {
      let cost = Costs.measured[keyPath: $0.value]
      return [($0.key, Double(cost.once) / 1e3), ($0.key + "-each", Double(cost.each) / 1e3)]
    }

  static var names: String { Settings([])?.text ?? "" }

  /// Nil for what is not known.
  init?(_ words: some Sequence<String>) {
    for word in words {
      let parts = word.split(separator: "=")
      guard parts.count == 2, let value = Double(parts[1]), value >= 0,
        let place = values.firstIndex(where: { $0.name == parts[0] })
      else { return nil }
      values[place].value = value
    }
  }

  /// What is simulated, so that it can be again.
  var text: String {
    values.map { "\($0.name)=\(fixed($0.value, $0.value == $0.value.rounded() ? 0 : 1))" }
      .joined(separator: " ")
  }

  private subscript(_ name: String) -> Double { values.first { $0.name == name }?.value ?? 0 }

  var seed: UInt64 { UInt64(self["seed"]) }
  var seconds: Double { self["seconds"] }
  /// Of the one machine on which it is measured.
  var processors: Int { max(1, Int(self["processors"])) }
  /// Of the server's machine, where it has one of its own.
  var serverProcessors: Int { max(1, Int(self["server"])) }
  var shopRate: Double { self["rate"] }
  var shops: Int { max(1, Int(self["shops"])) }

  var costs: Costs {
    var costs = Costs()
    costs.spread = min(1, self["spread"])
    for time in Self.times { costs[keyPath: time.value] = Int64(self[time.key] * 1e3) }
    for step in Self.steps {
      costs[keyPath: step.value] = Cost(
        Int64(self[step.key] * 1e3), each: Int64(self[step.key + "-each"] * 1e3))
    }
    return costs
  }
}
