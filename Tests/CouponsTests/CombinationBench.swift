// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import Glibc
import Seeds
import Testing

/// Measures, when asked to: `SCRIP_COUPON_BENCH_CARTS=100 swift test -c release …`.
@Suite(.enabled(if: Settings.benchCarts > 0), .serialized) struct CombinationBench {
  @Test(arguments: ShopMarket.Custom.all)
  func `64 coupons and 200 lines`(_ custom: ShopMarket.Custom) throws {
    try measure(custom.name) { random in
      let market = try ShopMarket(custom, &random)
      return { Combination.best(for: market.cart, among: market.coupons, rules: market.rules) }
    }
  }

  /// The markets of the tests, made large.
  @Test(arguments: [1, 97, 10_000])
  func `64 coupons and up to 200 lines where everything meets everything`(_ scale: Int) throws {
    try measure("everything meets everything, × \(scale)") { random in
      let market = Market.dense(&random, coupons: 64, lines: 200, scale: scale)
      let (cart, coupons) = (try market.engineCart(), try market.engineCoupons())
      let (rules, allowances) = (market.engineRules, market.engineAllowances)
      return {
        Combination.best(for: cart, among: coupons, rules: rules, allowances: allowances)
      }
    }
  }

  private func measure(
    _ name: String, _ prepare: (inout SplitMix64) throws -> () -> Quote
  ) throws {
    var times: [Int] = []
    var proved = 0
    for offset in 0..<UInt64(Settings.benchCarts) {
      var random = SplitMix64(seed: Settings.seed + offset)
      let search = try prepare(&random)
      let start = processorMicroseconds()
      let quote = search()
      times.append(processorMicroseconds() - start)
      if quote.isOptimal == true { proved += 1 }
    }
    times.sort()
    let (count, last) = (times.count, times[times.count - 1])
    print(
      """
      \(name): \(count) carts from seed \(Settings.seed), median \(times[count / 2]) µs, \
      99 of 100 \(times[(count * 99 + 99) / 100 - 1]) µs, worst \(last) µs, proved \(proved)
      """)
  }

  /// What this thread has used, so that others at work on the machine do not count.
  private func processorMicroseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
  }
}
