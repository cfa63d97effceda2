// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore
import Seeds

/// Random carts and campaigns as documents, so that the engine and the oracle read the same.
struct Market {
  /// A coupon that was drawn.
  struct Ticket {
    let id: String
    let campaign: Int
    let expires: Int64?
    let barrier: CouponRefusal?
  }

  var cart: JSONTree
  var campaigns: [JSONTree]
  var tickets: [Ticket]
  var order: [CouponKind]
  var limit: Int?
  /// For each campaign what its caps leave.
  var allowances: [Int: (redemptions: Int?, budget: Int?)]

  /// A small market in which everything meets everything: few SKUs, many minimums.
  ///
  /// Prices are small, so that whole units matter, or `scale` times as large, so that proportions
  /// do.
  static func dense(
    _ random: inout SplitMix64, coupons: Int, lines: Int = 6, scale: Int = 1
  ) -> Market {
    let wholeOnly = random.chance(15)
    var market = unscaled(&random, coupons: coupons, lines: lines, wholeOnly: wholeOnly)
    guard scale > 1 else { return market }
    market.cart = market.cart.scaled(by: scale, &random)
    market.campaigns = market.campaigns.map { $0.scaled(by: scale, &random) }
    market.allowances = market.allowances.mapValues {
      ($0.redemptions, $0.budget.map { $0 * scale })
    }
    return market
  }

  private static func unscaled(
    _ random: inout SplitMix64, coupons: Int, lines: Int, wholeOnly: Bool
  ) -> Market {
    let campaigns = (0..<random.within(1...max(1, coupons))).map { _ in
      denseCampaign(&random, wholeOnly: wholeOnly)
    }
    let tickets = (0..<coupons).map { index in
      Ticket(
        id: "cpn_\(random.below(90) + 10)\(index)", campaign: random.below(campaigns.count),
        expires: random.chance(30) ? nil : Int64(random.within(1...4)) * 1000,
        barrier: random.chance(3) ? .expired : nil)
    }
    var allowances: [Int: (redemptions: Int?, budget: Int?)] = [:]
    for campaign in campaigns.indices where random.chance(15) {
      allowances[campaign] = (
        random.chance(60) ? random.within(0...2) : nil,
        random.chance(60) ? random.within(0...60) : nil
      )
    }
    return Market(
      cart: denseCart(&random, lines: random.within(1...lines)), campaigns: campaigns,
      tickets: tickets,
      order: random.chance(50) ? CouponKind.allCases : CouponKind.allCases.shuffled(using: &random),
      limit: random.chance(40) ? nil : random.within(1...5), allowances: allowances)
  }

  private static func denseCart(_ random: inout SplitMix64, lines: Int) -> JSONTree {
    let list: [JSONTree] = (0..<lines).map { index in
      var line: [JSONTree.Member] = [
        .init("line_id", .string("l\(index)")), .init("sku", .string("s\(random.below(4))")),
        .init("quantity", .integer(Int64(random.chance(60) ? 1 : random.within(1...4)))),
        .init("unit_price", .integer(Int64(random.chance(5) ? 0 : random.within(1...40)))),
      ]
      if random.chance(70) { line.append(.init("category", .string("k\(random.below(3))"))) }
      if random.chance(30) { line.append(.init("full_price", .bool(random.chance(30)))) }
      return .object(line)
    }
    return ["lines": .array(list)]
  }

  private static func denseCampaign(_ random: inout SplitMix64, wholeOnly: Bool) -> JSONTree {
    var members: [JSONTree.Member] = [.init("name", "c")]
    switch random.below(4) {
    case 0:
      members.append(.init("kind", "percent"))
      let rate = random.chance(10) ? 10_000 : random.within(1...9999)
      members.append(.init("off_basis_points", .integer(Int64(rate))))
      if random.chance(30) {
        members.append(.init("max_discount", .integer(Int64(random.within(1...20)))))
      }
    case 1:
      members.append(.init("kind", "cash"))
      members.append(.init("amount", .integer(Int64(random.within(1...30)))))
    case 2:
      members.append(.init("kind", "threshold"))
      members += denseSteps(&random)
    default:
      members.append(.init("kind", "item"))
      members.append(.init("sku", .string("s\(random.below(4))")))
      members.append(.init("quantity", .integer(Int64(random.within(1...3)))))
    }
    if !wholeOnly, let scope = denseScope(&random, members[1].value == "item") {
      members.append(.init("scope", scope))
    }
    if random.chance(35) {
      members.append(.init("min_spend", .integer(Int64(random.within(1...100)))))
    }
    if random.chance(85) { members.append(.init("stacking", denseStacking(&random))) }
    return .object(members)
  }

  private static func denseSteps(_ random: inout SplitMix64) -> [JSONTree.Member] {
    let count = random.within(1...3)
    var (least, steps): (Int, [JSONTree]) = (0, [])
    for _ in 0..<count {
      least += random.within(1...30)
      steps.append([
        "min": .integer(Int64(least)), "off": .integer(Int64(random.within(1...least))),
      ])
    }
    var members: [JSONTree.Member] = [.init("steps", .array(steps))]
    if count == 1, random.chance(50) { members.append(.init("repeat", true)) }
    if random.chance(20) {
      members.append(.init("max_discount", .integer(Int64(random.within(1...30)))))
    }
    return members
  }

  private static func denseScope(_ random: inout SplitMix64, _ isItem: Bool) -> JSONTree? {
    func some(_ prefix: String, _ count: Int) -> JSONTree {
      let chosen = (0..<count).filter { _ in random.chance(40) }
      return .array(chosen.map { .string("\(prefix)\($0)") })
    }
    switch random.below(isItem ? 4 : 8) {
    case 0: return nil
    case 1: return ["full_price_only": .bool(random.chance(80))]
    case 2: return ["include_categories": some("k", 3)]
    case 3: return ["exclude_categories": some("k", 3)]
    case 4: return ["include_skus": some("s", 4)]
    case 5: return ["exclude_skus": some("s", 4)]
    case 6: return ["include_skus": some("s", 4), "exclude_categories": some("k", 3)]
    default: return ["include_skus": some("s", 4), "include_categories": some("k", 3)]
    }
  }

  private static func denseStacking(_ random: inout SplitMix64) -> JSONTree {
    let classes = ["a", "b", "c"]
    let with: JSONTree =
      random.chance(50)
      ? ["*"] : .array(classes.filter { _ in random.chance(70) }.map { .string($0) })
    return [
      "class": .string(random.one(of: classes)), "with": with,
      "max_per_class": .integer(Int64(random.within(1...3))),
    ]
  }
}

extension Market {
  func engineCart() throws -> Cart { try CouponsTests.cart(cart) }

  func engineCoupons() throws -> [PricedCoupon] {
    let terms = try campaigns.map { try CouponsTests.terms($0) }
    return tickets.map { ticket in
      PricedCoupon(
        id: CouponID(ticket.id), campaign: CampaignID("cmp_\(ticket.campaign)"),
        terms: terms[ticket.campaign],
        expiresAt: ticket.expires.map { Instant(milliseconds: $0) }, barrier: ticket.barrier)
    }
  }

  var engineRules: CouponRules {
    var rules = CouponRules()
    rules.applicationOrder = order
    rules.maximumPerCheckout = limit
    return rules
  }

  var engineAllowances: [CampaignID: Allowance] {
    var result: [CampaignID: Allowance] = [:]
    for (campaign, left) in allowances {
      result[CampaignID("cmp_\(campaign)")] = Allowance(
        redemptions: left.redemptions.map { Int64($0) },
        budget: left.budget.map { Amount(Int64($0)) })
    }
    return result
  }
}

extension JSONTree {
  /// All amounts so many times as large and a little more, in the same order.
  fileprivate func scaled(by scale: Int, _ random: inout SplitMix64) -> JSONTree {
    let amounts: Set = ["unit_price", "amount", "min", "off", "max_discount", "min_spend"]
    switch self {
    case .array(let elements): return .array(elements.map { $0.scaled(by: scale, &random) })
    case .object(let members):
      // The rest is the same for all members of a step, which keeps `off` at most `min`.
      let rest = Int64(random.below(scale))
      return .object(
        members.map { member in
          if amounts.contains(member.name), case .integer(let value) = member.value {
            return Member(member.name, .integer(value * Int64(scale) + (value > 0 ? rest : 0)))
          }
          return Member(member.name, member.value.scaled(by: scale, &random))
        })
    default: return self
    }
  }
}
