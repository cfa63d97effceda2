// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Looking at cards: `account.get` of random ones.
final class CardWorkload: Workload {
  static let name = "get"
  static let summary = "account.get of random cards"

  private let shop: BenchShop
  private var requests: CardLooks

  init(_ ground: BenchGround) throws(Failure) {
    shop = try ground.shop()
    requests = CardLooks(cards: shop.settings.cards)
  }

  func round(into results: inout Results) throws(Failure) {
    for window in [1, 64] {
      let sample = try shop.engine.run(
        window: window, seconds: shop.settings.seconds / 3, &requests)
      results.add("account.get \(window)", sample)
    }
  }

  func finish(into results: inout Results) throws(Failure) {}
}

/// `account.get` of random cards.
struct CardLooks: RequestSource {
  private let cards: Int
  private var random = SplitMix64(seed: 41)
  private var line = LineTemplate(
    method: "account.get", params: #"{"card_no":"\#(BenchCard.prefix){card:8}"}"#)
  private let fields: (id: Range<Int>, card: Range<Int>)

  init(cards: Int) {
    self.cards = cards
    fields = (line.field("id"), line.field("card"))
  }

  mutating func append(id: Int, to lines: inout [UInt8]) {
    line.set(fields.id, number: id)
    line.set(fields.card, number: random.below(cards))
    lines.append(contentsOf: line.bytes)
  }
}
