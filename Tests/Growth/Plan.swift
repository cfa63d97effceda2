// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// How shops are served: how many share an engine, and over how many ledgers cards are spread.
///
/// Ledgers do not know of each other: each gets its share of every shop's requests, so one of them
/// stands for all.
package struct Plan: Equatable, Sendable {
  /// How many shops send their requests through one engine process for each ledger.
  package var shopsTogether: Int
  package var ledgers: Int

  package init(shopsTogether: Int, ledgers: Int = 1) {
    (self.shopsTogether, self.ledgers) = (shopsTogether, ledgers)
  }

  /// Engine processes of one ledger, each with a session.
  package func engines(for shops: Int) -> Int {
    max(1, (shops + shopsTogether - 1) / shopsTogether)
  }
}

/// Finds how far a plan goes.
package struct Growth: Sendable {
  package var costs: Costs
  package var seed: UInt64 = 1
  package var warmUp = 5.0
  package var seconds = 30.0
  /// Debits a second of one shop.
  package var shopRate = 5.0
  package var serverProcessors = 4
  package var engineProcessors = 1

  package init(_ costs: Costs) { self.costs = costs }

  package func foretell(_ plan: Plan, shops: Int) -> Foretold {
    let engines = plan.engines(for: shops)
    let rate = shopRate * Double(shops) / Double(engines) / Double(plan.ledgers)
    var scenario = Scenario(
      costs, engines: engines, .perSecond(rate),
      .apart(server: serverProcessors, eachEngine: engineProcessors))
    (scenario.seed, scenario.warmUp, scenario.seconds) = (seed, warmUp, seconds)
    return LedgerSimulation.run(scenario)
  }

  /// Whether a ledger keeps up and is quick enough: all but one in two hundred of the requests that
  /// came are answered in the same stretch, and all but one in a hundred within the limit.
  package func holds(_ plan: Plan, shops: Int, within limit: Int64) -> Bool {
    let foretold = foretell(plan, shops: shops)
    let asked = shopRate * Double(shops) / Double(plan.ledgers)
    // A queue that grows shows in what is not answered before it shows in latency.
    return foretold.perSecond >= 0.995 * asked - 3 * (asked / seconds).squareRoot()
      && foretold.latency(0.99) <= limit
  }

  /// The most shops for which a plan holds, to one in a hundred, found by halving; 0 for none.
  package func mostShops(_ plan: Plan, within limit: Int64, upTo most: Int = 1_000_000) -> Int {
    guard holds(plan, shops: 1, within: limit) else { return 0 }
    var (good, bad) = (1, 2)
    while bad < most, holds(plan, shops: bad, within: limit) { (good, bad) = (bad, bad * 2) }
    while bad - good > max(1, good / 100) {
      let middle = good + (bad - good) / 2
      if holds(plan, shops: middle, within: limit) { good = middle } else { bad = middle }
    }
    return good
  }

  /// The fewest ledgers on which so many shops are served within the limit; nil if `most` do not.
  package func fewestLedgers(
    shops: Int, together: Int, within limit: Int64, upTo most: Int = 64
  ) -> Int? {
    (1...most).first {
      holds(Plan(shopsTogether: together, ledgers: $0), shops: shops, within: limit)
    }
  }
}
