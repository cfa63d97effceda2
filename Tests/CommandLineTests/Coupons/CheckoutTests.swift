// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Quote and commit: coupons and money in one step, or neither (contract §5, checkout).
@Suite struct CheckoutTests {
  private let basket = cart(line("1", "tea", 3333, times: 2), line("2", "cake", 1001))

  /// A shop with a card of 10,000 that has two coupons.
  private func opened(_ program: JSONTree? = nil, pin: String? = nil) throws
    -> (shop: Shop, coupons: [IssuedCoupon])
  {
    let shop = try Shop(program)
    try shop.open("C1", topUp: 10_000, pin: pin)
    let percent = try shop.coupon(
      ["kind": "percent", "off_basis_points": 1200, "stacking": stacking()], to: "C1")
    let cash = try shop.coupon(
      ["kind": "cash", "amount": 500, "stacking": stacking()], to: "C1")
    return (shop, [percent, cash])
  }

  /// Expects that a request is refused and leaves card, coupons and journal as they were.
  private func expectUnchanged(
    _ shop: Shop, _ coupons: [IssuedCoupon], _ code: String, field: String? = nil,
    at location: SourceLocation = #_sourceLocation, _ request: () throws -> Answer
  ) throws {
    let before = (try shop.entries(), try shop.account("C1").resultText)
    expectRefusal(try request(), code, field: field, at: location)
    #expect(try shop.entries() == before.0, sourceLocation: location)
    #expect(try shop.account("C1").resultText == before.1, sourceLocation: location)
    for coupon in coupons {
      #expect(try shop.status(coupon) == "issued", sourceLocation: location)
    }
  }

  @Test func `what is committed is what was quoted`() throws {
    let (shop, coupons) = try opened()
    for asked in [Shop.list(coupons), "auto"] as [JSONTree] {
      let params: JSONTree = ["cart": basket, "coupons": asked, "card_no": "C1"]
      let quote = expectResult(try shop.ask("checkout.quote", params))
      #expect(quote.int("/subtotal") == 7667)
      // 12 % of 7667 is 920, and 500 more.
      #expect(quote.int("/discount") == 1420 && quote.int("/payable") == 6247)
      #expect(quote["/optimal"] == (asked == "auto" ? .bool(true) : .null))
      let paid = expectResult(
        try shop.change(
          "checkout.commit", params, ["expected_payable": 6247, "stored_value": 6247]))
      for member in ["subtotal", "discount", "payable", "refused", "optimal"] {
        #expect(paid["/" + member] == quote["/" + member], "\(member)")
      }
      let applied = paid["/applied"]?.elements.map { $0.without("redemption_id") }
      #expect(applied == quote["/applied"]?.elements)
      #expect(paid.int("/stored_value") == 6247 && paid["/alerts"] == [])
      #expect(paid["/entry/kind"] == "checkout" && paid.int("/entry/amount") == 6247)
      #expect(paid.int("/account/balance/available") == 3753)
      for coupon in coupons { #expect(try shop.status(coupon) == "redeemed") }
      #expect(try shop.quote(basket, coupons, card: "C1").int("/payable") == 7667)
      // The whole comes back, so that the next round finds things as they were.
      expectResult(try shop.takeBackAll(paid.string("/checkout_id")))
      #expect(try shop.balance("C1") == 10_000)
    }
    try shop.close()
  }

  @Test func `a coupon in a checkout is shown where it went`() throws {
    let (shop, coupons) = try opened()
    let paid = expectResult(
      try shop.commit(basket, coupons, card: "C1", ["store_id": "S1", "terminal_id": "T1"]))
    let checkout = try paid.string("/checkout_id")
    let shown = try shop.ask("coupon.get", coupons[0].name)
    #expect(shown["/redemption/checkout_id"] == .string(checkout))
    #expect(shown["/redemption/redemption_id"] == paid["/applied/0/redemption_id"])
    #expect(try shop.verify(coupons[1])["/store_id"] == "S1")
    let ids = paid["/applied"]?.elements.compactMap { $0["redemption_id"]?.string } ?? []
    #expect(Set(ids).count == 2)
    try shop.close()
  }

  @Test func `a payable other than the expected changes nothing`() throws {
    let (shop, coupons) = try opened()
    for expected in [0, 6246, 6248, 7667, 1_000_000_000_000] {
      try expectUnchanged(shop, coupons, "payable_changed", field: "/expected_payable") {
        try shop.commit(
          basket, coupons, card: "C1",
          ["expected_payable": .number(expected), "stored_value": 100])
      }
    }
    // A coupon that was used meanwhile changes the payable.
    let quote = try shop.quote(basket, coupons, card: "C1")
    let use = try shop.redeem(coupons[1]).string("/redemption_id")
    let params: JSONTree = [
      "idempotency_key": "sale", "expected_payable": try #require(quote["/payable"]),
    ]
    let answer = expectRefusal(
      try shop.commit(basket, coupons, card: "C1", params), "payable_changed")
    #expect(answer.detail("payable") == 6747 && answer.detail("expected") == 6247)
    expectResult(try shop.unredeem(use))
    // The refusal did not use up the key.
    expectResult(try shop.commit(basket, coupons, card: "C1", params))
    try shop.close()
  }

  @Test func `the card pays no more than the payable, and what it pays can be a part or nothing`()
    throws
  {
    let (shop, coupons) = try opened()
    for value in [6248, 10_000, 1_000_000_000_000] {
      try expectUnchanged(shop, coupons, "stored_value_exceeds_payable", field: "/stored_value") {
        try shop.commit(basket, coupons, card: "C1", ["stored_value": .number(value)])
      }
    }
    for (paid, coupon) in zip([0, 5000], coupons) {
      let answer = expectResult(
        try shop.commit(basket, [coupon], card: "C1", ["stored_value": .number(paid)]))
      #expect(answer.int("/stored_value") == Int64(paid))
    }
    #expect(try shop.balance("C1") == 5000)
    try shop.close()
  }

  @Test func `without a card coupons of whoever bears them serve, and no card pays`() throws {
    let (shop, coupons) = try opened()
    let bearer = try shop.coupon(["kind": "cash", "amount": 7000])
    expectInvalid(try shop.commit(basket, [bearer], ["stored_value": 1]), "/stored_value")
    expectInvalid(try shop.commit(basket, [bearer], ["pin": "1234"]), "/pin")
    let paid = expectResult(try shop.commit(basket, [bearer], ["stored_value": 0]))
    #expect(paid.int("/payable") == 667 && paid["/account"] == nil)
    let none = expectResult(try shop.ask("checkout.quote", ["cart": basket, "coupons": "auto"]))
    #expect(none.int("/discount") == 0 && none.coupons("refused").isEmpty)
    // A coupon of a card serves whoever shows it without naming another.
    expectResult(try shop.commit(basket, [coupons[0]]))
    #expect(try shop.status(coupons[0]) == "redeemed")
    try shop.close()
  }

  @Test func `a checkout may be without coupons, and may come to nothing`() throws {
    let (shop, _) = try opened()
    let plain = expectResult(
      try shop.change(
        "checkout.commit", ["cart": basket, "card_no": "C1", "stored_value": 7667]))
    #expect(plain.int("/payable") == 7667 && plain.coupons("applied").isEmpty)
    let free = try shop.coupon(["kind": "percent", "off_basis_points": 10_000])
    let nothing = expectResult(try shop.commit(basket, [free], card: "C1", ["stored_value": 0]))
    #expect(nothing.int("/payable") == 0 && nothing.int("/discount") == 7667)
    let given = try shop.commit(cart(line("1", "gift", 0)), [], card: "C1")
    #expect(expectResult(given).int("/subtotal") == 0)
    expectResult(try shop.takeBackAll(nothing.string("/checkout_id")))
    #expect(try shop.status(free) == "issued")
    try shop.close()
  }

  @Test func `a PIN guards the money of a checkout, and wrong ones count`() throws {
    let (shop, coupons) = try opened(["pin": ["max_attempts": 3]], pin: "1357")
    func pay(_ pin: String?, _ value: Int = 100) throws -> Answer {
      let more: JSONTree = ["stored_value": .number(value)]
      return try shop.commit(
        basket, coupons, card: "C1", pin.map { more.merging(["pin": .string($0)]) } ?? more)
    }
    expectRefusal(try pay(nil), "pin_required")
    #expect(expectRefusal(try pay("0000"), "pin_incorrect").detail("attempts_left") == 2)
    // Even where the rest of the request is wrong, the PIN is judged first.
    #expect(
      expectRefusal(try pay("0000", 9999), "pin_incorrect").detail("attempts_left") == 1)
    try shop.crash()
    #expect(expectRefusal(try pay("0000"), "pin_incorrect").detail("attempts_left") == 0)
    expectRefusal(try pay("1357"), "pin_locked")
    for coupon in coupons { #expect(try shop.status(coupon) == "issued") }
    try shop.advance(seconds: 1800)
    // A right PIN resets the count although the request is refused for another reason.
    expectRefusal(try pay("0000"), "pin_incorrect")
    expectRefusal(try pay("1357", 9999), "stored_value_exceeds_payable")
    #expect(try shop.account("C1").int("/pin/attempts_left") == 3)
    expectRefusal(try pay("12"), "pin_format")
    expectResult(try pay("1357"))
    try shop.close()
  }

  @Test func `without money no PIN is needed, but one given is checked`() throws {
    let (shop, coupons) = try opened(pin: "1357")
    expectRefusal(
      try shop.commit(basket, [coupons[0]], card: "C1", ["pin": "0000"]), "pin_incorrect")
    expectResult(try shop.commit(basket, [coupons[0]], card: "C1"))
    try shop.open("C2", topUp: 100)
    expectRefusal(try shop.commit(basket, [], card: "C2", ["pin": "0000"]), "pin_not_set")
    try shop.close()
  }

  @Test(
    arguments: [
      (["debit": ["max": 6000]], "limit_exceeded"),
      (["debit": ["daily_max": 6000]], "limit_exceeded"),
      (["first_day": ["cap_basis_points": 6000]], "first_day_limit"),
      (["card": ["max_balance": 99_999_999]], "insufficient_funds"),
    ] as [(JSONTree, String)])
  func `what the card may not pay leaves the coupons unused`(program: JSONTree, code: String) throws
  {
    let (shop, coupons) = try opened(program)
    if code == "insufficient_funds" { expectResult(try shop.debit("C1", 5000)) }
    try expectUnchanged(shop, coupons, code) {
      try shop.commit(basket, coupons, card: "C1", ["stored_value": 6247])
    }
    // With less of it from the card all is well, and the coupons are used.
    let paid = expectResult(
      try shop.commit(basket, coupons, card: "C1", ["stored_value": 4000]))
    #expect(paid.coupons("applied").count == 2)
    try shop.close()
  }

  @Test func `a checkout counts in the day's limits as a debit does`() throws {
    let (shop, _) = try opened(["debit": ["daily_max": 5000]])
    let small = cart(line("1", "a", 3000))
    let first = expectResult(try shop.commit(small, [], card: "C1", ["stored_value": 3000]))
    expectRefusal(try shop.debit("C1", 2001), "limit_exceeded")
    expectRefusal(
      try shop.commit(small, [], card: "C1", ["stored_value": 2001]), "limit_exceeded")
    #expect(try shop.balance("C1", "spendable") == 2000)
    expectResult(try shop.takeBackAll(first.string("/checkout_id")))
    #expect(try shop.balance("C1", "spendable") == 5000)
    expectResult(try shop.debit("C1", 5000))
    try shop.close()
  }

  @Test func `what a checkout used counts when a card is closed, and what came back does not`()
    throws
  {
    let shop = try Shop([
      "topup": ["bonus_rules": [["id": "r", "grant": ["type": "fixed", "amount": 500]]]],
      "close": ["refund_method": "paid_ratio"],
    ])
    for (card, payout) in [("debit", 7142), ("checkout", 7142), ("refunded", 10_000)] {
      try shop.open(card, topUp: 10_000)
      if card == "debit" {
        expectResult(try shop.debit(card, 3000))
      } else {
        let paid = expectResult(
          try shop.commit(basket, [], card: card, ["stored_value": 3000]))
        if card == "refunded" { _ = try shop.takeBackAll(paid.string("/checkout_id")) }
      }
      let closed = expectResult(try shop.card("account.close", card))
      #expect(closed.int("/payout") == Int64(payout), "\(card)")
    }
    try shop.close()
  }

  @Test func `a card that may not be used buys nothing`() throws {
    let (shop, coupons) = try opened()
    expectResult(try shop.card("account.freeze", "C1"))
    try expectUnchanged(shop, coupons, "account_frozen") {
      try shop.commit(basket, coupons, card: "C1")
    }
    expectResult(try shop.quote(basket, coupons, card: "C1"))
    expectResult(try shop.card("account.unfreeze", "C1"))
    expectResult(try shop.card("account.report_lost", "C1"))
    try expectUnchanged(shop, coupons, "account_lost") {
      try shop.commit(basket, coupons, card: "C1")
    }
    expectRefusal(try shop.commit(basket, coupons, card: "C9"), "not_found")
    expectRefusal(try shop.quote(basket, coupons, card: "C9"), "not_found")
    try shop.close()
  }

  @Test func `money leaves the lots in the program's order, and the books add up`() throws {
    let (shop, coupons) = try opened([
      "topup": ["bonus_rules": [["id": "r", "grant": ["type": "fixed", "amount": 300]]]]
    ])
    let paid = expectResult(
      try shop.commit(basket, coupons, card: "C1", ["stored_value": 1000]))
    #expect(paid.int("/entry/bonus") == 300 && paid.int("/entry/principal") == 700)
    let books = try shop.ask("ledger.trial_balance")
    let accounts = books["/accounts"]?.elements ?? []
    func net(_ name: String) -> Int64 {
      let found = accounts.first { $0["name"] == .string(name) }
      return (found?["debit"]?.integer ?? 0) - (found?["credit"]?.integer ?? 0)
    }
    #expect(books.int("/total") == 0 && net("coupon_discount") == 1420)
    #expect(net("card_principal") == -9300 && net("card_bonus") == 0)
    #expect(try shop.ask("ledger.verify")["/ok"] == true)
    try shop.close()
  }
}
