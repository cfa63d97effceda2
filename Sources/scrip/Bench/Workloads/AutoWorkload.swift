// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The best combination of 64 coupons for a cart of 200 lines, found and proved, one at a time.
final class AutoWorkload: Workload {
  static let name = "auto"
  static let summary = "checkout.quote with auto: 64 coupons, 200 lines"

  private let shop: BenchShop
  private var requests: AutoQuotes
  private let proved: Int
  private static let customers = 8
  private static let quotes = 32

  init(_ ground: BenchGround) throws(Failure) {
    shop = try ground.shop()
    var market = CouponMarket(seed: 81)
    var quotes: [(card: String, cart: JSONTree)] = []
    var proved = 0
    for card in 0..<Self.customers {
      let number = BenchCard.number(card)
      for _ in 0..<16 {
        let campaign = try shop.engine.change("campaign.create", market.campaign())
        _ = try shop.engine.change(
          "coupon.issue",
          [
            "campaign_id": campaign["campaign_id"] ?? .null, "card_no": .string(number),
            "count": 4,
          ])
      }
      for _ in 0..<Self.quotes / Self.customers {
        let cart = market.cart()
        let answer = try shop.engine.ask(
          "checkout.quote", ["card_no": .string(number), "coupons": "auto", "cart": cart])
        if case .bool(true)? = answer["optimal"] { proved += 1 }
        quotes.append((number, cart))
      }
    }
    self.proved = proved
    requests = AutoQuotes(quotes)
  }

  func round(into results: inout Results) throws(Failure) {
    let sample = try shop.engine.run(window: 1, limit: Self.quotes, &requests)
    results.add("auto, 64 coupons x 200 lines", sample)
  }

  func finish(into results: inout Results) throws(Failure) {
    let share = 100 * Double(proved) / Double(Self.quotes)
    results.add("auto proved the best", share, unit: "%")
  }
}

/// `checkout.quote` with `auto` of these carts, one after the other.
struct AutoQuotes: RequestSource {
  private var lines: [LineTemplate]
  private var next = 0

  init(_ quotes: [(card: String, cart: JSONTree)]) {
    lines = quotes.map { quote in
      let params: JSONTree = [
        "card_no": .string(quote.card), "coupons": "auto", "cart": quote.cart,
      ]
      return LineTemplate(method: "checkout.quote", params: params.lineText)
    }
  }

  mutating func append(id: Int, to output: inout [UInt8]) {
    let index = next % lines.count
    next += 1
    lines[index].set(lines[index].field("id"), number: id)
    output.append(contentsOf: lines[index].bytes)
  }
}

/// Campaigns and carts as one meets them: the usual rates, amounts, steps, scopes and classes.
struct CouponMarket {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// 200 lines of 120 articles in 10 categories.
  mutating func cart() -> JSONTree {
    var lines: [JSONTree] = []
    for number in 0..<200 {
      let sku = random.below(120)
      lines.append([
        "line_id": .string("l\(number)"), "sku": .string("s\(sku)"),
        "category": .string("k\(sku % 10)"),
        "unit_price": .integer(Int64(100 + random.below(9_900))),
        "quantity": .integer(Int64(1 + random.below(10) / 7)),
      ])
    }
    return ["lines": .array(lines)]
  }

  mutating func campaign() -> JSONTree {
    var members: [JSONTree.Member] = [.init("name", "c")]
    switch random.below(3) {
    case 0:
      members.append(.init("kind", "percent"))
      members.append(.init("off_basis_points", .integer(Int64(500 + 100 * random.below(26)))))
      if random.below(3) == 0 { members.append(.init("max_discount", number(10, 300))) }
    case 1:
      members.append(.init("kind", "cash"))
      members.append(.init("amount", number(5, 100)))
    default:
      let least = 20 + random.below(180)
      let step: JSONTree = ["min": number(least, least), "off": number(2, least / 5)]
      members.append(.init("kind", "threshold"))
      members.append(.init("steps", .array([step])))
    }
    switch random.below(4) {
    case 0: members.append(.init("scope", ["include_categories": .array(categories())]))
    case 1: members.append(.init("min_spend", number(10, 1_000)))
    default: break
    }
    if random.below(4) > 0 {
      let own: JSONTree = .string("c\(random.below(4))")
      members.append(
        .init("stacking", ["class": own, "with": ["*"], "max_per_class": 2]))
    }
    return .object(members)
  }

  /// So many yuan, in fen.
  private mutating func number(_ least: Int, _ most: Int) -> JSONTree {
    .integer(Int64(100 * (least + random.below(max(1, most - least + 1)))))
  }

  private mutating func categories() -> [JSONTree] {
    let first = random.below(8)
    return (first...first + random.below(3)).map { .string("k\($0)") }
  }
}
