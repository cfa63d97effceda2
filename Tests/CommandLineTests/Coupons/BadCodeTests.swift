// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A bad code is told, never an error, and changes nothing (contract §5, coupon.verify; T50–T52).
@Suite struct BadCodeTests {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

  /// Texts that are no codes at all.
  private func garbage(_ payload: String) -> [String] {
    let long = String(repeating: "A", count: 4096)
    return [
      "", " ", "x", "0", "SVC1", "SVT1", "svt1", "cpn_0000000000000000", long, long + payload,
      payload + long, payload + "0", "0" + payload, payload + payload, String(payload.dropLast()),
      String(payload.dropFirst()), payload.dropLast() + "U", payload.dropLast() + "=",
      payload.dropLast() + "\u{0}", "\u{0}" + payload, "\u{1B}[31m" + payload, payload + "\u{7F}",
      payload.prefix(30) + " " + payload.dropFirst(30),
      payload.prefix(30) + "\n" + payload.dropFirst(30),
      payload.prefix(30) + "-" + payload.dropFirst(30), "\u{FEFF}" + payload,
      payload.replacing("1", with: "\u{FF11}"), payload.replacing("1", with: "I"),
      payload.replacing("1", with: "%31"), "null", "{}", "[]", "\"", "\\u0041", "\u{1F39F}",
      "'; DROP TABLE coupons; --", String(repeating: "\u{1F39F}", count: 1024),
    ]
  }

  @Test func `whatever is no code is told so, by the question and by every use`() throws {
    let shop = try Shop()
    let payload = try shop.coupon(["kind": "cash", "amount": 100]).payload
    #expect(payload.count == 60 && payload.hasPrefix("SVT1"))
    let entries = try shop.entries()
    for text in garbage(payload) {
      let comment: Comment = "\(text.debugDescription.prefix(80))"
      let params: JSONTree = ["payload": .string(text)]
      let answer = expectResult(try shop.ask("coupon.verify", params), comment)
      #expect(answer["/valid"] == false, comment)
      #expect(answer["/reason"] == "malformed", comment)
      #expect(answer["/message"]?.string?.isEmpty == false, comment)
      expectRefusal(
        try shop.change("coupon.redeem", params), "malformed", field: "/payload", comment)
      expectRefusal(
        try shop.change("coupon.reserve", params, ["seconds": 5]), "malformed", comment)
      expectRefusal(try shop.change("coupon.void", params), "malformed", comment)
      expectRefusal(try shop.ask("coupon.get", params), "malformed", comment)
      let quote = try shop.ask(
        "checkout.quote", ["cart": cart(line("1", "a", 5)), "coupons": [.string(text)]])
      let reason = text.hasPrefix("cpn_0") ? "not_found" : "malformed"
      #expect(quote["/refused/0/reason"] == .string(reason), comment)
      #expect(quote.int("/payable") == 5)
    }
    #expect(try shop.entries() == entries)
    try shop.close()
  }

  @Test func `lower case and white space around are one spelling, anything inside is not`() throws {
    let shop = try Shop()
    let payload = try shop.coupon(["kind": "cash", "amount": 100]).payload
    let mixed = String(
      payload.enumerated().map {
        $0.offset.isMultiple(of: 2) ? Character($0.element.lowercased()) : $0.element
      })
    for text in [
      payload, payload.lowercased(), mixed, " " + payload, payload + " ", "\t\(payload)\r\n",
      "\n \(payload.lowercased()) \n",
    ] {
      let answer = try shop.ask("coupon.verify", ["payload": .string(text)])
      #expect(answer["/valid"] == true, "\(text.debugDescription)")
    }
    expectResult(try shop.change("coupon.redeem", ["payload": .string(" \(mixed)\n")]))
    try shop.close()
  }

  @Test func `no change of one character is accepted`() throws {
    let shop = try Shop()
    let payload = Array(try shop.coupon(["kind": "cash", "amount": 100]).payload)
    var requests: [(method: String, params: JSONTree)] = []
    for place in payload.indices {
      for digit in Self.alphabet where digit != payload[place] {
        var other = payload
        other[place] = digit
        requests.append(("coupon.verify", ["payload": .string(String(other))]))
      }
    }
    var reasons: [String: Int] = [:]
    for answer in try shop.engine.pipeline(requests) {
      #expect(answer["/valid"] == false)
      reasons[answer["/reason"]?.string ?? "none", default: 0] += 1
    }
    #expect(reasons.values.reduce(0, +) == 60 * 31)
    #expect(Set(reasons.keys) == ["malformed", "unknown_issuer", "unknown_key", "bad_signature"])
    try shop.close()
  }

  @Test func `a code of another ledger is of an unknown issuer or badly signed`() throws {
    let (shop, other) = (try Shop(), try Shop())
    let foreign = try other.coupon(["kind": "cash", "amount": 100])
    let reason = try #require(try shop.reason(foreign))
    #expect(["unknown_issuer", "bad_signature"].contains(reason))
    expectRefusal(try shop.redeem(foreign), reason)
    // Nor does a code of a ledger in earnest serve where tests are made, nor the other way round.
    let earnest = try Shop(isTest: false)
    let real = try earnest.coupon(["kind": "cash", "amount": 100])
    #expect(real.payload.hasPrefix("SVC1"))
    #expect(try shop.reason(real) == "malformed")
    #expect(try earnest.reason(foreign) == "malformed")
    for shop in [shop, other, earnest] { try shop.close() }
  }

  @Test func `a coupon that was never issued is not found`() throws {
    let shop = try Shop()
    let id: JSONTree = ["coupon_id": "cpn_0123456789ABCDEF"]
    #expect(try shop.ask("coupon.verify", id)["/reason"] == "not_found")
    for text in ["cpn_", "cpn_0123456789ABCDEFG", "cpn_0123456789abcdef", "x"] {
      let params: JSONTree = ["coupon_id": .string(text)]
      #expect(try shop.ask("coupon.verify", params)["/reason"] == "not_found", "\(text)")
      expectRefusal(try shop.change("coupon.redeem", params), "not_found", field: "/coupon_id")
      expectRefusal(try shop.ask("coupon.payload", params), "not_found", field: "/coupon_id")
    }
    expectRefusal(try shop.change("coupon.redeem", id), "not_found", field: "/coupon_id")
    try shop.close()
  }

  @Test func `a coupon is named in exactly one way, and priced in at most one`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(["kind": "cash", "amount": 100])
    for method in ["coupon.verify", "coupon.get"] {
      expectInvalid(try shop.ask(method), "/payload")
      #expect(try shop.ask(method, coupon.name.merging(coupon.scanned)).refusal == "invalid_params")
    }
    expectInvalid(try shop.ask("coupon.verify", ["payload": 5]), "/payload")
    expectInvalid(
      try shop.verify(coupon, ["amount": 5, "cart": cart(line("1", "a", 5))]), "/amount")
    for amount in [0, -1, 1_000_000_000_001] {
      expectInvalid(try shop.verify(coupon, ["amount": .number(amount)]), "/amount")
    }
    expectInvalid(try shop.verify(coupon, ["payload": "x", "amonut": 1]), "/amonut")
    try shop.close()
  }

  @Test func `a cart that makes no sense is refused by pointer`() throws {
    let shop = try Shop()
    let good = line("1", "a", 5)
    let cases: [(JSONTree, String)] = [
      ([:], "/cart/lines"), (["lines": []], "/cart/lines"), (["lines": nil], "/cart/lines"),
      (["lines": [good, good]], "/cart/lines/1/line_id"), (["lines": [5]], "/cart/lines/0"),
      (["lines": [good.without("sku")]], "/cart/lines/0/sku"),
      (["lines": [good.merging(["quantity": 0])]], "/cart/lines/0/quantity"),
      (["lines": [good.merging(["quantity": .number("1.0")])]], "/cart/lines/0/quantity"),
      (["lines": [good.merging(["unit_price": -1])]], "/cart/lines/0/unit_price"),
      (["lines": [good.merging(["price": 1])]], "/cart/lines/0/price"),
      (["lines": [good], "total": 5], "/cart/total"),
      (
        ["lines": [good.merging(["unit_price": 1_000_000_000_000, "quantity": 2])]],
        "/cart/lines/0"
      ),
      (
        ["lines": [good, line("2", "b", 1_000_000_000_000)]], "/cart/lines/1"
      ),
      (["lines": .array((0...500).map { line("\($0)", "a", 1) })], "/cart/lines"),
    ]
    for (basket, field) in cases {
      expectInvalid(
        try shop.ask("checkout.quote", ["cart": basket]), field, "\(basket.text.prefix(99))")
    }
    expectInvalid(try shop.ask("checkout.quote"), "/cart")
    for coupons in [5, "all", [5], [nil], .array(Array(repeating: "x", count: 201))] as [JSONTree] {
      let answer = try shop.ask("checkout.quote", ["cart": cart(good), "coupons": coupons])
      #expect(answer.refusal == "invalid_params" && answer.field?.hasPrefix("/coupons") == true)
    }
    try shop.close()
  }
}
