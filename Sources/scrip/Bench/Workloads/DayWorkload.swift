// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// A mixed day: of ten requests five debits, two top-ups, two checkouts with a coupon, one refund.
final class DayWorkload: Workload {
  static let name = "day"
  static let summary = "debits, top-ups, checkouts with coupons and refunds mixed"

  private let shop: BenchShop
  private let share: Int
  private var requests: DayRequests

  init(_ ground: BenchGround) throws(Failure) {
    shop = try ground.shop()
    requests = DayRequests(shop: shop, payloads: try shop.issueCoupons())
    share = requests.count / (2 * shop.settings.rounds)
    guard share > 0 else { throw .usage("a mixed day needs a history to refund") }
  }

  func round(into results: inout Results) throws(Failure) {
    for window in [8, 64] {
      let sample = try shop.engine.run(
        window: window, seconds: shop.settings.seconds, limit: share, &requests)
      results.add("mixed day \(window)", sample)
    }
  }

  func finish(into results: inout Results) throws(Failure) {}
}

/// The requests of a mixed day, each ten alike: a coupon is used once and a debit refunded once.
struct DayRequests: RequestSource {
  private var debits: DebitRequests
  private let clock: ShopClock
  private let cards: Int
  private let payloads: [[UInt8]]
  private let history: Range<Int64>
  private var random = SplitMix64(seed: 62)
  private var made = 0
  private var topUp: LineTemplate
  private var checkout: LineTemplate
  private var refund: LineTemplate
  private static let who = #""store_id":"S01","terminal_id":"T1","operator_id":"O7","#
  private static let key = #""idempotency_key":"{key:32}""#

  init(shop: BenchShop, payloads: [[UInt8]]) {
    clock = shop.engine.clock
    cards = shop.settings.cards
    debits = shop.debits(seed: 61)
    history = shop.history
    self.payloads = payloads
    let card = #""card_no":"\#(BenchCard.prefix){card:8}","#
    topUp = LineTemplate(
      method: "topup.create",
      params: "{" + card + #""amount":50000,"tender":"cash","# + Self.who + Self.key + "}")
    checkout = LineTemplate(
      method: "checkout.commit",
      params: "{" + card + #""cart":{"lines":[{"line_id":"1","sku":"tea-250g","quantity":2,"#
        + #""unit_price":9800},{"line_id":"2","sku":"cup","quantity":1,"unit_price":6400}]},"#
        + #""coupons":["{payload:60}"],"expected_payable":22880,"stored_value":22880,"#
        + #""pin":"\#(BenchCard.pin)","# + Self.who + Self.key + "}")
    refund = LineTemplate(
      method: "debit.refund",
      params: #"{"entry_id":"{entry:16}","amount":500,"# + Self.who + Self.key + "}")
  }

  /// How many there are before coupons or debits to refund run out.
  var count: Int { min(payloads.count * 5, history.count * 10) }

  mutating func append(id: Int, to lines: inout [UInt8]) {
    let (ten, place) = (made / 10, made % 10)
    made += 1
    switch place {
    case 1, 6: send(\.topUp, id, &lines)
    case 3, 8:
      checkout.set(checkout.field("payload"), text: payloads[2 * ten + (place == 3 ? 0 : 1)])
      send(\.checkout, id, &lines)
    case 5:
      let entry = EntryID(history.lowerBound + Int64(ten))
      refund.set(refund.field("entry"), text: Array(entry.text.utf8))
      send(\.refund, id, &lines)
    default: debits.append(id: id, to: &lines)
    }
  }

  private mutating func send(
    _ path: WritableKeyPath<DayRequests, LineTemplate>, _ id: Int, _ lines: inout [UInt8]
  ) {
    clock.count(into: &lines)
    var line = self[keyPath: path]
    line.set(line.field("id"), number: id)
    if line.has("card") { line.set(line.field("card"), number: random.below(cards)) }
    line.set(line.field("key"), random: &random)
    lines.append(contentsOf: line.bytes)
  }
}
