// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// From issue to use and back: reservations, uses, what undoes them (contract §5, §9).
@Suite struct CouponLifeTests {
  private let terms: JSONTree = ["kind": "cash", "amount": 100, "stacking": stacking()]
  private let basket = cart(line("1", "a", 1000))

  @Test func `a coupon is used once, and whoever comes later learns where and when`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(terms)
    #expect(try shop.status(coupon) == "issued")
    let used = expectResult(
      try shop.redeem(coupon, ["amount": 1000, "store_id": "S1", "terminal_id": "T1"]))
    #expect(used["/valid"] == true && used.int("/discount") == 100)
    #expect(used.int("/payable") == 900 && used["/coupon_id"] == .string(coupon.id))
    let redemption = try used.string("/redemption_id")
    try shop.advance(seconds: 3600)
    for params in [coupon.scanned, coupon.name] {
      let answer = expectRefusal(try shop.change("coupon.redeem", params), "already_redeemed")
      #expect(answer.detail("at") == "2026-03-02T02:00:00.000Z")
      #expect(answer.detail("store_id") == "S1")
    }
    let seen = expectResult(try shop.verify(coupon))
    #expect(seen["/valid"] == false && seen["/reason"] == "already_redeemed")
    #expect(seen["/at"] == "2026-03-02T02:00:00.000Z" && seen["/store_id"] == "S1")
    let shown = try shop.ask("coupon.get", coupon.name)
    #expect(shown["/status"] == "redeemed")
    #expect(shown["/redemption/redemption_id"] == .string(redemption))
    #expect(shown["/redemption/terminal_id"] == "T1" && shown.int("/redemption/discount") == 100)
    try shop.close()
  }

  @Test func `verifying changes nothing`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(terms)
    let entries = try shop.entries()
    let params = coupon.scanned.merging(["amount": 1000])
    let answers = try shop.engine.pipeline((0..<500).map { _ in ("coupon.verify", params) })
    #expect(answers.allSatisfy { $0.resultText == answers[0].resultText && $0["/valid"] == true })
    expectResult(try shop.quote(basket, [coupon]))
    #expect(try shop.entries() == entries && shop.status(coupon) == "issued")
    try shop.close()
  }

  @Test func `a use is undone once; the next use can be undone again`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(terms)
    var undone: [String] = []
    for round in 0..<3 {
      let use = try shop.redeem(coupon, ["amount": 500]).string("/redemption_id")
      #expect(!undone.contains(use))
      for old in undone { expectRefusal(try shop.unredeem(old), "already_unredeemed") }
      let answer = expectResult(try shop.unredeem(use), "round \(round)")
      #expect(answer["/coupon_id"] == .string(coupon.id))
      #expect(answer["/redemption_id"] == .string(use))
      expectRefusal(try shop.unredeem(use), "already_unredeemed")
      undone.append(use)
      #expect(try shop.reason(coupon) == nil)
    }
    for id in ["rdm_00000000000100", "rdm_", "x", "rdm_0000000000ZZZZ"] {
      expectRefusal(try shop.unredeem(id), "not_found", field: "/redemption_id")
    }
    let books = try shop.ask("ledger.trial_balance")["/accounts"]?.elements ?? []
    let discount = books.first { $0["name"] == "coupon_discount" }
    #expect(discount?["debit"] == discount?["credit"])
    try shop.close()
  }

  @Test func `a void coupon stays void, a used one cannot be voided`() throws {
    let shop = try Shop()
    let coupons = try shop.issue(shop.campaign(terms), 2)
    expectResult(try shop.change("coupon.void", coupons[0].scanned))
    #expect(try shop.reason(coupons[0]) == "void" && shop.status(coupons[0]) == "void")
    expectRefusal(try shop.redeem(coupons[0]), "void")
    expectRefusal(try shop.reserve(coupons[0], seconds: 1), "void")
    expectRefusal(try shop.change("coupon.void", coupons[0].name), "void")
    let use = try shop.redeem(coupons[1]).string("/redemption_id")
    expectRefusal(try shop.change("coupon.void", coupons[1].name), "already_redeemed")
    expectResult(try shop.unredeem(use))
    expectResult(try shop.change("coupon.void", coupons[1].name))
    expectRefusal(try shop.unredeem(use), "already_unredeemed")
    try shop.restart()
    #expect(try shop.reason(coupons[0]) == "void" && shop.reason(coupons[1]) == "void")
    try shop.close()
  }

  @Test func `an expired coupon can be voided, and a use undone after the end stays expired`()
    throws
  {
    let shop = try Shop()
    let validity: JSONTree = ["validity": ["until": "2026-03-02T16:00:00Z"]]
    let coupons = try shop.issue(shop.campaign(terms.merging(validity)), 2)
    let use = try shop.redeem(coupons[0]).string("/redemption_id")
    try shop.setClock("2026-03-02T16:00:00Z")
    expectResult(try shop.unredeem(use))
    #expect(try shop.reason(coupons[0]) == "expired")
    expectRefusal(try shop.redeem(coupons[0]), "expired")
    expectResult(try shop.change("coupon.void", coupons[1].name))
    // The time is told first.
    #expect(try shop.reason(coupons[1]) == "expired")
    try shop.close()
  }

  // MARK: Reservations

  @Test func `a reservation keeps a coupon for its holder until exactly its end`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(terms)
    let kept = expectResult(try shop.reserve(coupon, seconds: 60))
    #expect(kept["/expires_at"] == "2026-03-02T02:01:00.000Z")
    let holding: JSONTree = ["reservation_id": try #require(kept["/reservation_id"])]
    #expect(try shop.status(coupon) == "reserved")
    #expect(try shop.reason(coupon) == "reserved" && shop.reason(coupon, holding) == nil)
    #expect(try shop.verify(coupon)["/until"] == "2026-03-02T02:01:00.000Z")
    expectRefusal(try shop.reserve(coupon, seconds: 60), "reserved")
    expectRefusal(try shop.redeem(coupon), "reserved")
    #expect(try shop.quote(basket, [coupon]).reason(against: coupon) == "reserved")
    try shop.setClock("2026-03-02T02:00:59.999Z")
    expectRefusal(try shop.redeem(coupon), "reserved")
    try shop.setClock("2026-03-02T02:01:00Z")
    #expect(try shop.reason(coupon) == nil && shop.status(coupon) == "issued")
    expectRefusal(
      try shop.change("coupon.release", holding), "reservation_not_live", field: "/reservation_id")
    expectResult(try shop.redeem(coupon))
    try shop.close()
  }

  @Test func `the holder redeems by naming the reservation, also in a checkout`() throws {
    let shop = try Shop()
    let coupons = try shop.issue(shop.campaign(terms), 2)
    var ids: [JSONTree] = []
    for coupon in coupons {
      ids.append(try #require(try shop.reserve(coupon, seconds: 60)["/reservation_id"]))
    }
    // Another's reservation opens nothing.
    expectRefusal(try shop.redeem(coupons[0], ["reservation_id": ids[1]]), "reserved")
    expectResult(try shop.redeem(coupons[0], ["reservation_id": ids[0]]))
    expectRefusal(
      try shop.change("coupon.release", ["reservation_id": ids[0]]), "reservation_not_live")
    let without = try shop.commit(basket, [coupons[1]])
    #expect(without.reason(against: coupons[1]) == "reserved")
    let paid = expectResult(
      try shop.commit(basket, [coupons[1]], ["reservation_ids": [ids[1]]]))
    #expect(paid.coupons("applied") == [coupons[1].id])
    expectRefusal(try shop.change("coupon.release", ["reservation_id": "rsv_x"]), "not_found")
    // What is no id of a reservation is one that is not live; what is no text is a mistake.
    expectResult(try shop.quote(basket, [], ["reservation_ids": ["x"]]))
    expectInvalid(
      try shop.quote(basket, [], ["reservation_ids": ["x", 1]]), "/reservation_ids/1")
    expectInvalid(try shop.quote(basket, [], ["reservation_ids": "x"]), "/reservation_ids")
    try shop.close()
  }

  @Test func `a released coupon is free at once, and its reservation is gone`() throws {
    let shop = try Shop()
    let coupon = try shop.coupon(terms)
    let first = try #require(try shop.reserve(coupon, seconds: 600)["/reservation_id"])
    try shop.crash()
    #expect(try shop.reason(coupon) == "reserved")
    expectResult(try shop.change("coupon.release", ["reservation_id": first]))
    #expect(try shop.reason(coupon) == nil)
    expectRefusal(
      try shop.change("coupon.release", ["reservation_id": first]), "reservation_not_live")
    let second = try #require(try shop.reserve(coupon, seconds: 600)["/reservation_id"])
    #expect(first != second)
    expectRefusal(try shop.redeem(coupon, ["reservation_id": first]), "reserved")
    expectResult(try shop.redeem(coupon, ["reservation_id": second]))
    for seconds in [0, -1, 86_401] {
      expectInvalid(try shop.reserve(coupon, seconds: seconds), "/seconds")
    }
    try shop.close()
  }

  @Test func `a reserved coupon of auto is left to its holder`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let coupons = try shop.issue(shop.campaign(terms), to: "C1", 2)
    let kept = try #require(try shop.reserve(coupons[0], seconds: 60)["/reservation_id"])
    let quote = try shop.quoteBest(basket, card: "C1")
    #expect(quote.coupons("applied") == [coupons[1].id])
    #expect(quote.reason(against: coupons[0]) == "reserved" && quote["/optimal"] == true)
    let own = try shop.quoteBest(basket, card: "C1", ["reservation_ids": [kept]])
    #expect(own.coupons("applied") == coupons.map(\.id).sorted())
    try shop.close()
  }

  @Test func `a card that may not be used is told before its coupon is judged`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let coupon = try shop.coupon(terms)
    expectResult(try shop.redeem(coupon))
    expectResult(try shop.card("account.freeze", "C1"))
    expectRefusal(try shop.redeem(coupon, ["card_no": "C1"]), "account_frozen")
    expectRefusal(try shop.redeem(coupon, ["card_no": "C9"]), "not_found")
    try shop.close()
  }

  @Test(arguments: ["freeze": "frozen", "report_lost": "lost", "close": "closed"])
  func `verifying tells of a card that may not be used`(method: String, status: String) throws {
    let shop = try Shop()
    try shop.open("C1")
    let coupon = try shop.coupon(terms)
    let params = coupon.scanned.merging(["card_no": "C1"])
    #expect(expectResult(try shop.ask("coupon.verify", params))["/valid"] == true)
    expectResult(try shop.card("account." + method, "C1"))
    let seen = expectResult(try shop.ask("coupon.verify", params))
    #expect(seen["/valid"] == false && seen["/reason"] == .string("account_" + status))
    #expect(seen["/coupon_id"] == .string(coupon.id))
    #expect(expectResult(try shop.verify(coupon))["/valid"] == true)
    try shop.close()
  }
}
