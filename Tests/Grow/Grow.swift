// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Growth

/// Foretells, from what single groups cost, what a ledger on a server does under load.
///
/// `scrip-growth bench POINT...` foretells what `make bench-postgres` measures of such points, all
/// on one machine; `scrip-growth shops` how many shops can be served by machines of their own.
@main
enum Grow {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    let points = words.dropFirst().filter { !$0.contains("=") }
    guard let what = words.first,
      let settings = Settings(words.dropFirst().filter { $0.contains("=") })
    else { usage() }
    switch what {
    case "bench":
      let demands = points.compactMap(Point.init)
      guard !points.isEmpty, demands.count == points.count else { usage() }
      bench(demands, settings)
    case "shops" where points.isEmpty: shops(settings)
    default: usage()
    }
  }

  private static func usage() -> Never {
    print(
      """
      usage: scrip-growth bench POINT... [NAME=NUMBER...]
             scrip-growth shops [NAME=NUMBER...]

      POINT is PROCESSESxIN_FLIGHT or PROCESSES@DEBITS_A_SECOND_EACH. Costs are in microseconds,
      once a group and for each debit. Unless it is said otherwise:
      \(Settings.names)
      """)
    exit(64)
  }

  // MARK: A bench on one machine

  private static func bench(_ points: [Point], _ settings: Settings) {
    print(settings.text)
    print("       point  debits/s   p50 ms  p99 ms  group  lock held  processors used")
    // There is no network, and processors that are busy wake nobody late.
    var costs = settings.costs
    (costs.hop, costs.wake) = (0, 0)
    for point in points {
      var scenario = Scenario(
        costs, engines: point.processes, point.demand, .shared(settings.processors))
      (scenario.seed, scenario.seconds) = (settings.seed, settings.seconds)
      let it = LedgerSimulation.run(scenario)
      print(
        pad(point.text, 12), pad(fixed(it.perSecond, 0), 9), times(it),
        pad(fixed(it.meanGroup, 1), 6), pad(fixed(it.lockHeld, 2), 10),
        pad(fixed(it.serverUsed, 2), 16))
    }
  }

  // MARK: Shops

  private static let limits: [(name: String, time: Int64)] = [
    ("100 ms", 100_000_000), ("1 s", 1_000_000_000),
  ]

  private static func shops(_ settings: Settings) {
    var growth = Growth(settings.costs)
    (growth.seed, growth.seconds) = (settings.seed, settings.seconds)
    growth.serverProcessors = settings.serverProcessors
    growth.shopRate = settings.shopRate
    print(settings.text)
    print(
      "shops together  ledgers  p99 within   shops  debits/s  sessions a ledger  p50 ms  p99 ms")
    for together in [1, 10, 100, 1000] {
      for ledgers in [1, 4] {
        for limit in limits { most(growth, Plan(shopsTogether: together, ledgers: ledgers), limit) }
      }
    }
    print("\n\(settings.shops) shops, p99 within 100 ms:")
    for together in [1, 10, 100, 200, 500, 1000] {
      let found = growth.fewestLedgers(
        shops: settings.shops, together: together, within: limits[0].time)
      guard let found else {
        print(pad("\(together)", 5), "shops together: not with 64 ledgers")
        continue
      }
      let plan = Plan(shopsTogether: together, ledgers: found)
      print(
        pad("\(together)", 5), "shops together: \(found) ledgers,",
        "\(plan.engines(for: settings.shops)) sessions each,",
        "\(plan.engines(for: settings.shops) * found) engines;",
        "p50 and p99 ms", times(growth.foretell(plan, shops: settings.shops)),
        about(growth.foretell(plan, shops: settings.shops)))
    }
  }

  private static func most(
    _ growth: Growth, _ plan: Plan, _ limit: (name: String, time: Int64)
  ) {
    let shops = growth.mostShops(plan, within: limit.time)
    let it = growth.foretell(plan, shops: max(1, shops))
    print(
      pad("\(plan.shopsTogether)", 14), pad("\(plan.ledgers)", 8), pad(limit.name, 11),
      pad("\(shops)", 7), pad(fixed(Double(shops) * growth.shopRate, 0), 9),
      pad("\(plan.engines(for: shops))", 18), times(it), about(it))
  }

  // MARK: Words

  private static func times(_ it: Foretold) -> String {
    pad(fixed(Double(it.latency(0.5)) / 1e6, 1), 7) + " "
      + pad(fixed(Double(it.latency(0.99)) / 1e6, 1), 7)
  }

  private static func about(_ it: Foretold) -> String {
    "  groups of \(fixed(it.meanGroup, 1)), lock held \(fixed(it.lockHeld, 2)), "
      + "server used \(fixed(it.serverUsed, 2))"
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }
}

/// With so many digits behind the point.
func fixed(_ value: Double, _ digits: Int) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = Int((value * scale).rounded())
  guard digits > 0 else { return "\(scaled)" }
  let rest = "\(scaled % Int(scale))"
  return "\(scaled / Int(scale))." + String(repeating: "0", count: digits - rest.utf8.count) + rest
}
