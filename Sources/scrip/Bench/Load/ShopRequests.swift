// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The cards of the ledger that is measured: numbered from 0, all with one PIN.
enum BenchCard {
  static let pin = "4711"
  /// In front of the eight digits that tell a card from the others.
  static let prefix = "62250000"
  /// What each has been loaded with: enough for everything that is debited, too little for the
  /// rules that look at large amounts.
  static let load = 2_000_000

  static func number(_ index: Int) -> String {
    prefix + String(String(100_000_000 + index).dropFirst())
  }
}

/// Opens cards, each with PIN and top-up.
struct CardOpening: RequestSource {
  private let clock: ShopClock
  private var line: LineTemplate
  private var next: Int
  private var random = SplitMix64(seed: 11)
  private let fields: (id: Range<Int>, card: Range<Int>, key: Range<Int>)

  init(clock: ShopClock, first: Int = 0) {
    self.clock = clock
    next = first
    line = LineTemplate(
      method: "account.open",
      params: #"{"card_no":"\#(BenchCard.prefix){card:8}","pin":"\#(BenchCard.pin)","#
        + #""topup":{"amount":\#(BenchCard.load),"tender":"cash"},"store_id":"S01","#
        + #""terminal_id":"T1","operator_id":"O7","idempotency_key":"{key:32}"}"#)
    fields = (line.field("id"), line.field("card"), line.field("key"))
  }

  mutating func append(id: Int, to lines: inout [UInt8]) {
    clock.count(into: &lines)
    line.set(fields.id, number: id)
    line.set(fields.card, number: next)
    line.set(fields.key, random: &random)
    next += 1
    lines.append(contentsOf: line.bytes)
  }
}

/// Debits of 10 to 20 yuan with PIN, from random cards or from one.
struct DebitRequests: RequestSource {
  private let clock: ShopClock
  private let cards: Range<Int>
  private var line: LineTemplate
  private var random: SplitMix64
  private let fields:
    (
      id: Range<Int>, card: Range<Int>, amount: Range<Int>, terminal: Range<Int>,
      key: Range<Int>
    )

  init(clock: ShopClock, cards: Range<Int>, seed: UInt64) {
    self.clock = clock
    self.cards = cards
    random = SplitMix64(seed: seed)
    line = LineTemplate(
      method: "debit.create",
      params: #"{"card_no":"\#(BenchCard.prefix){card:8}","amount":{amount:4},"#
        + #""pin":"\#(BenchCard.pin)","store_id":"S01","terminal_id":"T{terminal:1}","#
        + #""operator_id":"O7","idempotency_key":"{key:32}"}"#)
    fields = (
      line.field("id"), line.field("card"), line.field("amount"), line.field("terminal"),
      line.field("key")
    )
  }

  mutating func append(id: Int, to lines: inout [UInt8]) {
    clock.count(into: &lines)
    line.set(fields.id, number: id)
    line.set(fields.card, number: cards.lowerBound + random.below(cards.count))
    line.set(fields.amount, number: 1_000 + random.below(1_000))
    line.set(fields.terminal, number: 1 + random.below(8))
    line.set(fields.key, random: &random)
    lines.append(contentsOf: line.bytes)
  }
}
