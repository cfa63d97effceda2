// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// Comparing all there is, not only what requests have touched.
extension Simulation {
  mutating func takeStock() throws {
    for card in shop.cards.indices {
      try compareRead(PlainRequest("account.get", ["account_id": .name("account:\(card)")]))
      try compareStatement(of: card)
    }
    for coupon in shop.till.coupons.indices.suffix(20) {
      try compareRead(PlainRequest("coupon.get", ["coupon_id": .name("coupon:\(coupon)")]))
    }
    try compareBooks()
  }

  private mutating func compareRead(_ request: PlainRequest) throws {
    try expect(request, shop.serve(request), try answer(to: request))
  }

  /// Reads all of a statement, page by page, and compares it but for what the ledger writes of
  /// itself, which may come sooner or later.
  private mutating func compareStatement(of card: Int) throws {
    var request = PlainRequest("account.statement", ["account_id": .name("account:\(card)")])
    var told: [JSONTree] = []
    repeat {
      request.params["limit"] = .number(told.count % 7 + 40)
      let page = try answer(to: request)
      let entries = page["result"]?["entries"]?.elements ?? []
      let silent = ["expire", "pin_failed", "pin_accepted"]
      told += entries.filter { !silent.contains($0["kind"]?.text ?? "") }
      request.params["cursor"] = page["result"]?["next_cursor"]?.text.map { .text($0) }
    } while request.params["cursor"] != nil
    let mine = Plain.list(shop.cards[card].entries.reversed().map { shop.entry($0) })
    if let found = names.mismatch(mine, .array(told)) { throw failure(found, request) }
  }

  /// The books agree with the cards (INV-12), and no more cash goes out than came in (INV-18).
  private mutating func compareBooks() throws {
    let books = try answer(to: PlainRequest("ledger.trial_balance"))
    var credits: [String: Int] = [:]
    for line in books["result"]?["accounts"]?.elements ?? [] {
      let name = line["name"]?.text ?? ""
      let sum = Int((line["credit"]?.integer ?? 0) - (line["debit"]?.integer ?? 0))
      credits[String(name.prefix { $0 != ":" }), default: 0] += sum
    }
    shop.lapse()
    let cards = shop.cards.indices
    let back = shop.payouts.filter { $0.by == "reversal" }.reduce(0) { $0 + $1.paid }
    let paid = shop.payouts.filter { $0.by != "reversal" }
    let mine = [
      "card_principal": cards.reduce(0) { $0 + shop.balance($1, bonus: false) },
      "card_bonus": cards.reduce(0) { $0 + shop.balance($1, bonus: true) },
      "pending_topups": cards.reduce(0) {
        $0 + shop.balance($1, bonus: false, state: "pending")
      },
      "cash": back - shop.cashIn, "payouts": paid.reduce(0) { $0 + $1.paid },
      "coupon_discount": -shop.till.uses.reduce(0) {
        $0 + ($1.isUndone ? 0 : $1.discount ?? 0)
      },
    ]
    for (name, sum) in mine where credits[name] ?? 0 != sum {
      throw failure("\(name) is \(credits[name] ?? 0) instead of \(sum)", nil)
    }
    guard books["result"]?["total"]?.integer == 0 else {
      throw failure("the books do not balance: \(books.canonicalText)", nil)
    }
    for settled in paid where settled.by != "paid_ratio" {
      guard settled.paid == (settled.by == "none" ? 0 : settled.principal) else {
        throw failure("INV-18: a card is paid \(settled.paid) for \(settled.principal)", nil)
      }
    }
    let asCash = paid.filter { $0.by != "paid_ratio" }.reduce(0) { $0 + $1.paid }
    if asCash + back > shop.cashIn {
      throw failure("INV-18: \(asCash + back) out and \(shop.cashIn) in", nil)
    }
  }
}
