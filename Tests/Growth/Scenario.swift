// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// One ledger, and who uses it.
package struct Scenario: Equatable, Sendable {
  package enum Demand: Equatable, Sendable {
    /// Requests come at random times, so many a second at each engine (a Poisson process).
    case perSecond(Double)
    /// So many are always in flight at each engine; each answer makes room for one.
    case inFlight(Int)
  }

  package enum Machines: Equatable, Sendable {
    /// Engines, server and client share so many processors.
    case shared(Int)
    /// The server has so many processors; so have engines together, a number for each of them.
    case apart(server: Int, eachEngine: Int)
  }

  package var costs: Costs
  package var engines: Int
  package var demand: Demand
  package var machines: Machines
  /// How many requests one group serves at most, as in the engine.
  package var groupLimit = 256
  package var seed: UInt64 = 1
  /// Simulated seconds before anything is counted, and while it is.
  package var warmUp = 2.0
  package var seconds = 10.0

  package init(_ costs: Costs, engines: Int, _ demand: Demand, _ machines: Machines) {
    (self.costs, self.engines, self.demand, self.machines) = (costs, engines, demand, machines)
  }
}

/// What a simulated stretch came to.
package struct Foretold: Equatable, Sendable {
  /// Requests answered while counting, and simulated seconds.
  package var answered = 0
  package var seconds = 0.0
  package var groups = 0
  package var syncs = 0
  /// Nanoseconds from a request to its answer, sorted.
  package var latencies: [Int64] = []
  /// The longest wait for the lock; the real engine gives up after five seconds.
  package var longestLockWait: Int64 = 0
  /// The share of the time in which the lock was held.
  package var lockHeld = 0.0
  /// The share of the server's processors that was used.
  package var serverUsed = 0.0

  package var perSecond: Double { Double(answered) / seconds }
  package var meanGroup: Double { Double(answered) / Double(max(1, groups)) }
  package var mean: Double {
    latencies.reduce(0) { $0 + Double($1) } / Double(max(1, latencies.count))
  }

  /// The smallest latency that so large a share does not exceed.
  package func latency(_ share: Double) -> Int64 {
    guard !latencies.isEmpty else { return 0 }
    let rank = Int((Double(latencies.count) * share).rounded(.up))
    return latencies[min(latencies.count, max(1, rank)) - 1]
  }
}
