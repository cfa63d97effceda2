// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Growth
import Testing

/// The simulation of a ledger on a server, where the theory of queues knows the answer.
@Suite struct KnownQueueTests {
  private static let millisecond: Int64 = 1_000_000

  /// Nothing costs anything but what the test says.
  private func run(
    engines: Int, perSecond: Double, seconds: Double, processors: Int = 64, seed: UInt64 = 1,
    limit: Int = 256, _ change: (inout Costs) -> Void
  ) -> Foretold {
    var costs = Costs()
    change(&costs)
    var scenario = Scenario(
      costs, engines: engines, .perSecond(perSecond), .apart(server: processors, eachEngine: 1))
    (scenario.seconds, scenario.seed, scenario.groupLimit) = (seconds, seed, limit)
    return LedgerSimulation.run(scenario)
  }

  private func expect(_ foretold: Foretold, mean milliseconds: Double, within share: Double = 0.04)
  {
    let mean = foretold.mean / 1e6
    #expect(abs(mean - milliseconds) <= share * milliseconds, "\(mean) ms, not \(milliseconds)")
  }

  /// M/D/1: the mean is s + ρ s / 2 (1 − ρ), here 1 + 0.75 ms.
  @Test(arguments: [1, 2] as [UInt64])
  func `one engine that serves one by one is a queue of one server`(seed: UInt64) {
    let foretold = run(engines: 1, perSecond: 600, seconds: 30, seed: seed, limit: 1) {
      $0.decide = Cost(Self.millisecond)
    }
    #expect(abs(foretold.perSecond - 600) < 15)
    expect(foretold, mean: 1.75)
  }

  /// M/D/1 again: the order in which equal requests are served does not change the mean.
  @Test func `engines that take the lock in turn are one queue`() {
    let foretold = run(engines: 50, perSecond: 12, seconds: 25, limit: 1) {
      $0.look = Cost(Self.millisecond / 4)
      $0.decide = Cost(Self.millisecond / 4)
      $0.write = Cost(Self.millisecond / 4)
      $0.hop = Self.millisecond / 16
      $0.wake = Self.millisecond / 16
    }
    // 0.75 ms of processor time and two ways of 0.125 ms: the lock is held for 1 ms, and two ways
    // more are outside of it. Who has waited for the lock also wakes up: 0.04 ms on average.
    expect(foretold, mean: 1.75 + 0.25 + 0.09, within: 0.05)
    #expect(abs(foretold.lockHeld - 0.62) < 0.03)
  }

  /// M/M/3 at ρ = 0.6: Erlang's C is 0.355, the mean 1 + 0.355 / (3 − 1.8) ms.
  @Test func `processors are servers of one queue`() {
    let foretold = run(engines: 600, perSecond: 3, seconds: 20, processors: 3) {
      $0.begin = Cost(Self.millisecond)
      $0.spread = 1
    }
    expect(foretold, mean: 1.296, within: 0.05)
    #expect(abs(foretold.serverUsed - 0.6) < 0.02)
  }

  /// Under dense load a request waits for half of the group before its own, and for its own.
  @Test func `a group takes all that has come meanwhile`() {
    let foretold = run(engines: 1, perSecond: 10_000, seconds: 2, limit: .max) {
      $0.decide = Cost(10 * Self.millisecond)
    }
    expect(foretold, mean: 15)
    #expect(abs(foretold.meanGroup - 100) < 3)
  }

  @Test func `a sync is shared by all who wait when it begins`() {
    let foretold = run(engines: 2_000, perSecond: 1, seconds: 5) {
      $0.sync = 10 * Self.millisecond
    }
    expect(foretold, mean: 15)
    #expect(abs(foretold.syncs - 500) <= 5)
  }

  // MARK: Closed loops

  private func closed(
    engines: Int, inFlight: Int, _ machines: Scenario.Machines, _ change: (inout Costs) -> Void
  ) -> Foretold {
    var costs = Costs()
    change(&costs)
    return LedgerSimulation.run(Scenario(costs, engines: engines, .inFlight(inFlight), machines))
  }

  @Test func `a process alone serves what is in flight as one group`() {
    let foretold = closed(engines: 1, inFlight: 32, .shared(2)) {
      $0.read = Cost(500_000, each: 40_000)
      $0.answer = Cost(500_000, each: 60_000)
    }
    #expect(foretold.meanGroup == 32)
    #expect(abs(foretold.perSecond - 32 / 0.0042) < 10)
  }

  @Test func `the rate of groups is that of the lock, whatever a sync takes`() {
    let foretold = closed(engines: 32, inFlight: 1, .apart(server: 16, eachEngine: 1)) {
      $0.look = Cost(200_000)
      $0.write = Cost(300_000)
      ($0.hop, $0.wake, $0.sync) = (50_000, 20_000, 5_000_000)
    }
    // Woken, looked, there, back, written.
    #expect(abs(foretold.perSecond - 1 / 0.00066) < 15)
    #expect(foretold.lockHeld > 0.99)
  }

  @Test func `processors that are shared are used up to the last`() {
    let foretold = closed(engines: 8, inFlight: 4, .shared(2)) {
      $0.read = Cost(each: 100_000)
      $0.begin = Cost(each: 10)
      $0.barrier = Cost(each: 100_000)
    }
    #expect(abs(foretold.perSecond - 10_000) < 100)
    #expect(foretold.serverUsed > 0.99)
  }

  @Test func `caches that others have used are paid for, and only then`() {
    func rate(engines: Int) -> Double {
      closed(engines: engines, inFlight: 1, .apart(server: 8, eachEngine: 1)) {
        $0.look = Cost(500_000)
        $0.coldServer = Cost(200_000, each: 50_000)
        $0.coldEngine = Cost(240_000, each: 10_000)
      }.perSecond
    }
    #expect(abs(rate(engines: 1) - 2_000) < 1)
    #expect(abs(rate(engines: 4) - 1_000) < 1)
  }
}
