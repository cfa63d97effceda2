// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore
import Seeds

/// A shop as one meets it, for measuring: 200 lines of 120 SKUs in 10 categories, and a customer
/// with 64 coupons of 8 to 20 campaigns (spec/coupons.md, What was measured).
struct ShopMarket {
  /// How the shop differs from the usual one.
  struct Custom: Sendable {
    let name: String
    /// How many campaigns there are; 64 makes every coupon another.
    var campaigns = 8...20
    /// All coupons go with all others, so many of a class.
    var everyoneCombines: Int?
    var classes = 4
    var limit: Int? = 5
    /// Rates, amounts and steps of any size.
    var isWild = false

    static let all = [
      Custom(name: "usual"), Custom(name: "usual, no limit", limit: nil),
      Custom(name: "64 campaigns", campaigns: 64...64),
      Custom(name: "64 campaigns, no limit", campaigns: 64...64, limit: nil),
      Custom(name: "all combine", campaigns: 64...64, everyoneCombines: 5),
      Custom(
        name: "all combine, one of each of 8 classes", campaigns: 64...64, everyoneCombines: 1,
        classes: 8, limit: nil),
      Custom(name: "any numbers", isWild: true),
      Custom(
        name: "any numbers, all combine", campaigns: 64...64, everyoneCombines: 5, isWild: true),
      Custom(name: "all combine, up to 10", campaigns: 64...64, everyoneCombines: 10, limit: 10),
      Custom(
        name: "all combine, no limit of any kind", campaigns: 64...64, everyoneCombines: 100,
        limit: nil),
    ]
  }

  let cart: Cart
  let coupons: [PricedCoupon]
  let rules: CouponRules

  init(
    _ custom: Custom, _ random: inout SplitMix64, coupons count: Int = 64, lines: Int = 200
  ) throws {
    let campaigns = try (0..<random.within(custom.campaigns)).map { _ in
      try terms(Self.campaign(custom, &random))
    }
    cart = try Self.cart(&random, lines: lines)
    coupons = (0..<count).map { index in
      let number = campaigns.count >= count ? index : random.below(campaigns.count)
      let serial = String(random.next() | 1 << 63, radix: 32)
      return PricedCoupon(
        id: CouponID("cpn_\(serial)"), campaign: CampaignID("cmp_\(number)"),
        terms: campaigns[number],
        expiresAt: random.chance(20)
          ? nil : Instant(milliseconds: Int64(random.within(1...30)) * 86_400_000))
    }
    var rules = CouponRules()
    rules.maximumPerCheckout = custom.limit
    self.rules = rules
  }

  private static func cart(_ random: inout SplitMix64, lines: Int) throws -> Cart {
    let list: [JSONTree] = (0..<lines).map { index in
      let sku = random.below(120)
      let price = random.chance(60) ? random.within(1...100) * 50 - 1 : random.within(100...9999)
      return [
        "line_id": .string("l\(index)"), "sku": .string("s\(sku)"),
        "category": .string("k\(sku % 10)"), "unit_price": .integer(Int64(price)),
        "quantity": .integer(Int64(random.chance(70) ? 1 : random.within(2...6))),
        "full_price": .bool(random.chance(80)),
      ]
    }
    return try CouponsTests.cart(["lines": .array(list)])
  }

  private static func campaign(_ custom: Custom, _ random: inout SplitMix64) -> JSONTree {
    var members: [JSONTree.Member] = [.init("name", "c")]
    members += benefit(custom, &random)
    if members[1].value != "item", let scope = scope(&random) {
      members.append(.init("scope", scope))
    }
    if random.chance(30) {
      members.append(.init("min_spend", .integer(Int64(random.within(10...1000) * 100))))
    }
    if let stacking = stacking(custom, &random) { members.append(.init("stacking", stacking)) }
    return .object(members)
  }

  private static func benefit(
    _ custom: Custom, _ random: inout SplitMix64
  ) -> [JSONTree.Member] {
    func yuan(_ range: ClosedRange<Int>) -> JSONTree {
      .integer(Int64(random.within(range) * 100))
    }
    switch random.below(4) {
    case 0:
      let usual = random.one(of: [500, 800, 1000, 1200, 1500, 2000, 2500, 3000, 5000])
      let rate = custom.isWild ? random.within(1...10_000) : usual
      let cap = random.chance(30) ? [JSONTree.Member("max_discount", yuan(10...300))] : []
      return [.init("kind", "percent"), .init("off_basis_points", .integer(Int64(rate)))] + cap
    case 1:
      let amount = custom.isWild ? random.within(1...50_000) : random.within(1...20) * 500
      return [.init("kind", "cash"), .init("amount", .integer(Int64(amount)))]
    case 2:
      let count = random.within(1...3)
      var least = random.within(20...200) * 100
      let steps: [JSONTree] = (0..<count).map { _ in
        let off = custom.isWild ? random.within(1...least) : least * random.within(5...20) / 100
        defer { least *= 2 }
        return ["min": .integer(Int64(least)), "off": .integer(Int64(max(1, off)))]
      }
      let repeats = count == 1 && random.chance(40)
      let cap = random.chance(20) ? [JSONTree.Member("max_discount", yuan(10...100))] : []
      return [
        .init("kind", "threshold"), .init("steps", .array(steps)), .init("repeat", .bool(repeats)),
      ] + cap
    default:
      return [
        .init("kind", "item"), .init("sku", .string("s\(random.below(120))")),
        .init("quantity", .integer(Int64(random.within(1...3)))),
      ]
    }
  }

  private static func scope(_ random: inout SplitMix64) -> JSONTree? {
    func some(_ prefix: String, _ count: ClosedRange<Int>, of all: Int) -> JSONTree {
      let chosen = Set((0..<random.within(count)).map { _ in random.below(all) })
      return .array(chosen.sorted().map { .string("\(prefix)\($0)") })
    }
    switch random.below(100) {
    case ..<43: return nil
    case ..<50: return ["full_price_only": true]
    case ..<75: return ["include_categories": some("k", 1...3, of: 10)]
    case ..<90: return ["include_skus": some("s", 1...15, of: 120)]
    default: return ["exclude_categories": some("k", 1...3, of: 10)]
    }
  }

  private static func stacking(_ custom: Custom, _ random: inout SplitMix64) -> JSONTree? {
    let own: JSONTree = .string("c\(random.below(custom.classes))")
    if let most = custom.everyoneCombines {
      return ["class": own, "with": ["*"], "max_per_class": .integer(Int64(most))]
    }
    guard random.chance(75) else { return nil }
    let named = (0..<custom.classes).filter { _ in random.chance(70) }
    let with: JSONTree = random.chance(35) ? ["*"] : .array(named.map { .string("c\($0)") })
    return ["class": own, "with": with, "max_per_class": .integer(Int64(random.within(1...3)))]
  }
}
