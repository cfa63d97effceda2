// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// The same key has one effect and one result, for the methods of coupons too (contract §2).
@Suite struct CouponReplayTests {
  /// Every mutation of coupons once, each on what those before it made.
  private func everyMutation(_ shop: Shop) throws -> [(method: String, params: JSONTree)] {
    var done: [(method: String, params: JSONTree)] = []
    func make(_ method: String, _ params: JSONTree) throws -> Answer {
      let all = shop.keyed(params)
      done.append((method, all))
      return expectResult(try shop.ask(method, all), "\(method)")
    }
    try shop.open("C1", topUp: 10_000)
    let campaign = try make(
      "campaign.create",
      ["name": "n", "kind": "cash", "amount": 100, "stacking": stacking()]
    ).string("/campaign_id")
    let named: JSONTree = ["campaign_id": .string(campaign)]
    _ = try make("campaign.pause", named)
    _ = try make("campaign.resume", named)
    let own = try shop.issued(
      make("coupon.issue", named.merging(["card_no": "C1", "count": 4]))["/coupons"])
    let bearer = try shop.issued(make("coupon.issue", named)["/coupons"])
    let kept = try make("coupon.reserve", own[0].scanned.merging(["seconds": 60]))
    _ = try make("coupon.release", ["reservation_id": try #require(kept["/reservation_id"])])
    let used = try make("coupon.redeem", own[0].scanned.merging(["amount": 500, "card_no": "C1"]))
    _ = try make("coupon.unredeem", ["redemption_id": try #require(used["/redemption_id"])])
    _ = try make("coupon.redeem", bearer[0].name)
    _ = try make("coupon.void", own[1].name)
    let basket = cart(line("1", "a", 1000, times: 3))
    let paid = try make(
      "checkout.commit",
      [
        "cart": basket, "coupons": "auto", "card_no": "C1", "expected_payable": 2700,
        "stored_value": 2000,
      ])
    let checkout: JSONTree = ["checkout_id": try #require(paid["/checkout_id"])]
    _ = try make("checkout.refund", checkout.merging(["lines": [["line_id": "1", "quantity": 1]]]))
    _ = try make("checkout.refund", checkout.merging(["all": true]))
    let plain = try make("checkout.commit", ["cart": basket, "coupons": [.string(own[2].id)]])
    _ = try make(
      "checkout.refund",
      ["checkout_id": try #require(plain["/checkout_id"]), "lines": ["1"]])
    return done
  }

  @Test func `every mutation is answered again as at first, whatever has happened since`() throws {
    let shop = try Shop()
    let done = try everyMutation(shop)
    let first = try done.map { try shop.ask($0.method, $0.params) }
    for (request, answer) in zip(done, first) {
      #expect(answer.isReplayed, "\(request.method): \(answer)")
    }
    let entries = try shop.entries()
    for round in 0..<3 {
      if round == 1 { try shop.restart() }
      if round == 2 { try shop.crash() }
      for (request, before) in zip(done, first) {
        let answer = try shop.ask(request.method, request.params)
        #expect(answer.resultText == before.resultText, "\(request.method) in round \(round)")
      }
    }
    try shop.setClock("2027-03-02T02:00:00Z")
    for (request, before) in zip(done, first) {
      #expect(try shop.ask(request.method, request.params).resultText == before.resultText)
    }
    #expect(try shop.entries() == entries)
    try shop.close()
  }

  @Test func `the first answer and the repeated one differ by the mark alone`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    let campaign = try shop.campaign(["kind": "cash", "amount": 100])
    let coupon = try shop.issue(campaign, to: "C1")
    let requests: [(method: String, params: JSONTree)] = [
      ("coupon.issue", ["campaign_id": .string(campaign), "count": 3]),
      ("coupon.redeem", coupon.scanned.merging(["amount": 500, "card_no": "C1"])),
      ("checkout.commit", ["cart": cart(line("1", "a", 9)), "card_no": "C1", "stored_value": 9]),
    ]
    for request in requests {
      let params = shop.keyed(request.params)
      let first = expectResult(try shop.ask(request.method, params))
      #expect(first["/replayed"] == nil)
      expectResult(try shop.debit("C1", 100))
      for _ in 0..<2 {
        let again = try shop.ask(request.method, params)
        #expect(again.isReplayed && again.textWithoutReplayMark == first.resultText)
        try shop.crash()
      }
    }
    try shop.close()
  }

  @Test func `a member that differs is named`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    try shop.open("C2", topUp: 10_000)
    let done = try everyMutation(
      shop,
      [
        ("campaign.create", ["name": "n", "kind": "cash", "amount": 100]),
        ("campaign.create", ["campaign": ["name": "n", "kind": "cash", "amount": 100]]),
      ])
    let campaign = try #require(done[0].answer["/campaign_id"])
    let coupons = try shop.issue(campaign.string ?? "", to: "C1", 3)
    let basket = cart(line("1", "a", 1000))
    let cases: [(String, JSONTree, [(String, JSONTree)])] = [
      (
        "coupon.issue", ["campaign_id": campaign, "card_no": "C1", "count": 1],
        [("count", 2), ("card_no", "C2"), ("campaign_id", "cmp_00000000000Z"), ("store_id", "S")]
      ),
      (
        "coupon.reserve", coupons[0].scanned.merging(["seconds": 60]),
        [("seconds", 61), ("payload", .string(coupons[1].payload))]
      ),
      (
        "coupon.redeem", coupons[1].name.merging(["amount": 500]),
        [("amount", 501), ("coupon_id", .string(coupons[2].id)), ("card_no", "C1")]
      ),
      (
        "checkout.commit",
        ["cart": basket, "coupons": [.string(coupons[2].id)], "card_no": "C1", "stored_value": 9],
        [
          ("cart", cart(line("1", "a", 1001))), ("coupons", "auto"), ("coupons", nil),
          ("stored_value", 8), ("expected_payable", 900), ("pin", "1234"), ("card_no", "C2"),
        ]
      ),
    ]
    for (method, plain, changes) in cases {
      let params = shop.keyed(plain)
      expectResult(try shop.ask(method, params), "\(method)")
      for (name, value) in changes {
        let other = params.merging(.object([.init(name, value)]))
        expectRefusal(
          try shop.ask(method, other), "idempotency_conflict", field: "/\(name)",
          "\(method) \(name)")
      }
      let elsewhere =
        ["idempotency_key": params["idempotency_key"] ?? nil, "card_no": "C1"]
        as JSONTree
      expectRefusal(
        try shop.ask("debit.create", elsewhere.merging(["amount": 1])), "idempotency_conflict",
        field: "/method")
    }
    for (method, params, _) in done {
      let name = params["campaign"] == nil ? "amount" : "campaign"
      let other: JSONTree =
        name == "amount"
        ? ["amount": 101] : ["campaign": ["name": "n", "kind": "cash", "amount": 7]]
      expectRefusal(
        try shop.ask(method, params.merging(other)), "idempotency_conflict", field: "/\(name)")
    }
    try shop.close()
  }

  /// Carries these out, each with a key of its own.
  private func everyMutation(
    _ shop: Shop, _ requests: [(String, JSONTree)]
  ) throws -> [(method: String, params: JSONTree, answer: Answer)] {
    try requests.map { method, params in
      let keyed = shop.keyed(params)
      return (method, keyed, expectResult(try shop.ask(method, keyed)))
    }
  }

  @Test func `what does not count as a difference`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(["kind": "cash", "amount": 100])
    let line: JSONTree = ["line_id": "1", "sku": "a", "quantity": 1, "unit_price": 900]
    let params = shop.keyed([
      "cart": ["lines": [line]], "coupons": [.string(coupon.id)],
    ])
    let first = expectResult(try shop.ask("checkout.commit", params))
    let turned: JSONTree = ["unit_price": 900, "quantity": 1, "sku": "a", "line_id": "1"]
    for other in [
      params.merging(["cart": ["lines": [turned]]]),
      params.merging(["x_receipt": 7, "account_id": nil, "card_no": nil, "pin": nil]),
    ] {
      let again = try shop.ask("checkout.commit", other)
      #expect(again.isReplayed && again.textWithoutReplayMark == first.resultText)
    }
    try shop.close()
  }

  @Test func `a refusal does not use up its key`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(["kind": "cash", "amount": 100, "min_spend": 500])
    let key: JSONTree = ["idempotency_key": "use"]
    expectRefusal(try shop.redeem(coupon, key.merging(["amount": 499])), "below_minimum")
    expectRefusal(try shop.change("coupon.redeem", ["payload": "x"], key), "malformed")
    let used = expectResult(try shop.redeem(coupon, key.merging(["amount": 500])))
    #expect(!used.isReplayed)
    #expect(try shop.redeem(coupon, key.merging(["amount": 500])).isReplayed)
    // A key that was used is told before what it names is looked for.
    for params in [["coupon_id": "cpn_0000000000000000"], ["coupon_id": "x"]] as [JSONTree] {
      expectRefusal(
        try shop.change("coupon.redeem", params.merging(["amount": 500]), key),
        "idempotency_conflict", field: "/coupon_id")
    }
    try shop.close()
  }

  @Test func `a reversal by key reaches no coupon, and blocks one that has not arrived`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(["kind": "cash", "amount": 100])
    expectResult(try shop.redeem(coupon, ["idempotency_key": "use"]))
    let undo: JSONTree = ["original_idempotency_key": "use", "reason": "x"]
    expectRefusal(try shop.change("entry.reverse", undo), "not_reversible")
    let early: JSONTree = ["original_idempotency_key": "later", "reason": "x"]
    expectResult(try shop.change("entry.reverse", early))
    let other = try shop.coupon(["kind": "cash", "amount": 100])
    expectRefusal(try shop.redeem(other, ["idempotency_key": "later"]), "original_reversed")
    expectRefusal(
      try shop.commit(cart(line("1", "a", 5)), [other], ["idempotency_key": "later"]),
      "original_reversed")
    #expect(try shop.status(other) == "issued")
    try shop.close()
  }
}
