// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// What an answer holds as null, the OpenRPC document allows to be null: clients are made from it.
@Suite struct NullTests {
  private func expectFits(
    _ whole: Answer, _ method: String, of methods: [JSONTree], null expected: Set<String>
  ) throws {
    let answer = try #require(whole.result)
    let described = try #require(methods.first { $0["name"] == .string(method) })
    let members = try #require(described["result"]?["schema"]?["properties"])
    let isNull = ["entry", "discount", "payable", "lines", "optimal"].filter {
      answer[$0] == .null
    }
    #expect(Set(isNull) == expected, "\(method)")
    for name in isNull {
      let types = (members[name]?["anyOf"]?.elements ?? []).compactMap { $0["type"]?.string }
      #expect(types.contains("null"), "\(method) answers null for \(name)")
    }
  }

  @Test func `nulls are where the description has them`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let terms: JSONTree = ["kind": "cash", "amount": 100, "stacking": stacking()]
    let coupon = try shop.coupon(terms)
    let basket = cart(line("1", "a", 1000))
    let document = try #require(try shop.ask("rpc.discover").result)
    let methods = document["methods"]?.elements ?? []
    let unpriced: Set<String> = ["discount", "payable", "lines"]
    try expectFits(
      shop.verify(coupon), "coupon.verify", of: methods, null: unpriced)
    try expectFits(
      shop.quote(basket, [coupon]), "checkout.quote", of: methods, null: ["optimal"])
    try expectFits(
      shop.redeem(coupon), "coupon.redeem", of: methods, null: unpriced)
    let reversal: JSONTree = ["original_idempotency_key": "never"]
    try expectFits(
      shop.change("entry.reverse", reversal), "entry.reverse", of: methods,
      null: ["entry"])
    try shop.close()
  }
}
