// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Growth
import Testing

/// How far plans go, in simulations whose limits are plain.
@Suite struct GrowthTests {
  private static let second: Int64 = 1_000_000_000

  /// A debit holds the lock for 1 ms, a group for nothing beside: 1,000 a second at most.
  private func growth(_ change: (inout Costs) -> Void = { _ in }) -> Growth {
    var costs = Costs()
    costs.write = Cost(each: 1_000_000)
    change(&costs)
    var growth = Growth(costs)
    (growth.warmUp, growth.seconds) = (1, 8)
    return growth
  }

  @Test func `the same seed foretells the same, another one something else`() {
    func foretell(_ seed: UInt64) -> Foretold {
      var growth = growth { $0.spread = 0.5 }
      growth.seed = seed
      return growth.foretell(Plan(shopsTogether: 10), shops: 150)
    }
    let first = foretell(7)
    #expect(first.answered > 5_000)
    #expect(foretell(7) == first)
    #expect(foretell(8) != first)
  }

  @Test func `a plan ends where its lock is held all the time`() {
    let shops = growth().mostShops(Plan(shopsTogether: 20), within: Self.second)
    #expect((190...210).contains(shops), "\(shops)")
  }

  @Test func `twice the ledgers serve twice the shops`() {
    let growth = growth()
    let one = growth.mostShops(Plan(shopsTogether: 20), within: Self.second)
    let two = growth.mostShops(Plan(shopsTogether: 20, ledgers: 2), within: Self.second)
    #expect(abs(Double(two) / Double(one) - 2) < 0.1, "\(one), \(two)")
  }

  @Test func `a limit that single requests miss is met by no shop`() {
    let slow = growth { $0.hop = 60_000_000 }
    #expect(slow.mostShops(Plan(shopsTogether: 1), within: Self.second / 10) == 0)
    #expect(slow.mostShops(Plan(shopsTogether: 1), within: Self.second) > 0)
  }

  /// 440 shops ask 2,200 a second.
  @Test func `as many ledgers are found as are needed`() {
    #expect(growth().fewestLedgers(shops: 440, together: 20, within: Self.second / 10) == 3)
    #expect(
      growth().fewestLedgers(shops: 440, together: 20, within: Self.second / 10, upTo: 2) == nil)
  }
}
