// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Seeds
import Testing

@testable import Coupons

/// The bounds that the search relies on, against what permitted sets really come to.
struct BoundTests {
  private struct Case {
    let seed: UInt64
    let table: SearchTable
    /// The places of each permitted set, with its discount.
    let sets: [(places: [Int], discount: Int64)]
  }

  /// Every permitted set of a few coupons, found by pricing all subsets.
  private func cases(_ body: (Case) throws -> Void) throws {
    for offset in 0..<UInt64(Settings.boundCarts) {
      let seed = Settings.seed + 5_000_000 + offset
      var random = SplitMix64(seed: seed)
      var market = Market.dense(
        &random, coupons: 6, lines: 8, scale: random.one(of: [1, 97, 10_000, 1_000_000]))
      if random.chance(50) { market.limit = nil }
      let (cart, rules) = (try market.engineCart(), market.engineRules)
      let coupons = try market.engineCoupons().filter { $0.barrier == nil }
      let ordered = rules.inOrder(coupons).map { coupons[$0] }
      let table = SearchTable(
        ordered, cart: cart, limit: rules.maximumPerCheckout ?? ordered.count,
        allowances: market.engineAllowances)
      let sets = (0..<(1 << ordered.count)).compactMap { subset -> ([Int], Int64)? in
        let places = ordered.indices.filter { subset >> $0 & 1 == 1 }
        let quote = Pricing.price(
          cart, with: places.map { ordered[$0] }, rules: rules,
          allowances: market.engineAllowances)
        return quote.refused.isEmpty ? (places, quote.discount.minorUnits) : nil
      }
      try body(Case(seed: seed, table: table, sets: sets))
    }
  }

  @Test func `no permitted set takes off more than its shadow prices say, at any step`() throws {
    var (tight, all) = (0, 0)
    try cases { one in
      let path = SearchPath(one.table)
      let candidates = path.candidates(Array(one.table.classes.indices), from: 0)
      var ceilings = [Int64](repeating: 0, count: one.table.classes.count)
      for candidate in candidates { ceilings[candidate.number] = candidate.ceiling }
      var pricing = ShadowPricing(
        one.table, left: path.left, ceilings: ceilings, numbers: candidates.map(\.number))
      for step in 0..<6 {
        let prices = pricing.prices()
        let slots = one.table.limit
        let ranking = Ranking(candidates, slots: slots) { prices.prices[$0.number] }
        for set in one.sets where !set.places.isEmpty {
          let letters = set.places.map { one.table.classOf[$0] }
          let own = letters.reduce(prices.base) { $0 + prices.prices[$1] }
          #expect(set.discount <= own, "seed \(one.seed), step \(step), \(set.places)")
          #expect(
            own <= prices.base + ranking.sums[letters.count],
            "seed \(one.seed), step \(step), \(set.places)")
          all += 1
          if own - set.discount <= set.discount / 10 { tight += 1 }
        }
        pricing.move(towards: ranking.chosen.map { candidates[$0].number })
      }
    }
    #expect(tight * 10 > all, "a bound that is never near proves nothing: \(tight) of \(all)")
  }

  @Test func `the chain leaves no more than any permitted set of as many coupons`() throws {
    try cases { one in
      let path = SearchPath(one.table)
      var chain = ChainBound(total: one.table.covered, slots: max(1, one.table.limit))
      for place in one.table.coupons.indices {
        let number = one.table.classOf[place]
        let own = one.table.classes[number]
        let ceiling = path.ceiling(of: own)
        guard ceiling > 0 else { continue }
        chain.add(own.fitted, eligible: path.sums[own.scope], ceiling: ceiling)
      }
      chain.finish()
      for set in one.sets {
        let left = one.table.covered - set.discount
        #expect(chain.least[set.places.count] <= left, "seed \(one.seed), \(set.places)")
      }
    }
  }

  @Test func `along every permitted set no coupon takes off more than its ceiling before`() throws {
    try cases { one in
      for set in one.sets {
        var path = SearchPath(one.table)
        var scratch = SearchPath.Scratch(one.table)
        var ceilings = one.table.classes.indices.map { path.ceiling(of: one.table.classes[$0]) }
        let rooms = one.table.classes.map { path.room(of: $0) }
        for place in set.places {
          let number = one.table.classOf[place]
          let discount = path.discount(of: one.table.classes[number])
          #expect(discount > 0 && discount <= ceilings[number], "seed \(one.seed), \(set.places)")
          #expect(path.room(of: one.table.classes[number]) > 0, "seed \(one.seed), \(set.places)")
          path.take(
            number, discount: discount, watching: Array(one.table.scopes.indices), &scratch)
          let next = one.table.classes.indices.map { path.ceiling(of: one.table.classes[$0]) }
          #expect(zip(next, ceilings).allSatisfy { $0 <= $1 }, "seed \(one.seed), \(set.places)")
          ceilings = next
          let sums = one.table.scopes.map { path.left.sum(of: $0.lines) }
          #expect(path.sums == sums, "seed \(one.seed), \(set.places)")
        }
        #expect(path.discount == set.discount, "seed \(one.seed), \(set.places)")
        for _ in set.places { path.giveBack() }
        #expect(one.table.classes.map { path.room(of: $0) } == rooms, "seed \(one.seed)")
        #expect(path.discount == 0 && path.left.amounts == one.table.lines.amounts)
      }
    }
  }

  @Test func `the chain knows that percents of percents shrink, and what a minimum costs`() throws {
    let whole = Cart(amount: Amount(10_000))
    let half = #"{"name":"n","kind":"percent","off_basis_points":5000}"#
    let late = #"{"name":"n","kind":"cash","amount":4000,"min_spend":6000}"#
    var chain = ChainBound(total: 10_000, slots: 3)
    for document in [half, half, late] {
      let fitted = FittedCoupon(try coupon("1", document).terms, to: whole)
      chain.add(fitted, eligible: 10_000, ceiling: document == late ? 4000 : 5000)
    }
    chain.finish()
    // Two halves leave 2,500. The cash needs 6,000, of which it leaves 2,000 at least.
    #expect(chain.least == [10_000, 5000, 2000, 2000])
  }

  @Test func `what is left after a coupon is never below the infimum that the chain takes`() throws
  {
    for offset in 0..<60 {
      let seed = Settings.seed + UInt64(offset)
      var random = SplitMix64(seed: seed)
      let market = Market.dense(&random, coupons: 1)
      let whole = Cart(amount: Amount(300))
      let fitted = FittedCoupon(try market.engineCoupons()[0].terms, to: whole)
      guard fitted.choice == nil else { continue }
      let discounts = (0...300).map { amount -> Int64 in
        amount < fitted.minimumSpend ? 0 : fitted.benefit.discount(of: Int64(amount))
      }
      let ceiling = discounts.max() ?? 0
      for total in 0...300 {
        let infimum = (total...300).map { Int64($0) - discounts[$0] }.min() ?? 0
        let said = fitted.leastAfter(Int64(total), ceiling: ceiling)
        #expect(said <= infimum, "seed \(seed), total \(total)")
      }
    }
  }

  @Test(
    arguments: [
      (1, 1), (2, 1), (3, 2), (10_000, 9999), (10_000, 1), (65_536, 1), (65_536, 65_535),
      (1_000_000_000_000, 1), (1_000_000_000_000, 999_999_999_999), (7, 3), (1 << 40, 1),
    ] as [(Int64, Int64)])
  func `a logarithm lies between its bounds, which are close`(_ numerator: Int64, _ other: Int64) {
    let bounds = FixedLog.bounds(of: numerator, over: other)
    let exact = log(Double(numerator) / Double(other)) * Double(FixedLog.one)
    #expect(Double(bounds.low) <= exact + 1e-6 && exact - 1e-6 <= Double(bounds.high))
    #expect(bounds.high - bounds.low <= 2)
  }

  @Test func `random logarithms lie between their bounds`() {
    var random = SplitMix64(seed: Settings.seed)
    for _ in 0..<20_000 {
      let numerator = Int64(random.within(1...(1 << random.within(1...40))))
      let other = Int64(random.within(1...Int(numerator)))
      let bounds = FixedLog.bounds(of: numerator, over: other)
      let exact = log(Double(numerator) / Double(other)) * Double(FixedLog.one)
      // Double itself is good to about 10⁻⁹ of these units' largest values.
      #expect(Double(bounds.low) <= exact + 1e-6, "\(numerator) over \(other)")
      #expect(exact - 1e-6 <= Double(bounds.high), "\(numerator) over \(other)")
    }
  }

  @Test func `the weights fall by even steps, and each knows what it spends at least`() {
    for (level, weight) in WeightLevel.all.enumerated() {
      let exact = Double(weight.weight) / 65_536
      // The smallest weights are coarse.
      #expect(weight.weight < 8 || abs(log(exact) + Double(level) / 256) < 0.2)
      let spent = (1 - exact * (1 - log(exact))) * Double(FixedLog.one)
      #expect(Double(weight.spent) >= spent - 1e-6 && Double(weight.spent) < spent + 4)
    }
    #expect(WeightLevel.level(of: 0).weight == 65_536 && WeightLevel.level(of: 0).spent == 0)
    #expect(WeightLevel.level(of: .max >> 1).weight == WeightLevel.all.last?.weight)
  }
}
