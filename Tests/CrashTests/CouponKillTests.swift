// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds
import Testing

/// `kill -9` at any instant leaves of a checkout its coupons and its money, or neither (T61).
@Suite struct CouponKillTests {
  private static let inFlight = 32
  private static let opening: Int64 = 100_000_000

  /// One checkout: a coupon of 100 on a cart of 1,000, paid by the card; then perhaps its return.
  private struct Sale {
    let coupon: String
    var checkout: String?
    var isDone: Bool { checkout != nil }
  }

  private struct Request {
    let method: String
    let params: JSONTree
    /// The sale it is about.
    let sale: Int
  }

  /// The sales of one ledger, and what of them has been answered.
  private struct Day {
    var sales: [Sale] = []
    var queue: [Request] = []
    var returned: Set<Int> = []
    var inFlight: [Int64: Request] = [:]
    var answers = 0
  }

  @Test func `a checkout that is cut off has used its coupon and taken its money, or neither`()
    throws
  {
    let seed = Settings.seed(for: "kills among checkouts")
    var random = SplitMix64(seed: seed)
    let shop = try CouponLedger()
    var engine = try shop.serve()
    _ = try shop.must(
      engine, "account.open",
      ["card_no": "C1", "topup": ["amount": .integer(Self.opening), "tender": "cash"]])
    let campaign = try shop.campaign(engine)
    var day = Day()
    for kill in 0..<Settings.couponKills {
      if day.queue.count < 400 { try restock(&day, engine, shop, campaign) }
      try burst(&day, engine, until: 1 + random.below(120), shop)
      if random.once(in: 2) { pause(seconds: random.seconds(upToMilliseconds: 20)) }
      try engine.kill9()
      try take(engine.answersSoFar(within: 5), &day, shop)
      // What was cut off is asked again, under the same keys.
      day.queue.insert(
        contentsOf: day.inFlight.sorted { $0.key < $1.key }.map(\.value), at: 0)
      day.inFlight = [:]
      engine = try shop.serve()
      try check(day, engine, shop, campaign, "kill \(kill)")
    }
    try burst(&day, engine, until: .max, shop)
    try check(day, engine, shop, campaign, "the end")
    try checkEverySale(day, engine)
    #expect(day.returned.count < day.sales.count)
    try shop.end([engine])
    counted("T61", Settings.couponKills, "kills")
    print("\(Settings.couponKills) kills, \(day.sales.count) sales, \(day.answers) answers")
  }

  /// Issues more coupons and plans a sale with each.
  private func restock(
    _ day: inout Day, _ engine: EngineProcess, _ shop: CouponLedger, _ campaign: String
  ) throws {
    for coupon in try shop.issue(engine, campaign, 1000, to: "C1") {
      let line: JSONTree = ["line_id": "1", "sku": "a", "quantity": 1, "unit_price": 1000]
      let params: JSONTree = [
        "card_no": "C1", "cart": ["lines": [line]], "coupons": [.string(coupon)],
        "expected_payable": 900, "stored_value": 900,
      ]
      day.queue.append(
        Request(method: "checkout.commit", params: shop.keyed(params), sale: day.sales.count))
      day.sales.append(Sale(coupon: coupon))
    }
  }

  /// Sends and gathers until so many answers have come, or nothing is left to ask.
  private func burst(
    _ day: inout Day, _ engine: EngineProcess, until answers: Int, _ shop: CouponLedger
  ) throws {
    let start = day.answers
    let deadline = Deadline(in: 120)
    while day.answers - start < answers, !day.queue.isEmpty || !day.inFlight.isEmpty {
      while day.inFlight.count < Self.inFlight, !day.queue.isEmpty {
        let request = day.queue.removeFirst()
        day.inFlight[try engine.start(request.method, request.params)] = request
      }
      try take(engine.answersSoFar(within: 30, enough: 1), &day, shop)
      try #require(!deadline.hasPassed, "the engine is silent")
    }
  }

  private func take(_ answers: [Answer], _ day: inout Day, _ shop: CouponLedger) throws {
    for answer in answers {
      guard let id = answer.id?.integer, let request = day.inFlight.removeValue(forKey: id) else {
        continue
      }
      day.answers += 1
      guard answer.isResult else {
        Issue.record("\(request.method): \(answer)")
        continue
      }
      if request.method == "checkout.refund" {
        day.returned.insert(request.sale)
        continue
      }
      let checkout = try answer.string("/checkout_id")
      // Every third sale is taken back.
      if day.sales[request.sale].checkout == nil, request.sale % 3 == 0 {
        let params: JSONTree = ["checkout_id": .string(checkout), "all": true]
        day.queue.insert(
          Request(method: "checkout.refund", params: shop.keyed(params), sale: request.sale), at: 0)
      }
      day.sales[request.sale].checkout = checkout
    }
  }

  /// The card lacks exactly what the coupons that stand used were paid beside.
  private func check(
    _ day: Day, _ engine: EngineProcess, _ shop: CouponLedger, _ campaign: String,
    _ comment: Comment
  ) throws {
    let standing = try shop.standing(engine, campaign)
    let account = try engine.request("account.get", ["card_no": "C1"])
    #expect(
      account.int("/balance/available") == Self.opening - 900 * standing.redeemed, comment)
    #expect(standing.given == 100 * standing.redeemed, comment)
    // At least what was answered stands, at most what was asked.
    let done = Int64(day.sales.count(where: \.isDone) - day.returned.count)
    let open = Int64(day.queue.count(where: { $0.method == "checkout.refund" }))
    #expect(standing.redeemed >= done - open, comment)
    #expect(try engine.request("ledger.trial_balance").int("/total") == 0, comment)
  }

  private func checkEverySale(_ day: Day, _ engine: EngineProcess) throws {
    let answers = try engine.pipeline(
      day.sales.map { ("coupon.get", ["coupon_id": .string($0.coupon)]) })
    for (index, (sale, answer)) in zip(day.sales, answers).enumerated() {
      let status = day.returned.contains(index) ? "issued" : "redeemed"
      #expect(sale.isDone && answer["/status"] == .string(status))
      let checkout = answer["/redemption/checkout_id"]?.string
      #expect(checkout == (status == "redeemed" ? sale.checkout : nil))
    }
  }
}
