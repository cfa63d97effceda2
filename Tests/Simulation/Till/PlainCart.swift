// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What a cart costs with coupons (spec/coupons.md).
struct PlainCart: Sendable {
  struct Line: Sendable, Hashable {
    var id: String
    var sku: String?
    var category: String?
    var quantity: Int
    var price: Int
    var isFullPrice: Bool

    var total: Int { quantity * price }
  }

  /// A coupon as it is priced.
  struct Candidate {
    /// Its number.
    var coupon: Int
    var id: String
    var terms: Plain
    var end: Int?
    /// Why it cannot be used whatever is in the cart.
    var barrier: String?
    /// Its campaign, and under whom its use counts.
    var campaign: Int
    var whose: Int?
    /// What caps leave of each campaign, and of each account's part in it.
    var room: PlainTill.Room

    var kind: String { terms["kind"]?.text ?? "" }
  }

  struct Applied {
    var candidate: Candidate
    var discount: Int
    /// By line.
    var shares: [Int]
  }

  struct Priced {
    var applied: [Applied] = []
    var refused: [(candidate: Candidate, reason: String)] = []
    var left: [Int]

    var payable: Int { left.reduce(0, +) }
  }

  var lines: [Line]

  var subtotal: Int { lines.reduce(0) { $0 + $1.total } }

  init(lines: [Line]) { self.lines = lines }

  init(_ cart: Plain) {
    lines = (cart["lines"]?.list ?? []).map { line in
      Line(
        id: line["line_id"]?.text ?? "", sku: line["sku"]?.text, category: line["category"]?.text,
        quantity: line["quantity"]?.number ?? 0, price: line["unit_price"]?.number ?? 0,
        isFullPrice: line["full_price"]?.bool ?? true)
    }
  }

  /// An amount in place of a cart.
  init(amount: Int) {
    lines = [Line(id: "", sku: nil, category: nil, quantity: 1, price: amount, isFullPrice: true)]
  }

  /// The coupons by the program's order of kinds, inside a kind by the bytes of their ids.
  static func ordered(_ candidates: [Candidate], _ rules: PlainRules) -> [Candidate] {
    var ordered: [Candidate] = []
    for kind in rules.kinds {
      ordered += candidates.filter { $0.kind == kind }.sorted { $0.id < $1.id }
    }
    return ordered
  }

  /// Prices a list; each coupon is taken or refused at its turn.
  func price(_ candidates: [Candidate], _ rules: PlainRules) -> Priced {
    var priced = Priced(left: lines.map(\.total))
    var given = lines.map { _ in 0 }
    var seen: Set<String> = []
    for candidate in Self.ordered(candidates, rules) {
      func refuse(_ reason: String) { priced.refused.append((candidate, reason)) }
      if !seen.insert(candidate.id).inserted {
        refuse("duplicate")
        continue
      }
      if let barrier = candidate.barrier {
        refuse(barrier)
        continue
      }
      if !Self.goes(candidate, with: priced.applied.map(\.candidate)) {
        refuse("not_combinable")
        continue
      }
      if priced.applied.count >= rules.couponsPerCheckout ?? 100 {
        refuse("checkout_limit")
        continue
      }
      var units = given
      let shares: [Int]
      switch worth(candidate.terms, left: priced.left, given: &units) {
      case .none(let reason):
        refuse(reason)
        continue
      case .shares(let found): shares = found
      }
      let discount = shares.reduce(0, +)
      let same = priced.applied.filter { $0.candidate.campaign == candidate.campaign }
      let used = same.reduce(0) { $0 + $1.discount }
      let own = same.count { $0.candidate.whose == candidate.whose }
      if same.count >= candidate.room.uses || own >= candidate.room.ownUses
        || used + discount > candidate.room.budget
      {
        refuse("cap_reached")
        continue
      }
      given = units
      for index in lines.indices { priced.left[index] -= shares[index] }
      priced.applied.append(Applied(candidate: candidate, discount: discount, shares: shares))
    }
    return priced
  }

  // MARK: Which go together

  /// Whether a coupon goes with all of those taken.
  static func goes(_ candidate: Candidate, with taken: [Candidate]) -> Bool {
    if taken.isEmpty { return true }
    guard let mine = candidate.terms["stacking"] else { return false }
    let own = mine["class"]?.text ?? ""
    var least = mine["max_per_class"]?.number ?? 1
    var count = 0
    for other in taken {
      guard let theirs = other.terms["stacking"] else { return false }
      let its = theirs["class"]?.text ?? ""
      guard names(mine, its), names(theirs, own) else { return false }
      if its == own {
        count += 1
        least = min(least, theirs["max_per_class"]?.number ?? 1)
      }
    }
    return count < least || count == 0
  }

  private static func names(_ stacking: Plain, _ other: String) -> Bool {
    let with = stacking["with"].texts
    return with.contains("*") || with.contains(other)
  }

  // MARK: What one takes off

  enum Worth {
    case none(String)
    case shares([Int])
  }

  /// What a coupon takes off each line at its turn; `given` are the units given away already.
  private func worth(_ terms: Plain, left: [Int], given: inout [Int]) -> Worth {
    let scope = terms["scope"]
    let eligible = lines.indices.filter { isInScope(lines[$0], scope) }
    let sum = eligible.reduce(0) { $0 + left[$1] }
    if let least = terms["min_spend"]?.number, sum < least { return .none("below_minimum") }
    var discount = 0
    switch terms["kind"]?.text {
    case "percent": discount = sum * (terms["off_basis_points"]?.number ?? 0) / 10_000
    case "cash": discount = min(sum, terms["amount"]?.number ?? 0)
    case "threshold":
      let steps = (terms["steps"]?.list ?? []).filter { sum >= $0["min"]?.number ?? 0 }
      guard let step = steps.last else { return .none("below_minimum") }
      let times = terms["repeat"]?.bool == true ? sum / (step["min"]?.number ?? 1) : 1
      discount = times * (step["off"]?.number ?? 0)
    default:
      let shares = units(terms, eligible, left, &given)
      return shares.contains { $0 > 0 } ? .shares(shares) : .none("no_eligible_items")
    }
    if let most = terms["max_discount"]?.number { discount = min(discount, most) }
    if discount == 0 { return .none("no_eligible_items") }
    return .shares(spread(discount, eligible, left))
  }

  private func isInScope(_ line: Line, _ scope: Plain?) -> Bool {
    guard let scope else { return true }
    let skus = scope["include_skus"].texts
    let categories = scope["include_categories"].texts
    func lists(_ list: [String], _ name: String?) -> Bool {
      name.map { list.contains($0) } ?? false
    }
    let isIncluded =
      (skus.isEmpty && categories.isEmpty) || lists(skus, line.sku)
      || lists(categories, line.category)
    let isExcluded =
      lists(scope["exclude_skus"].texts, line.sku)
      || lists(scope["exclude_categories"].texts, line.category)
      || (scope["full_price_only"]?.bool == true && !line.isFullPrice)
    return isIncluded && !isExcluded
  }

  /// Units of the article, the dearest first, of equal ones on the earlier line.
  private func units(
    _ terms: Plain, _ eligible: [Int], _ left: [Int], _ given: inout [Int]
  ) -> [Int] {
    var shares = lines.map { _ in 0 }
    var wanted = terms["quantity"]?.number ?? 0
    var open = eligible.filter { lines[$0].sku == terms["sku"]?.text && left[$0] > 0 }
    while wanted > 0, !open.isEmpty {
      var best = open[0]
      for line in open where lines[line].price > lines[best].price { best = line }
      open.removeAll { $0 == best }
      let units = min(wanted, lines[best].quantity - given[best])
      shares[best] = min(units * lines[best].price, left[best])
      given[best] += units
      wanted -= units
    }
    return shares
  }

  /// In proportion to what the lines have left: whole units first, then one more for each of the
  /// largest remainders.
  private func spread(_ discount: Int, _ eligible: [Int], _ left: [Int]) -> [Int] {
    let sum = eligible.reduce(0) { $0 + left[$1] }
    var shares = lines.map { _ in 0 }
    var remainders: [(line: Int, rest: Int)] = []
    for line in eligible {
      let exact = sum.dividingFullWidth(discount.multipliedFullWidth(by: left[line]))
      shares[line] = exact.quotient
      remainders.append((line, exact.remainder))
    }
    var missing = discount - shares.reduce(0, +)
    while missing > 0 {
      var best = 0
      for index in remainders.indices where remainders[index].rest > remainders[best].rest {
        best = index
      }
      shares[remainders[best].line] += 1
      remainders[best].rest = -1
      missing -= 1
    }
    return shares
  }

  // MARK: The best

  /// The permitted combination with the smallest payable, found by trying all of them.
  func best(_ candidates: [Candidate], _ rules: PlainRules) -> Priced {
    let usable = candidates.filter { $0.barrier == nil }
    var best = price([], rules)
    for choice in 1..<max(1, 1 << usable.count) {
      let list = usable.indices.filter { choice >> $0 & 1 == 1 }.map { usable[$0] }
      if list.count > rules.couponsPerCheckout ?? 100 { continue }
      let priced = price(list, rules)
      if priced.refused.isEmpty, Self.isPreferred(priced, to: best) { best = priced }
    }
    for candidate in candidates
    where !best.applied.contains(where: {
      $0.candidate.coupon == candidate.coupon
    }) {
      best.refused.append((candidate, whyNot(candidate, beside: best, rules)))
    }
    return best
  }

  private static func isPreferred(_ one: Priced, to other: Priced) -> Bool {
    if one.payable != other.payable { return one.payable < other.payable }
    if one.applied.count != other.applied.count { return one.applied.count < other.applied.count }
    let mine = one.applied.map { $0.candidate.end ?? .max }.sorted()
    let theirs = other.applied.map { $0.candidate.end ?? .max }.sorted()
    for (left, right) in zip(mine, theirs) where left != right { return left < right }
    let (my, their) = (
      one.applied.map(\.candidate.id).sorted(), other.applied.map(\.candidate.id).sorted()
    )
    for (left, right) in zip(my, their) where left != right { return left < right }
    return false
  }

  private func whyNot(
    _ candidate: Candidate, beside best: Priced, _ rules: PlainRules
  ) -> String {
    if let alone = price([candidate], rules).refused.first { return alone.reason }
    let taken = best.applied.map(\.candidate)
    if !Self.goes(candidate, with: taken) { return "not_combinable" }
    if taken.count >= rules.couponsPerCheckout ?? 100 { return "checkout_limit" }
    let together = price(taken + [candidate], rules)
    return together.refused.first { $0.candidate.coupon == candidate.coupon }?.reason
      ?? "not_combinable"
  }
}
