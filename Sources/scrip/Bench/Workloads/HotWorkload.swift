// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// One card that everybody debits, beside random ones: a firm's card, or a loop in a till.
final class HotWorkload: Workload {
  static let name = "hot"
  static let summary = "debits of one card beside debits of random ones"

  private let shop: BenchShop
  private var spread: DebitRequests
  private var hot: DebitRequests

  init(_ ground: BenchGround) throws(Failure) {
    shop = try ground.shop()
    spread = shop.debits(seed: 51)
    let index = shop.settings.cards
    hot = DebitRequests(clock: shop.engine.clock, cards: index..<index + 1, seed: 52)
    _ = try shop.engine.change(
      "account.open",
      [
        "card_no": .string(BenchCard.number(index)), "pin": .string(BenchCard.pin),
        "topup": ["amount": 900_000_000_000, "tender": "cash"],
      ])
  }

  func round(into results: inout Results) throws(Failure) {
    let seconds = shop.settings.seconds
    results.add("random cards 64", try shop.engine.run(window: 64, seconds: seconds, &spread))
    results.add("one card 64", try shop.engine.run(window: 64, seconds: seconds, &hot))
  }

  func finish(into results: inout Results) throws(Failure) {}
}
