// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import StoredValue
import Testing

/// spec/stored-value.md, Which lots it takes.
@Suite struct ConsumptionTests {
  private static func till(
    order: DebitOrder, bonus: Int64, release: Int32? = nil
  ) throws -> Till {
    try Till(
      rules: .with {
        $0.debit.order = order
        $0.topUp.bonusRules = [
          BonusRule.fixed("r", bonus).with { $0.release = release.map { BasisPoints($0) } }
        ]
      })
  }

  @Test(
    arguments: [
      (.bonusFirst, ["1:500", "0:9500"]), (.principalFirst, ["0:10000"]),
      (.proportional, ["1:49", "0:9951"]),
    ] as [(DebitOrder, [String])])
  func `the worked example comes out`(order: DebitOrder, parts: [String]) throws {
    var till = try Self.till(order: order, bonus: 5_000, release: 1000)
    let card = try till.card(topUp: 100_000)
    let entry = try till.debit(card, 10_000).entry
    #expect(entry.taken == parts)
    #expect(entry.amount == Amount(10_000))
    #expect(entry.principal + entry.bonus == Amount(10_000))
    #expect(till.total(.sales) == -10_000)
  }

  @Test(
    arguments: [
      (.bonusFirst, 300, ["1:300"]), (.bonusFirst, 500, ["1:500"]),
      (.bonusFirst, 501, ["1:500", "0:1"]), (.bonusFirst, 1_500, ["1:500", "0:1000"]),
      (.principalFirst, 1_000, ["0:1000"]), (.principalFirst, 1_001, ["0:1000", "1:1"]),
      (.principalFirst, 1_500, ["0:1000", "1:500"]), (.proportional, 1, ["0:1"]),
      (.proportional, 2, ["0:2"]), (.proportional, 3, ["1:1", "0:2"]),
      (.proportional, 1_499, ["1:499", "0:1000"]), (.proportional, 1_500, ["1:500", "0:1000"]),
      (.proportional, 1_000, ["1:333", "0:667"]),
    ] as [(DebitOrder, Int64, [String])])
  func `a debit of 500 bonus and 1000 principal splits as the order says`(
    order: DebitOrder, amount: Int64, parts: [String]
  ) throws {
    var till = try Self.till(order: order, bonus: 500)
    let card = try till.card(topUp: 1_000)
    #expect(try till.debit(card, amount).entry.taken == parts)
  }

  /// spec/money.md, Every rounding.
  @Test func `the bonus part of a proportional debit rounds down`() throws {
    var till = try Self.till(order: .proportional, bonus: 15_000)
    let card = try till.card(topUp: 100_000)
    let entry = try till.debit(card, 10_000).entry
    #expect(entry.bonus == Amount(1_304))
    #expect(entry.principal == Amount(8_696))
  }

  @Test func `a proportional debit of all bonus or all principal takes what there is`() throws {
    var till = try Self.till(order: .proportional, bonus: 500)
    let card = try till.card(topUp: 1_000)
    till.rules.debit.order = .bonusFirst
    _ = try till.debit(card, 500).entry
    till.rules.debit.order = .proportional
    #expect(try till.debit(card, 100).entry.taken == ["0:100"])
    let other = try till.card("1002", topUp: 1_000)
    till.rules.debit.order = .principalFirst
    _ = try till.debit(other, 1_000).entry
    till.rules.debit.order = .proportional
    #expect(try till.debit(other, 100).entry.taken == ["1:100"])
  }

  @Test func `inside a kind the lot that expires first goes first, then the oldest`() throws {
    func rule(_ id: String, _ days: Int64?) -> BonusRule {
      BonusRule.fixed(id, 100).with { $0.expiresAfterDays = days }
    }
    var till = try Till(
      rules: .bonus(
        rule("never", nil), rule("late", 9), rule("soon", 2), rule("soon too", 2),
        combination: .all))
    let card = try till.card(topUp: 1_000)
    #expect(try till.debit(card, 450).entry.taken == ["3:100", "4:100", "2:100", "1:100", "0:50"])
  }

  @Test func `principal goes oldest first`() throws {
    var till = try Till()
    let card = try till.card(topUp: 100)
    _ = try till.topUp(card, 100).entry
    _ = try till.topUp(card, 100).entry
    let debit = try till.debit(card, 250).entry
    #expect(debit.consumption.map(\.lot.topUp.sequence) == [2, 3, 4])
    #expect(debit.consumption.map(\.amount.minorUnits) == [100, 100, 50])
  }

  @Test func `a lot that expires later but was granted earlier waits`() throws {
    var till = try Till(rules: .bonus(BonusRule.fixed("r", 100).with { $0.expiresAfterDays = 9 }))
    let card = try till.card(topUp: 10)
    till.rules = .bonus(BonusRule.fixed("r", 100).with { $0.expiresAfterDays = 5 })
    _ = try till.topUp(card, 10).entry
    let debit = try till.debit(card, 150).entry
    #expect(debit.consumption.map(\.lot.topUp.sequence) == [3, 2])
    #expect(debit.consumption.map(\.amount.minorUnits) == [100, 50])
  }

  /// T77: a debit in random parts takes what one debit would, for every order.
  @Test(arguments: DebitOrder.allCases)
  func `many debits together never take more of a kind than there is`(order: DebitOrder) throws {
    var random = SplitMix64(seed: 21)
    for _ in 0..<20 {
      var till = try Self.till(order: order, bonus: Int64(random.below(5_000)) + 1)
      let card = try till.card(topUp: Int64(random.below(5_000)) + 1)
      while try !till.view(card).spendable.isZero {
        let most = Int(try till.view(card).spendable.minorUnits)
        let amount = Int64(random.below(most)) + 1
        let entry = try till.debit(card, amount).entry
        let sum = entry.consumption.reduce(into: Int64(0)) { $0 += $1.amount.minorUnits }
        if sum != amount || entry.consumption.contains(where: { $0.amount.isZero }) {
          Issue.record("\(order): \(entry)")
        }
      }
      #expect(try till.view(card).available == .zero)
    }
  }
}
