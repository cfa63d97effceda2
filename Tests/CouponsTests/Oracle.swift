// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON

/// A second, plain reading of the coupon arithmetic (contract §9), from the documents alone.
///
/// It borrows nothing from the engine but the words for reasons. Articles are single units here,
/// money is a number on each line, and shares are dealt out coin by coin.
struct Oracle {
  struct Answer: Equatable {
    var payable = 0
    /// For each coupon that takes effect what it takes off each line.
    var applied: [String: [Int]] = [:]
    var refused: [String: String] = [:]
  }

  private struct Unit {
    let line: Int
    let price: Int
    var isGiven = false
  }

  private let market: Market
  private let lines: [JSONTree]
  private var money: [Int]
  private var units: [Unit] = []
  private var taken: [Market.Ticket] = []
  private var spent: [Int: Int] = [:]
  private var answer = Answer()

  static func price(_ market: Market, _ tickets: [Market.Ticket]) -> Answer {
    var oracle = Oracle(market)
    let ranks = Dictionary(
      uniqueKeysWithValues: market.order.enumerated().map { ($1.rawValue, $0) })
    let queue = tickets.sorted { left, right in
      let first = ranks[market.campaigns[left.campaign]["kind"]?.string ?? ""] ?? 0
      let second = ranks[market.campaigns[right.campaign]["kind"]?.string ?? ""] ?? 0
      return (first, left.id) < (second, right.id)
    }
    for ticket in queue { oracle.offer(ticket) }
    oracle.answer.payable = oracle.money.reduce(0, +)
    return oracle.answer
  }

  private init(_ market: Market) {
    self.market = market
    lines = market.cart["lines"]?.elements ?? []
    money = []
    for (index, line) in lines.enumerated() {
      let (quantity, price) = (line["quantity"]?.integer ?? 0, line["unit_price"]?.integer ?? 0)
      money.append(quantity * price)
      units += (0..<quantity).map { _ in Unit(line: index, price: price) }
    }
  }

  private mutating func offer(_ ticket: Market.Ticket) {
    if let barrier = ticket.barrier {
      answer.refused[ticket.id] = barrier.rawValue
      return
    }
    if !(taken + [ticket]).isFriendly(in: market) {
      answer.refused[ticket.id] = "not_combinable"
      return
    }
    if let limit = market.limit, taken.count == limit {
      answer.refused[ticket.id] = "checkout_limit"
      return
    }
    let campaign = market.campaigns[ticket.campaign]
    let scope = lines.indices.filter { isInScope(lines[$0], campaign["scope"]) }
    let sum = scope.map { money[$0] }.reduce(0, +)
    var least = campaign["min_spend"]?.integer ?? 0
    if let first = campaign["steps"]?.elements.first {
      least = max(least, first["min"]?.integer ?? 0)
    }
    if sum < least {
      answer.refused[ticket.id] = "below_minimum"
      return
    }
    var (off, given) = ([Int](repeating: 0, count: lines.count), [Int]())
    if campaign["kind"] == "item" {
      (off, given) = items(campaign, scope)
    } else {
      off = deal(amount(campaign, sum), over: scope)
    }
    let discount = off.reduce(0, +)
    if discount == 0 {
      answer.refused[ticket.id] = "no_eligible_items"
      return
    }
    if let allowance = market.allowances[ticket.campaign] {
      let used = taken.filter { $0.campaign == ticket.campaign }.count
      let room = allowance.budget.map { $0 - (spent[ticket.campaign] ?? 0) } ?? discount
      if used + 1 > allowance.redemptions ?? .max || discount > room {
        answer.refused[ticket.id] = "cap_reached"
        return
      }
    }
    for line in lines.indices { money[line] -= off[line] }
    for unit in given { units[unit].isGiven = true }
    taken.append(ticket)
    spent[ticket.campaign, default: 0] += discount
    answer.applied[ticket.id] = off
  }

  private func isInScope(_ line: JSONTree, _ scope: JSONTree?) -> Bool {
    func names(_ list: String, _ member: String) -> Bool {
      guard let value = line[member] else { return false }
      return scope?[list]?.elements.contains(value) ?? false
    }
    if names("exclude_skus", "sku") || names("exclude_categories", "category") { return false }
    if scope?["full_price_only"]?.isTrue == true, line["full_price"] == .bool(false) {
      return false
    }
    let lists = ["include_skus", "include_categories"].flatMap { scope?[$0]?.elements ?? [] }
    return lists.isEmpty || names("include_skus", "sku") || names("include_categories", "category")
  }

  private func amount(_ campaign: JSONTree, _ sum: Int) -> Int {
    let most = campaign["max_discount"]?.integer ?? .max
    switch campaign["kind"]?.string {
    case "percent":
      // A hundredth of a percent each ten thousandth of the sum: count the whole ones.
      var whole = 0
      let product = sum * (campaign["off_basis_points"]?.integer ?? 0)
      while (whole + 1) * 10_000 <= product { whole += 1 }
      return min(whole, most)
    case "cash": return min(campaign["amount"]?.integer ?? 0, sum)
    default:
      var (off, rest) = (0, sum)
      for step in campaign["steps"]?.elements ?? [] where sum >= step["min"]?.integer ?? 0 {
        off = step["off"]?.integer ?? 0
      }
      if campaign["repeat"]?.isTrue == true, let step = campaign["steps"]?.elements.first {
        off = 0
        while rest >= step["min"]?.integer ?? 1 {
          off += step["off"]?.integer ?? 0
          rest -= step["min"]?.integer ?? 1
        }
      }
      return min(off, most)
    }
  }

  /// What the units come to on each line, and which they are.
  private func items(_ campaign: JSONTree, _ scope: [Int]) -> ([Int], [Int]) {
    var off = [Int](repeating: 0, count: lines.count)
    var given: [Int] = []
    let free = units.indices.filter { index in
      let unit = units[index]
      return !unit.isGiven && scope.contains(unit.line) && money[unit.line] > 0
        && lines[unit.line]["sku"] == campaign["sku"]
    }.sorted { (-units[$0].price, $0) < (-units[$1].price, $1) }
    for index in free.prefix(campaign["quantity"]?.integer ?? 0) {
      let unit = units[index]
      off[unit.line] += min(unit.price, money[unit.line] - off[unit.line])
      given.append(index)
    }
    return (off, given)
  }

  /// Deals coins: first what each line may claim in full, then one each by the size of the claim
  /// that is left.
  private func deal(_ total: Int, over scope: [Int]) -> [Int] {
    var off = [Int](repeating: 0, count: lines.count)
    let sum = scope.map { money[$0] }.reduce(0, +)
    guard sum > 0 else { return off }
    var claims: [(line: Int, rest: Int)] = []
    for line in scope {
      off[line] = total * money[line] / sum
      claims.append((line, total * money[line] - off[line] * sum))
    }
    claims.sort { ($1.rest, $0.line) < ($0.rest, $1.line) }
    for claim in claims.prefix(total - off.reduce(0, +)) { off[claim.line] += 1 }
    return off
  }
}

extension [Market.Ticket] {
  /// Whether all of them may stand beside each other, each pair and each class.
  fileprivate func isFriendly(in market: Market) -> Bool {
    if count < 2 { return true }
    let stacks = map { market.campaigns[$0.campaign]["stacking"] }
    for (index, left) in stacks.enumerated() {
      guard let left, let own = left["class"] else { return false }
      let with = left["with"]?.elements ?? []
      for (other, right) in stacks.enumerated() where other != index {
        guard let name = right?["class"] else { return false }
        if !with.contains(name), !with.contains("*") { return false }
      }
      let ofClass = stacks.filter { $0?["class"] == own }.count
      if ofClass > 1, ofClass > left["max_per_class"]?.integer ?? 1 { return false }
    }
    return true
  }
}
