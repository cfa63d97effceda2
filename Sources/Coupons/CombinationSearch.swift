// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Branch and bound for the words of classes with the largest discount (spec/coupons.md, Search).
///
/// A node is a beginning of a word; its children add one letter that comes later in the order of
/// application. Every word is met once, by its leftmost spelling. A child is left out only when a
/// bound says that nothing at or below it is better than the best found, or equal and preferred.
struct CombinationSearch {
  private let table: SearchTable
  private let ties: TieOrder
  private var path: SearchPath
  private var scratch: SearchPath.Scratch
  private var best = Best()
  /// What may still be spent on the proof; one unit is about the cost of looking at one line.
  private var effort: Int
  /// Whether the whole tree was searched or left out for a reason.
  private(set) var isComplete = true
  /// Whether sets that take off all there is are weighed by their expiries and ids.
  ///
  /// There may be many of them, so that how few coupons it takes is proved first.
  private var weighsWhole = false

  /// How long a word may be before its proof is given up, so that the stack is bounded.
  private static let deepest = 256

  /// The best word found.
  private struct Best {
    var discount: Int64 = 0
    var word: [Int] = []
    /// Its preferred set; nil until it is asked for.
    var spelling: TieOrder.Spelling?
  }

  /// A child that may lead to something better.
  private struct Child {
    let candidate: Candidate
    /// The most that any word that begins like this can take off.
    let bound: Int64
  }

  init(_ table: SearchTable, effort: Int) {
    self.table = table
    self.effort = effort
    ties = TieOrder(table.coupons)
    path = SearchPath(table)
    scratch = SearchPath.Scratch(table)
  }

  /// Searches, and answers the places of the coupons of the best set found.
  mutating func run() -> [Int] {
    let candidates = path.candidates(Array(table.classes.indices), from: 0)
    let prices = price(candidates, slots: table.limit, steps: 12, isFirst: true)
    explore(candidates, prices: prices)
    if isComplete, takesAll {
      weighsWhole = true
      explore(candidates, prices: prices)
    }
    return bestSpelling().places
  }

  /// Whether no permitted set takes off more: nothing is left to take off, or all was searched.
  var isProved: Bool { isComplete || takesAll }

  /// Whether the best found takes off all that any coupon looks at.
  private var takesAll: Bool { best.discount == table.covered }

  /// The most coupons that a better set can have when it takes off no more than the best found.
  private var mostEqual: Int { best.word.count - (takesAll && !weighsWhole ? 1 : 0) }

  private mutating func bestSpelling() -> TieOrder.Spelling {
    if let spelling = best.spelling { return spelling }
    let spelling = spelling(of: best.word)
    best.spelling = spelling
    return spelling
  }

  private mutating func spelling(of word: [Int]) -> TieOrder.Spelling {
    effort -= 10 * word.count * word.count + table.coupons.count
    return ties.bestSpelling(of: word, in: table)
  }

  // MARK: Nodes

  private mutating func explore(_ candidates: [Candidate], prices inherited: ShadowPrices) {
    effort -= 40 + 8 * candidates.count
    if effort < 0 || path.depth > Self.deepest { isComplete = false }
    let slots = slots
    guard isComplete, slots > 0, !candidates.isEmpty else { return }
    let ceilings = Ranking(candidates, slots: slots) { $0.ceiling }
    var prices = inherited
    var shadow = Ranking(candidates, slots: slots) { prices.prices[$0.number] }
    var reach = Reach(most: table.covered - path.discount, slots: slots)
    reach.lower(to: ceilings.sums)
    reach.lower(to: shadow.sums, plus: prices.base)
    if cannotImprove(reach, candidates) { return }
    if slots > 1 {
      reach.lower(to: chain(candidates, slots: slots))
      if cannotImprove(reach, candidates) { return }
    }
    var children = self.children(of: candidates, slots, ceilings, shadow, base: prices.base)
    if slots > 2, children.count > 1 {
      let own = price(candidates, slots: slots, steps: 2, isFirst: false)
      let ranking = Ranking(candidates, slots: slots) { own.prices[$0.number] }
      reach.lower(to: ranking.sums, plus: own.base)
      if cannotImprove(reach, candidates) { return }
      if own.base + ranking.sums[slots] < prices.base + shadow.sums[slots] {
        (prices, shadow) = (own, ranking)
      }
      children = self.children(of: candidates, slots, ceilings, shadow, base: prices.base)
    }
    // Nothing better holds a class with which even the best company is not enough.
    let company = path.discount + prices.base + shadow.sums[slots - 1]
    let numbers = candidates.indices.filter {
      canImprove(company + shadow.values[$0], count: path.depth + 1)
    }.map { candidates[$0].number }
    let scopes = scopes(of: numbers)
    for child in children where isComplete && canImprove(child.bound, count: path.depth + 1) {
      visit(child, numbers, scopes, prices)
    }
  }

  private mutating func visit(
    _ child: Child, _ numbers: [Int], _ scopes: [Int], _ prices: ShadowPrices
  ) {
    let candidate = child.candidate
    record(path.word + [candidate.number], path.discount + candidate.discount)
    guard slots > 1, canImprove(child.bound, count: path.depth + 2) else { return }
    effort -= 2 * table.classes[candidate.number].fitted.lines.count + table.lines.amounts.count / 4
    path.take(
      candidate.number, discount: candidate.discount, watching: scopes, &scratch)
    explore(
      path.candidates(numbers, from: candidate.place + 1),
      prices: prices.after(candidate.number, discount: candidate.discount))
    path.giveBack()
  }

  /// The scopes of some classes, each once.
  private func scopes(of numbers: [Int]) -> [Int] {
    var isThere = [Bool](repeating: false, count: table.scopes.count)
    for number in numbers { isThere[table.classes[number].scope] = true }
    return isThere.indices.filter { isThere[$0] }
  }

  /// How many coupons more a better set can have.
  private var slots: Int {
    (takesAll ? min(mostEqual, table.limit) : table.limit) - path.depth
  }

  /// The children that may lead to something better, the most promising first.
  private mutating func children(
    of candidates: [Candidate], _ slots: Int, _ ceilings: Ranking, _ shadow: Ranking, base: Int64
  ) -> [Child] {
    var children: [Child] = []
    for (index, candidate) in candidates.enumerated() where candidate.discount > 0 {
      let most = min(
        candidate.discount + ceilings.sums[slots - 1],
        base + shadow.values[index] + shadow.sums[slots - 1])
      guard canImprove(path.discount + most, count: path.depth + 1) else { continue }
      effort -= slots > 1 ? candidates.count / 4 : 0
      var bound = min(
        base + shadow.values[index]
          + shadow.sum(slots - 1, after: candidate, of: candidates, in: table),
        table.covered - path.discount)
      guard canImprove(path.discount + bound, count: path.depth + 1) else { continue }
      bound = min(
        bound,
        candidate.discount
          + ceilings.sum(slots - 1, after: candidate, of: candidates, in: table))
      guard canImprove(path.discount + bound, count: path.depth + 1) else { continue }
      children.append(Child(candidate: candidate, bound: path.discount + bound))
    }
    return children.sorted {
      $0.bound == $1.bound ? $0.candidate.place < $1.candidate.place : $0.bound > $1.bound
    }
  }

  // MARK: Judging

  /// Whether a set with this discount and at least so many coupons can be better than the best.
  private func canImprove(_ discount: Int64, count: Int) -> Bool {
    discount > best.discount || (discount == best.discount && count <= mostEqual)
  }

  /// Whether no continuation of the path is better than the best found.
  private mutating func cannotImprove(_ reach: Reach, _ candidates: [Candidate]) -> Bool {
    let need = best.discount - path.discount
    guard let slots = reach.slots(for: need) else { return true }
    if reach.most > need || path.depth + slots < best.word.count { return false }
    if path.depth + slots > mostEqual { return true }
    effort -= 4 * table.coupons.count
    return ties.cannotBeat(
      bestSpelling().key, word: path.word, others: candidates.map(\.number),
      count: best.word.count, in: table)
  }

  private mutating func record(_ word: [Int], _ discount: Int64) {
    guard canImprove(discount, count: word.count) else { return }
    if discount == best.discount, word.count == best.word.count {
      let spelling = spelling(of: word)
      if spelling.key < bestSpelling().key {
        best = Best(discount: discount, word: word, spelling: spelling)
      }
    } else {
      best = Best(discount: discount, word: word)
    }
  }

  // MARK: Bounds

  private mutating func chain(_ candidates: [Candidate], slots: Int) -> [Int64] {
    let total = table.covered - path.discount
    var chain = ChainBound(total: total, slots: slots)
    var order: [(place: Int, candidate: Candidate)] = []
    for candidate in candidates {
      let members = table.classes[candidate.number].members
      for place in members.suffix(table.classes[candidate.number].count(from: candidate.place)) {
        order.append((place, candidate))
      }
    }
    order.sort { $0.place < $1.place }
    let sums = path.sums
    for (_, candidate) in order {
      let own = table.classes[candidate.number]
      chain.add(own.fitted, eligible: sums[own.scope], ceiling: candidate.ceiling)
    }
    effort -= order.count * slots / 2
    chain.finish()
    return chain.least.map { total - $0 }
  }

  /// The best prices that a few steps find; the first time the sets that they suggest are tried.
  private mutating func price(
    _ candidates: [Candidate], slots: Int, steps: Int, isFirst: Bool
  ) -> ShadowPrices {
    var ceilings = [Int64](repeating: 0, count: table.classes.count)
    for candidate in candidates { ceilings[candidate.number] = candidate.ceiling }
    var pricing = ShadowPricing(
      table, left: path.left, ceilings: ceilings, numbers: candidates.map(\.number))
    var found: (prices: ShadowPrices, bound: Int64)?
    var tried: Set<[Int]> = []
    for _ in 0..<steps {
      effort -= 2 * table.coveredLines.count + 8 * candidates.count
      let prices = pricing.prices()
      let ranking = Ranking(candidates, slots: slots) { prices.prices[$0.number] }
      let bound = prices.base + (ranking.sums.last ?? 0)
      if bound < found?.bound ?? .max { found = (prices, bound) }
      if isFirst { tryOut(ranking, of: candidates, &tried) }
      pricing.move(towards: ranking.chosen.map { candidates[$0].number })
    }
    return found?.prices ?? pricing.prices()
  }

  /// Prices the set that one gets by taking the dearest classes first as far as they go together.
  private mutating func tryOut(
    _ ranking: Ranking, of candidates: [Candidate], _ tried: inout Set<[Int]>
  ) {
    let numbers = ranking.friends(candidates, slots: table.limit, in: table)
    let word = table.firstSpelling(of: numbers)
    // Something is always found, even where there is no effort to spend.
    guard effort > 0 || best.word.isEmpty, tried.insert(word).inserted else { return }
    effort -= 2 * word.count * table.coveredLines.count
    let scopes = scopes(of: numbers)
    for number in word where path.room(of: table.classes[number]) > 0 {
      let discount = path.discount(of: table.classes[number])
      guard discount > 0 else { continue }
      path.take(number, discount: discount, watching: scopes, &scratch)
      record(path.word, path.discount)
    }
    while path.depth > 0 { path.giveBack() }
  }
}
