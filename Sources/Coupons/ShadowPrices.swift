// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What one more coupon of each class can bring at most, so that the prices of any permitted set
/// bound what the set takes off (spec/coupons.md, Shadow prices).
struct ShadowPrices {
  /// For each class; 0 for one that cannot be taken.
  private(set) var prices: [Int64]
  /// What may come on top of the prices of a set.
  private(set) var base: Int64

  /// After a coupon of the class was taken and took off `discount`: the same bound of the rest.
  func after(_ number: Int, discount: Int64) -> ShadowPrices {
    var rest = self
    rest.base += prices[number] - discount
    return rest
  }
}

/// Finds prices by moving the weights of lines towards those that the dearest set leaves.
///
/// Any weights give a valid bound; these steps (Frank and Wolfe's) find weights that give a good
/// one.
struct ShadowPricing {
  private let table: SearchTable
  private let amounts: [Int64]
  private let ceilings: [Int64]
  /// The classes that can be taken, and the scopes of those of them that take a part.
  private let numbers: [Int]
  private let scopes: [Int]
  /// For each line the exponent of its weight, in units of 2^-20.
  private var exponents: [Int64]
  private var scopeWeights: [Int64]
  private var steps: Int64 = 0

  /// - Parameter ceilings: for each class; 0 for one that cannot be taken.
  init(_ table: SearchTable, left: LinesLeft, ceilings: [Int64], numbers: [Int]) {
    self.table = table
    amounts = left.amounts
    self.ceilings = ceilings
    self.numbers = numbers
    scopes = Array(
      Set(numbers.filter { table.parts[$0] != nil }.map { table.classes[$0].scope })
    ).sorted()
    exponents = Array(repeating: 0, count: amounts.count)
    scopeWeights = Array(repeating: 0, count: table.scopes.count)
  }

  /// The prices for the weights as they are.
  mutating func prices() -> ShadowPrices {
    var weighted = [Int64](repeating: 0, count: amounts.count)
    var spent: Int64 = 0
    for line in table.coveredLines {
      let level = WeightLevel.level(of: exponents[line])
      weighted[line] = amounts[line] * level.weight
      spent += amounts[line] * level.spent
    }
    for scope in scopes {
      scopeWeights[scope] = table.scopes[scope].lines.reduce(0) { $0 + weighted[$1] }
    }
    var prices = [Int64](repeating: 0, count: ceilings.count)
    for number in numbers {
      prices[number] = min(ceilings[number], partPrice(of: number))
    }
    return ShadowPrices(prices: prices, base: (spent >> 20) + 1)
  }

  /// The price of a class as one that takes a part of its lines; no bound for one that does not.
  private func partPrice(of number: Int) -> Int64 {
    guard let part = table.parts[number] else { return .max }
    let product = Int128(scopeWeights[table.classes[number].scope]) * Int128(part.logarithm)
    return Int64(min(product >> 36, 1 << 60)) + 1 + part.slack
  }

  /// Moves the weights towards those that a set leaves.
  mutating func move(towards set: [Int]) {
    var goal = [Int64](repeating: 0, count: exponents.count)
    for number in set where movesWeights(number) {
      guard let part = table.parts[number] else { continue }
      for line in table.scopes[table.classes[number].scope].lines { goal[line] += part.logarithm }
    }
    // The first step goes all the way, the later ones two parts of three, of four, …
    steps += 1
    for line in table.coveredLines {
      exponents[line] += (goal[line] - exponents[line]) * 2 / (steps + 1)
    }
  }

  /// Whether the class acts as one that takes a part: its ceiling is about that part, or already
  /// above its price as such.
  private func movesWeights(_ number: Int) -> Bool {
    guard let part = table.parts[number] else { return false }
    if partPrice(of: number) < ceilings[number] { return true }
    let eligible = table.scopes[table.classes[number].scope].lines.reduce(Int64(0)) {
      $0 + amounts[$1]
    }
    return Int128(ceilings[number]) * Int128(part.denominator) * 10
      >= Int128(eligible) * Int128(part.numerator) * 9
  }
}

/// A class as one that takes at most a part of what its lines have left.
struct Part {
  let numerator: Int64
  let denominator: Int64
  /// At least −ln(1 − numerator ÷ denominator), in units of 2^-20.
  let logarithm: Int64
  /// At least what rounding to whole units can do in favour of the set.
  let slack: Int64

  /// nil for a class that may take all, which has no logarithm, or nearly all, or nothing.
  init?(_ own: SearchTable.CouponClass, scope: LineSet, isCut: Bool) {
    let part = own.fitted.benefit.largestPart
    let rest = part.denominator - part.numerator
    guard part.numerator > 0, rest > 0, part.denominator / rest < 10_000 else { return nil }
    guard part.denominator <= 1 << 40 else { return nil }
    (numerator, denominator) = part
    logarithm = FixedLog.bounds(of: part.denominator, over: rest).high
    slack = isCut ? Int64(scope.lines.count + 3) / 4 : 0
  }
}
