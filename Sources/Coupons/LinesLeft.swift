// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// What the lines of a cart have left while coupons are taken off, in raw minor units.
struct LinesLeft {
  /// For each line what is still to be paid.
  private(set) var amounts: [Int64]
  /// For each line how many of its units item coupons have given away; empty before the first.
  private var unitsGiven: [Int64] = []

  /// Nothing taken off yet.
  init(_ cart: Cart) {
    amounts = cart.lines.map(\.total.minorUnits)
  }

  /// How many units of a line item coupons have given away.
  func unitsGiven(ofLine line: Int) -> Int64 { unitsGiven.isEmpty ? 0 : unitsGiven[line] }

  func sum(of lines: [Int]) -> Int64 {
    lines.reduce(0) { $0 + amounts[$1] }
  }

  mutating func take(_ amount: Int64, offLine line: Int) {
    precondition(amount <= amounts[line], "no line goes below zero")
    amounts[line] -= amount
  }

  /// Takes an amount for each line off those lines.
  mutating func take(_ amounts: [Int64], offLines lines: [Int]) {
    for line in lines {
      precondition(amounts[line] <= self.amounts[line], "no line goes below zero")
      self.amounts[line] -= amounts[line]
    }
  }

  mutating func give(units: Int64, ofLine line: Int) {
    if unitsGiven.isEmpty { unitsGiven = Array(repeating: 0, count: amounts.count) }
    unitsGiven[line] += units
  }
}

/// What an item coupon gives: so many units of a line, and what they take off it.
struct UnitsGiven: Equatable {
  let line: Int
  let units: Int64
  let worth: Int64
}

/// The units that an item coupon chooses among.
struct ItemChoice {
  /// The lines of the article that are in scope, the dearest first, of equals the earlier.
  let lines: [Int]
  let quantities: [Int64]
  let prices: [Int64]
  let wanted: Int64

  init(_ lines: [Int], in cart: Cart, wanted: Int64) {
    let sorted = lines.sorted {
      let (left, right) = (cart.lines[$0].unitPrice, cart.lines[$1].unitPrice)
      return left == right ? $0 < $1 : left > right
    }
    self.lines = sorted
    quantities = sorted.map { cart.lines[$0].quantity }
    prices = sorted.map { cart.lines[$0].unitPrice.minorUnits }
    self.wanted = wanted
  }

  /// What is given where so much is left: the dearest units first, worth at most their line's rest.
  ///
  /// A unit that was given before is not given again, and a line with nothing left is passed over
  /// (spec/coupons.md, Item).
  func units(of left: LinesLeft) -> [UnitsGiven] {
    var given: [UnitsGiven] = []
    var open = wanted
    for (place, line) in lines.enumerated() where open > 0 && left.amounts[line] > 0 {
      let units = min(open, quantities[place] - left.unitsGiven(ofLine: line))
      guard units > 0 else { continue }
      let (worth, overflow) = prices[place].multipliedReportingOverflow(by: units)
      let most = left.amounts[line]
      given.append(UnitsGiven(line: line, units: units, worth: overflow ? most : min(worth, most)))
      open -= units
    }
    return given
  }
}
