// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The lines of one cart by number, so that scopes of campaigns become sets of lines quickly.
///
/// A cart knows few labels and a scope may name thousands; each label of the cart is hashed once,
/// and of a scope the smaller side is looked up.
struct CartIndex {
  private let cart: Cart
  private var skus: [Label: Int] = [:]
  private var categories: [Label: Int] = [:]
  /// For each line the number of its SKU and of its category; -1 for none.
  private var numbers: [(sku: Int, category: Int)] = []

  init(_ cart: Cart) {
    self.cart = cart
    for line in cart.lines {
      let sku = Self.number(of: line.sku, in: &skus)
      numbers.append((sku, Self.number(of: line.category, in: &categories)))
    }
  }

  private static func number(of label: Label?, in known: inout [Label: Int]) -> Int {
    guard let label else { return -1 }
    if let number = known[label] { return number }
    known[label] = known.count
    return known.count - 1
  }

  /// The lines in scope, in order; the same as asking `Scope.includes` of each.
  func lines(in scope: Scope) -> [Int] {
    let includesAll = scope.includedSKUs.isEmpty && scope.includedCategories.isEmpty
    let includedSKUs = Self.marks(of: scope.includedSKUs, in: skus)
    let includedCategories = Self.marks(of: scope.includedCategories, in: categories)
    let excludedSKUs = Self.marks(of: scope.excludedSKUs, in: skus)
    let excludedCategories = Self.marks(of: scope.excludedCategories, in: categories)
    return cart.lines.indices.filter { line in
      if scope.fullPriceOnly, !cart.lines[line].isFullPrice { return false }
      let (sku, category) = numbers[line]
      if sku >= 0, excludedSKUs[sku] { return false }
      if category >= 0, excludedCategories[category] { return false }
      return includesAll || (sku >= 0 && includedSKUs[sku])
        || (category >= 0 && includedCategories[category])
    }
  }

  /// For each number whether the set names its label.
  private static func marks(of labels: LabelSet, in known: [Label: Int]) -> [Bool] {
    var marks = [Bool](repeating: false, count: known.count)
    if labels.count < known.count {
      for label in labels.sorted {
        if let number = known[label] { marks[number] = true }
      }
    } else {
      for (label, number) in known where labels.contains(label) { marks[number] = true }
    }
    return marks
  }
}

/// A set of lines of a cart.
struct LineSet: Hashable {
  /// In order.
  let lines: [Int]
  /// One bit a line.
  private let words: [UInt64]

  init(_ lines: [Int], of count: Int) {
    self.lines = lines
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for line in lines { words[line / 64] |= 1 << UInt64(line % 64) }
    self.words = words
  }

  func contains(_ line: Int) -> Bool { words[line / 64] >> UInt64(line % 64) & 1 == 1 }

  func isDisjoint(with other: LineSet) -> Bool {
    zip(words, other.words).allSatisfy { $0 & $1 == 0 }
  }

  func isSubset(of other: LineSet) -> Bool {
    zip(words, other.words).allSatisfy { $0 & ~$1 == 0 }
  }

  static func == (left: LineSet, right: LineSet) -> Bool { left.words == right.words }

  func hash(into hasher: inout Hasher) { hasher.combine(words) }
}

/// The sets of lines that the scopes of some campaigns mean in one cart, each once.
struct ScopeTable {
  /// How what is taken off one set of lines shows in another.
  enum Overlap: Sendable {
    case none
    /// The other set holds all of the lines.
    case whole
    case part
  }

  private let index: CartIndex
  private let count: Int
  private var known: [Scope: Int] = [:]
  private var numbers: [LineSet: Int] = [:]
  private(set) var sets: [LineSet] = []

  init(_ cart: Cart) {
    index = CartIndex(cart)
    count = cart.lines.count
  }

  mutating func number(of scope: Scope) -> Int {
    if let number = known[scope] { return number }
    let set = LineSet(index.lines(in: scope), of: count)
    let number = numbers[set] ?? sets.count
    if number == sets.count {
      sets.append(set)
      numbers[set] = number
    }
    known[scope] = number
    return number
  }

  /// For each set and each other how the one shows in the other; row × count + column.
  func overlaps() -> [Overlap] {
    sets.flatMap { own in
      sets.map { other in
        if own.isSubset(of: other) { return own.lines.isEmpty ? .none : .whole }
        return own.isDisjoint(with: other) ? .none : .part
      }
    }
  }
}
