// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// `auto` against every permitted set, each priced by itself (issue 3, judged; T63, T78).
///
/// `SCRIP_COUPON_CARTS` says how many carts, `SCRIP_SEED` which; the ids of the coupons, by which
/// ties end, are drawn by the engine all the same.
@Suite struct BestCombinationTests {
  private static let carts = number("SCRIP_COUPON_CARTS") ?? 150

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  /// A customer with a cart and coupons.
  private struct Customer {
    let card: String
    let cart: JSONTree
    let coupons: [String]

    /// A quote for these coupons, in this order.
    func asking(_ coupons: JSONTree) -> (method: String, params: JSONTree) {
      (
        "checkout.quote",
        ["card_no": .string(card), "cart": cart, "coupons": coupons, "store_id": "S1"]
      )
    }

    func asking(_ coupons: [String]) -> (method: String, params: JSONTree) {
      asking(.array(coupons.map { .string($0) }))
    }
  }

  /// What was found, for people.
  private struct Figures {
    var carts = 0
    var coupons = 0
    var priced = 0
    var permitted = 0
    /// Carts where at least two coupons are best.
    var combined = 0
  }

  @Test func `auto is the cheapest of all permitted sets, whatever the order of the list`() throws {
    let seed = UInt64(Self.number("SCRIP_SEED") ?? Int.random(in: 1...999_999_999))
    print("seed of the random carts: \(seed) (repeat with SCRIP_SEED=\(seed))")
    var market = CouponMarket(seed: seed)
    var figures = Figures()
    let shop = try Shop()
    while figures.carts < Self.carts {
      expectResult(try shop.set(market.program()))
      let count = min(25, Self.carts - figures.carts)
      for customer in try customers(count, of: shop, &market) {
        let comment: Comment = "cart \(figures.carts) of seed \(seed): \(customer.cart.text)"
        var own = market.apart()
        try check(customer, at: shop, &own, &figures, comment)
        figures.carts += 1
      }
    }
    print(
      "\(figures.carts) carts, \(figures.coupons) coupons, \(figures.priced) sets priced, "
        + "\(figures.permitted) of them permitted, \(figures.combined) carts of several coupons")
    try shop.close()
  }

  /// New campaigns, and customers with some of their coupons.
  private func customers(
    _ count: Int, of shop: Shop, _ market: inout CouponMarket
  ) throws -> [Customer] {
    let campaigns = try (0..<30).map { _ in try shop.campaign(market.campaign()) }
    var customers: [Customer] = []
    for _ in 0..<count {
      let card = shop.key()
      try shop.open(card)
      let wanted = market.within(1...12)
      let answers = try shop.engine.pipeline(
        (0..<wanted).map { _ in
          let campaign = campaigns[market.within(0...campaigns.count - 1)]
          return (
            "coupon.issue",
            shop.keyed(["campaign_id": .string(campaign), "card_no": .string(card)])
          )
        })
      let issued = try answers.flatMap { try shop.issued($0["/coupons"]) }
      // One in twenty-five of them has somebody else's reservation.
      let reserved = (0..<wanted).map { _ in market.isTrue(4) }
      for (coupon, isReserved) in zip(issued, reserved) where isReserved {
        // Those that are not good now cannot be kept either.
        _ = try shop.reserve(coupon, seconds: 600)
      }
      customers.append(
        Customer(card: card, cart: market.cart(), coupons: issued.map(\.id)))
    }
    for campaign in campaigns where market.isTrue(3) {
      expectResult(try shop.change("campaign.pause", ["campaign_id": .string(campaign)]))
    }
    return customers
  }

  private func check(
    _ customer: Customer, at shop: Shop, _ market: inout CouponMarket, _ figures: inout Figures,
    _ comment: Comment
  ) throws {
    let best = try price([customer.asking("auto")], at: shop, customer, comment)[0]
    let all = Set(customer.coupons)
    #expect(best.applied.union(best.refused) == all, comment)
    #expect(best.isOptimal == true, comment)
    // Every set, but those of which a part is known to make it no permitted one; now and then all.
    let count = customer.coupons.count
    let strangers = try market.isTrue(4) ? [] : strangers(customer, at: shop, comment)
    let sets = (0..<1 << count).filter { set in
      !strangers.contains { set & $0 == $0 }
    }
    var (cheapest, fewest) = (Int64.max, 0)
    for start in stride(from: 0, to: sets.count, by: 512) {
      let chunk = sets[start..<min(start + 512, sets.count)]
      let quotes = try price(
        chunk.map { set in
          customer.asking(
            market.shuffled((0..<count).filter { set & 1 << $0 != 0 }.map { customer.coupons[$0] }))
        }, at: shop, customer, comment)
      for quote in quotes where quote.refused.isEmpty {
        figures.permitted += 1
        let size = quote.applied.count
        if (quote.payable, size) < (cheapest, fewest) { (cheapest, fewest) = (quote.payable, size) }
      }
    }
    #expect(best.payable == cheapest && best.applied.count == fewest, comment)
    figures.priced += sets.count
    figures.coupons += count
    if fewest > 1 { figures.combined += 1 }
    try checkOrder(customer, best, at: shop, &market, comment)
  }

  /// The single coupons and the pairs that no set can have and be taken whole: less is left for a
  /// coupon beside others than alone, and who does not go with another never does.
  private func strangers(
    _ customer: Customer, at shop: Shop, _ comment: Comment
  ) throws -> [Int] {
    let coupons = customer.coupons
    let ones = coupons.indices.map { 1 << $0 }
    let pairs = ones.flatMap { first in ones.filter { $0 > first }.map { first | $0 } }
    let sets = ones + pairs
    let requests = sets.map { set in
      customer.asking(coupons.indices.filter { set & 1 << $0 != 0 }.map { coupons[$0] })
    }
    return zip(sets, try price(requests, at: shop, customer, comment)).filter { set, quote in
      // A budget that is too small for a coupon alone may do for what is left to it beside others.
      pairs.contains(set)
        ? quote.reasons.contains("not_combinable")
        : !quote.reasons.isSubset(of: ["cap_reached"])
    }.map(\.0)
  }

  /// A list is priced alike in any order, and the best set as a list costs what `auto` costs.
  private func checkOrder(
    _ customer: Customer, _ best: PricedSet, at shop: Shop, _ market: inout CouponMarket,
    _ comment: Comment
  ) throws {
    let lists = (0..<3).map { _ in customer.asking(market.shuffled(customer.coupons)) }
    let quotes = try price(lists, at: shop, customer, comment)
    #expect(Set(quotes.map(\.text)).count == 1, comment)
    let list = market.shuffled(best.applied.sorted())
    let again = try price([customer.asking(list)], at: shop, customer, comment)[0]
    #expect(again.payable == best.payable && again.applied == best.applied, comment)
  }

  private func price(
    _ requests: [(method: String, params: JSONTree)], at shop: Shop, _ customer: Customer,
    _ comment: Comment
  ) throws -> [PricedSet] {
    try shop.engine.pipeline(requests).map { answer in
      let quote = try PricedSet(answer)
      if let fault = quote.fault(in: customer.cart) {
        Issue.record("\(fault) \(answer)\n\(comment)")
      }
      return quote
    }
  }
}

/// A quote as far as it is compared.
private struct PricedSet {
  let text: String
  let subtotal: Int64
  let discount: Int64
  let payable: Int64
  let applied: Set<String>
  let refused: Set<String>
  let isOptimal: Bool?
  /// Why coupons of it are refused.
  let reasons: Set<String>
  private let shares: [(discount: Int64, lines: [(id: String, discount: Int64)])]

  init(_ answer: Answer) throws {
    guard let result = answer.result, let text = answer.resultText else {
      throw HarnessFailure("no quote: \(answer)")
    }
    self.text = text
    subtotal = result["subtotal"]?.integer ?? -1
    discount = result["discount"]?.integer ?? -1
    payable = result["payable"]?.integer ?? -1
    let appliedOnes = result["applied"]?.elements ?? []
    let refusedOnes = result["refused"]?.elements ?? []
    applied = Set(appliedOnes.compactMap { $0["coupon_id"]?.string })
    refused = Set(refusedOnes.compactMap { $0["coupon_id"]?.string })
    reasons = Set(refusedOnes.compactMap { $0["reason"]?.string })
    if case .bool(let isOptimal)? = result["optimal"] {
      self.isOptimal = isOptimal
    } else {
      isOptimal = nil
    }
    shares = appliedOnes.map { coupon in
      (
        coupon["discount"]?.integer ?? -1,
        (coupon["lines"]?.elements ?? []).map {
          ($0["line_id"]?.string ?? "", $0["discount"]?.integer ?? -1)
        }
      )
    }
  }

  /// What of its sums is wrong; nil when all add up.
  func fault(in cart: JSONTree) -> String? {
    var left: [String: Int64] = [:]
    for line in cart["lines"]?.elements ?? [] {
      let price = line["unit_price"]?.integer ?? 0
      left[line["line_id"]?.string ?? ""] = price * (line["quantity"]?.integer ?? 0)
    }
    if subtotal != left.values.reduce(0, +) { return "another subtotal" }
    guard (0...subtotal).contains(discount), discount + payable == subtotal else {
      return "the discount is not within the subtotal"
    }
    if shares.reduce(0, { $0 + $1.discount }) != discount { return "the discounts do not add up" }
    for coupon in shares {
      if coupon.discount < 1 { return "a coupon that gives nothing" }
      if coupon.lines.reduce(0, { $0 + $1.discount }) != coupon.discount {
        return "the shares do not add up"
      }
      for share in coupon.lines {
        guard share.discount > 0, let rest = left[share.id], share.discount <= rest else {
          return "more than a line has left"
        }
        left[share.id] = rest - share.discount
      }
    }
    return nil
  }
}
