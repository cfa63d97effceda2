// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds

/// Random carts, campaigns and programs, small enough that much of what is drawn meets.
struct CouponMarket {
  private var random: SplitMix64
  /// How many of a hundred coupons go with every class, and how many are good at all.
  private var friendliness = 50
  private let articles = ["tea", "milk", "cake", "cup", "pot", "bag"]
  private let categories = ["food", "drinks", "goods"]
  private let classes = ["a", "b", "c"]

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Another market, so that what is drawn of it moves nothing here.
  mutating func apart() -> CouponMarket { CouponMarket(seed: random.next()) }

  mutating func within(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func isTrue(_ percent: Int) -> Bool { random.below(100) < percent }

  mutating func shuffled<Element>(_ list: [Element]) -> [Element] {
    list.shuffled(using: &random)
  }

  /// Some of a list, at least one.
  private mutating func some(_ list: [String]) -> JSONTree {
    .array(shuffled(list).prefix(within(1...list.count)).map { .string($0) })
  }

  /// The program of the next customers, who meet more or fewer coupons that combine.
  mutating func program() -> JSONTree {
    friendliness = [30, 70, 97][within(0...2)]
    var coupons: JSONTree = [
      "application_order": .array(
        shuffled(["item", "percent", "threshold", "cash"]).map { .string($0) })
    ]
    if isTrue(50) {
      coupons = coupons.merging(["max_per_checkout": .number(within(1...6))])
    }
    return ["coupons": coupons]
  }

  mutating func cart() -> JSONTree {
    let lines = (1...within(1...8)).map { number -> JSONTree in
      var line: JSONTree = [
        "line_id": "\(number)", "sku": .string(articles[within(0...5)]),
        "quantity": .number(within(1...3)),
        "unit_price": .number(isTrue(5) ? 0 : within(1...2000)),
      ]
      if isTrue(70) {
        line = line.merging(["category": .string(categories[within(0...2)])])
      }
      return isTrue(20) ? line.merging(["full_price": false]) : line
    }
    return ["lines": .array(lines)]
  }

  // MARK: Campaigns

  mutating func campaign() -> JSONTree {
    var terms = benefit().merging(["name": "A campaign"])
    if isTrue(80) || isTrue(friendliness) { terms = terms.merging(["stacking": stacking()]) }
    if isTrue(50) { terms = terms.merging(["scope": scope()]) }
    if isTrue(15) { terms = terms.merging(["min_spend": .number(within(1...4000))]) }
    if isTrue(15) { terms = terms.merging(["caps": caps()]) }
    if !isTrue(friendliness) { terms = terms.merging(["validity": validity()]) }
    return terms
  }

  private mutating func benefit() -> JSONTree {
    switch within(0...3) {
    case 0:
      let percent: JSONTree = [
        "kind": "percent", "off_basis_points": .number(isTrue(5) ? 10_000 : within(1...5000)),
      ]
      return isTrue(40) ? percent.merging(["max_discount": .number(within(1...800))]) : percent
    case 1: return ["kind": "cash", "amount": .number(within(1...1500))]
    case 2:
      var (minimum, steps) = (0, [JSONTree]())
      for _ in 0..<within(1...3) {
        minimum += within(100...2500)
        // Not always more for more.
        steps.append(["min": .number(minimum), "off": .number(within(1...min(minimum, 900)))])
      }
      let terms: JSONTree = ["kind": "threshold", "steps": .array(steps)]
      let repeating = steps.count == 1 && isTrue(60) ? terms.merging(["repeat": true]) : terms
      return isTrue(30)
        ? repeating.merging(["max_discount": .number(within(1...1200))]) : repeating
    default:
      return [
        "kind": "item", "sku": .string(articles[within(0...5)]), "quantity": .number(within(1...3)),
      ]
    }
  }

  private mutating func stacking() -> JSONTree {
    let partners: JSONTree = isTrue(friendliness) ? ["*"] : some(classes)
    return [
      "class": .string(classes[within(0...2)]), "with": partners,
      "max_per_class": .number(within(1...5)),
    ]
  }

  private mutating func scope() -> JSONTree {
    // What an item coupon is for must not be left out: only categories and stores are drawn.
    switch within(0...4) {
    case 0: return ["include_categories": some(categories)]
    case 1: return ["exclude_categories": some(categories)]
    case 2: return ["full_price_only": true]
    case 3: return ["include_categories": some(categories), "include_skus": .array(allArticles)]
    default: return ["store_ids": isTrue(75) ? ["S1"] : ["S2"]]
    }
  }

  private var allArticles: [JSONTree] { articles.map { .string($0) } }

  private mutating func caps() -> JSONTree {
    switch within(0...3) {
    case 0: return ["budget": .number(within(1...1500))]
    case 1: return ["redemptions_per_day": .number(within(1...2))]
    case 2: return ["per_account_per_day": .number(within(1...2))]
    default: return ["per_account": .number(within(1...2))]
    }
  }

  private mutating func validity() -> JSONTree {
    switch within(0...5) {
    case 0: return ["from": "2027-01-01T00:00:00Z"]
    case 1: return ["windows": [["weekdays": [1], "from": "09:00", "to": "18:00"]]]
    case 2: return ["blackout_dates": ["2026-03-02"]]
    default: return ["days_after_issue": .number(within(0...5))]
    }
  }
}
