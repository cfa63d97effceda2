// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// The coupons that the search has taken so far, and what they leave.
struct SearchPath {
  let table: SearchTable
  /// The classes taken, in the order of application.
  private(set) var word: [Int] = []
  /// What they take off together.
  private(set) var discount: Int64 = 0
  private var frames: [Frame]
  /// For each group how many are taken, and how many the most frugal of them allows.
  private var groups: [(used: Int, most: Int)]
  private var campaignUsed: [(count: Int64, discount: Int64)]

  /// What is left after some coupons.
  private struct Frame {
    var left: LinesLeft
    /// For each scope what its lines have left.
    var sums: [Int64]
    /// What the last of the coupons took off.
    let discount: Int64
    /// What its group allowed before it.
    let most: Int
  }

  init(_ table: SearchTable) {
    self.table = table
    let sums = table.scopes.map { table.lines.sum(of: $0.lines) }
    frames = [Frame(left: table.lines, sums: sums, discount: 0, most: .max)]
    groups = Array(repeating: (0, .max), count: table.groupCount)
    campaignUsed = Array(repeating: (0, 0), count: table.allowances.count)
  }

  var depth: Int { word.count }

  /// What the lines have left.
  var left: LinesLeft { frames[frames.count - 1].left }

  /// For each scope what its lines have left.
  var sums: [Int64] { frames[frames.count - 1].sums }

  /// How many of a class's group could still be taken if all were of this class.
  func room(of own: SearchTable.CouponClass) -> Int {
    guard own.group >= 0 else { return word.isEmpty ? 1 : 0 }
    return min(own.maximumPerGroup, groups[own.group].most) - groups[own.group].used
  }

  /// What a coupon of the class would take off now; 0 when it would be refused.
  func discount(of own: SearchTable.CouponClass) -> Int64 {
    let eligible = frames[frames.count - 1].sums[own.scope]
    guard eligible >= own.fitted.minimumSpend else { return 0 }
    let discount =
      own.fitted.choice?.units(of: left).reduce(0) { $0 + $1.worth }
      ?? own.fitted.benefit.discount(of: eligible)
    return discount <= budget(of: own.campaign) ? discount : 0
  }

  /// The most that a coupon of the class could take off now or at any later time: what lines have
  /// left only falls (spec/coupons.md, Ceilings).
  func ceiling(of own: SearchTable.CouponClass) -> Int64 {
    let eligible = frames[frames.count - 1].sums[own.scope]
    guard eligible >= own.fitted.minimumSpend else { return 0 }
    let ceiling =
      own.fitted.choice?.ceiling(of: left) ?? own.fitted.benefit.ceiling(of: eligible)
    return min(ceiling, eligible, budget(of: own.campaign))
  }

  /// What a campaign's caps leave; 0 when no redemption is left.
  private func budget(of campaign: Int) -> Int64 {
    guard campaign >= 0 else { return .max }
    let (allowance, used) = (table.allowances[campaign], campaignUsed[campaign])
    if let redemptions = allowance.redemptions, used.count >= redemptions { return 0 }
    return allowance.budget.map { $0.minorUnits - used.discount } ?? .max
  }

  /// Takes a coupon of the class, whose discount now is `discount`.
  ///
  /// - Parameter scopes: those that will still be asked for; the sums of others are not kept up.
  mutating func take(
    _ number: Int, discount: Int64, watching scopes: [Int], _ scratch: inout Scratch
  ) {
    let own = table.classes[number]
    let most = own.group >= 0 ? groups[own.group].most : .max
    var frame = Frame(left: left, sums: sums, discount: discount, most: most)
    scratch.spread(own, discount, on: &frame.left)
    for scope in scopes {
      switch table.overlap(of: own.scope, in: scope) {
      case .none: break
      case .whole: frame.sums[scope] -= discount
      case .part: frame.sums[scope] -= scratch.sum(of: table.scopes[scope])
      }
    }
    frames.append(frame)
    word.append(number)
    self.discount += discount
    if own.group >= 0 {
      groups[own.group] = (groups[own.group].used + 1, min(most, own.maximumPerGroup))
    }
    if own.campaign >= 0 {
      campaignUsed[own.campaign].count += 1
      campaignUsed[own.campaign].discount += discount
    }
  }

  /// Gives the last coupon back.
  mutating func giveBack() {
    guard let number = word.popLast(), let frame = frames.popLast() else { return }
    discount -= frame.discount
    let own = table.classes[number]
    if own.group >= 0 { groups[own.group] = (groups[own.group].used - 1, frame.most) }
    if own.campaign >= 0 {
      campaignUsed[own.campaign].count -= 1
      campaignUsed[own.campaign].discount -= frame.discount
    }
  }

  /// Room for one distribution, kept so that it is made once.
  struct Scratch {
    /// For each line of the cart what the last distribution took off it.
    private var taken: [Int64]
    private var lines: [Int] = []
    private var weights: [Int64] = []
    private var shares: [Int64] = []
    private var remainders: [Int64] = []

    init(_ table: SearchTable) {
      taken = Array(repeating: 0, count: table.lines.amounts.count)
    }

    mutating func spread(
      _ own: SearchTable.CouponClass, _ discount: Int64, on left: inout LinesLeft
    ) {
      for line in lines { taken[line] = 0 }
      lines = own.fitted.lines
      if let choice = own.fitted.choice {
        for units in choice.units(of: left) {
          left.give(units: units.units, ofLine: units.line)
          taken[units.line] = units.worth
        }
      } else {
        weights.removeAll(keepingCapacity: true)
        var sum: Int64 = 0
        for line in lines {
          weights.append(left.amounts[line])
          sum += left.amounts[line]
        }
        Distribution.spread(discount, over: weights, sum: sum, into: &shares, using: &remainders)
        for (place, line) in lines.enumerated() { taken[line] = shares[place] }
      }
      left.take(taken, offLines: lines)
    }

    /// What the last distribution took off the lines of another set.
    func sum(of other: LineSet) -> Int64 {
      var sum: Int64 = 0
      if other.lines.count <= lines.count {
        for line in other.lines { sum += taken[line] }
      } else {
        for line in lines where other.contains(line) { sum += taken[line] }
      }
      return sum
    }
  }
}
