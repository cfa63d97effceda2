// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import Testing

@testable import Coupons

struct ScopeTests {
  /// Lines: `ak`, SKU a of category k; `al`; `bk`; `b`, without category; `ck`, reduced; and the
  /// line of an amount.
  private func names(_ scope: String) throws -> [String] {
    let lines = [
      Cart.Line(
        id: Label("ak"), sku: Label("a"), category: Label("k"), quantity: 1, unitPrice: .zero),
      Cart.Line(
        id: Label("al"), sku: Label("a"), category: Label("l"), quantity: 1, unitPrice: .zero),
      Cart.Line(
        id: Label("bk"), sku: Label("b"), category: Label("k"), quantity: 1, unitPrice: .zero),
      Cart.Line(id: Label("b"), sku: Label("b"), quantity: 1, unitPrice: .zero),
      Cart.Line(
        id: Label("ck"), sku: Label("c"), category: Label("k"), quantity: 1, unitPrice: .zero,
        isFullPrice: false),
      Cart.Line(id: Label("amount"), quantity: 1, unitPrice: .zero),
    ]
    let scope = try terms(cash("\"scope\":{\(scope)}")).scope
    return lines.filter { scope.includes($0) }.map(\.id.text)
  }

  @Test(arguments: [
    ("", "ak al bk b ck amount"), (#""include_skus":["a"]"#, "ak al"),
    (#""include_categories":["k"]"#, "ak bk ck"),
    (#""include_skus":["b"],"include_categories":["l"]"#, "al bk b"),
    (#""exclude_skus":["a"]"#, "bk b ck amount"), (#""exclude_categories":["k"]"#, "al b amount"),
    (#""include_skus":["a"],"exclude_categories":["l"]"#, "ak"),
    (#""include_categories":["k"],"exclude_skus":["b"]"#, "ak ck"),
    (#""full_price_only":true"#, "ak al bk b amount"),
    (#""full_price_only":false"#, "ak al bk b ck amount"),
    (#""include_skus":["c"],"full_price_only":true"#, ""), (#""include_skus":["z"]"#, ""),
    (#""include_skus":["k"],"include_categories":["a"]"#, ""),
    (#""store_ids":["S"],"levels":["g"]"#, "ak al bk b ck amount"),
  ])
  func `a line is in scope when something includes it and nothing excludes it`(
    _ scope: String, _ expected: String
  ) throws {
    #expect(try names(scope).joined(separator: " ") == expected)
  }

  @Test func `the index of a cart finds the same lines`() throws {
    for offset in 0..<UInt64(400) {
      let seed = Settings.seed + offset
      var random = SplitMix64(seed: seed)
      let market = Market.dense(&random, coupons: 6, lines: 12)
      let cart = try market.engineCart()
      let index = CartIndex(cart)
      for coupon in try market.engineCoupons() {
        let scope = coupon.terms.scope
        let plain = cart.lines.indices.filter { scope.includes(cart.lines[$0]) }
        #expect(index.lines(in: scope) == plain, "seed \(seed)")
      }
      // A scope that names more than the cart knows is looked up from the other side.
      let many = LabelSet((0..<50).map { Label("s\($0 * 3)") })
      for scope in [Scope(includedSKUs: many), Scope(excludedSKUs: many)] {
        let plain = cart.lines.indices.filter { scope.includes(cart.lines[$0]) }
        #expect(index.lines(in: scope) == plain, "seed \(seed)")
      }
    }
  }

  @Test func `sets of lines know what they share`() {
    let (few, many, other) = (
      LineSet([1, 70], of: 80), LineSet([0, 1, 70], of: 80), LineSet([2], of: 80)
    )
    #expect(few.isSubset(of: many) && !many.isSubset(of: few))
    #expect(few.isDisjoint(with: other) && !few.isDisjoint(with: many))
    #expect(few.contains(70) && !few.contains(69) && LineSet([], of: 80).isSubset(of: other))
    #expect(few == LineSet([1, 70], of: 80) && few != many)
  }

  @Test func `labels are compared byte by byte`() {
    let (composed, decomposed) = (Label("\u{E9}"), Label("e\u{301}"))
    #expect(composed != decomposed && Label("a") == Label("a"))
    #expect(Label("Z") < Label("a") && decomposed < composed && Label("a") < Label("aa"))
    #expect(Set([composed, decomposed]).count == 2)
    let set = LabelSet([decomposed, Label("b"), Label("a"), Label("b")])
    #expect(set.sorted == [Label("a"), Label("b"), decomposed] && set.count == 3)
    #expect(set.contains(decomposed) && !set.contains(composed) && !set.contains(nil))
  }
}
