// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Many want what one may have: coupons and caps under several processes (T60, T71; INV-19, 20).
@Suite struct CouponRaceTests {
  private static let processes = 8

  /// A coupon of nobody, used by itself or in a checkout.
  private func use(_ coupon: String, inCheckout: Bool, card: String? = nil) -> (
    method: String, params: JSONTree
  ) {
    let who: JSONTree = card.map { ["card_no": .string($0)] } ?? [:]
    guard inCheckout else {
      return ("coupon.redeem", who.merging(["coupon_id": .string(coupon), "amount": 1000]))
    }
    let line: JSONTree = ["line_id": "1", "sku": "a", "quantity": 1, "unit_price": 1000]
    return (
      "checkout.commit",
      who.merging([
        "cart": ["lines": [line]], "coupons": [.string(coupon)], "expected_payable": 900,
      ])
    )
  }

  @Test func `a coupon that eight processes redeem at once is redeemed once`() throws {
    let shop = try CouponLedger()
    let engines = try (0..<Self.processes).map { _ in try shop.serve() }
    let campaign = try shop.campaign(engines[0])
    let coupons = try shop.issue(engines[0], campaign, Settings.couponRounds)
    for (round, coupon) in coupons.enumerated() {
      // In every third round some of them pay a checkout with it.
      let requests = (0..<Self.processes).map { process in
        (0..<3).map { use(coupon, inCheckout: round % 3 == 2 && (process + $0) % 2 == 0) }
      }
      let counts = tally(try shop.race(engines, requests))
      // A checkout whose coupon is gone does not cost what was expected.
      let lost = (counts["already_redeemed"] ?? 0) + (counts["payable_changed"] ?? 0)
      #expect(counts["done"] == 1 && lost == 3 * Self.processes - 1, "round \(round): \(counts)")
    }
    #expect(try shop.standing(engines[0], campaign).redeemed == Int64(coupons.count))
    try shop.end(engines)
    counted("T60", coupons.count, "rounds")
  }

  @Test func `a coupon that is redeemed five hundred times in one stream is redeemed once`() throws
  {
    let shop = try CouponLedger()
    let engine = try shop.serve()
    let campaign = try shop.campaign(engine)
    for (round, coupon) in try shop.issue(engine, campaign, Settings.couponRounds).enumerated() {
      let requests = (0..<500).map { _ in use(coupon, inCheckout: false) }
      let answers = try engine.pipeline(requests.map { ($0.method, shop.keyed($0.params)) })
      #expect(tally(answers) == ["done": 1, "already_redeemed": 499], "round \(round)")
      #expect(answers[0].isResult)
    }
    try shop.end([engine])
  }

  @Test(
    arguments: [
      (["per_account": 7], 7), (["per_account_per_day": 7], 7), (["redemptions_per_day": 7], 7),
      (["budget": 750], 7), (["budget": 700], 7), (["per_account": 9, "budget": 799], 7),
    ] as [(JSONTree, Int)])
  func `a cap of seven gives exactly seven to four processes`(caps: JSONTree, most: Int) throws {
    let shop = try CouponLedger()
    let engines = try (0..<4).map { _ in try shop.serve() }
    _ = try shop.must(engines[0], "account.open", ["card_no": "C1"])
    let campaign = try shop.campaign(engines[0], caps)
    let coupons = try shop.issue(engines[0], campaign, 40)
    // Two processes want each coupon, the one by itself and the other in a checkout.
    let requests = (0..<4).map { process in
      coupons.indices.filter { $0 % 2 == process % 2 }.map {
        use(coupons[$0], inCheckout: process < 2, card: "C1")
      }
    }
    let counts = tally(try shop.race(engines, requests))
    #expect(counts["done"] == most, "\(counts)")
    let codes = Set(counts.keys)
    let expected: Set = ["done", "already_redeemed", "cap_reached", "payable_changed"]
    #expect(codes.isSubset(of: expected), "\(counts)")
    let standing = try shop.standing(engines[3], campaign)
    #expect(standing.redeemed == Int64(most) && standing.given == Int64(100 * most))
    try shop.end(engines)
  }

  @Test func `a total is never passed by issue, nor by top-ups that bring coupons`() throws {
    let shop = try CouponLedger()
    let engines = try (0..<4).map { _ in try shop.serve() }
    let campaign = try shop.campaign(engines[0], ["total": 101])
    let rule: JSONTree = [
      "id": "r", "grant": ["type": "fixed", "amount": 1],
      "coupons": [["campaign_id": .string(campaign), "count": 2]],
    ]
    _ = try shop.must(
      engines[0], "program.set", ["program": ["topup": ["bonus_rules": [rule]]]])
    _ = try shop.must(engines[0], "account.open", ["card_no": "C1"])
    let requests = (0..<4).map { process in
      (0..<30).map { number -> (method: String, params: JSONTree) in
        guard (number + process) % 2 == 0 else {
          return ("topup.create", ["card_no": "C1", "amount": 1000, "tender": "cash"])
        }
        return (
          "coupon.issue", ["campaign_id": .string(campaign), "count": .number(1 + number % 3)]
        )
      }
    }
    let answers = try shop.race(engines, requests)
    let issued = answers.reduce(0) { sum, answer in
      let own = answer["/coupons"]?.elements.count ?? 0
      return sum + own + (answer["/bonus/coupons"]?.elements.count ?? 0)
    }
    #expect(issued == 101, "\(tally(answers))")
    #expect(Set(tally(answers).keys) == ["done", "cap_reached"])
    #expect(try shop.standing(engines[1], campaign).issued == 101)
    try shop.end(engines)
  }

  @Test func `a reservation keeps all others out, and one of them gets it`() throws {
    let shop = try CouponLedger()
    let engines = try (0..<4).map { _ in try shop.serve() }
    let campaign = try shop.campaign(engines[0])
    for coupon in try shop.issue(engines[0], campaign, 10) {
      let wanted: JSONTree = ["coupon_id": .string(coupon), "seconds": 60]
      let kept = try shop.race(
        engines, engines.map { _ in Array(repeating: ("coupon.reserve", wanted), count: 3) })
      #expect(tally(kept) == ["done": 1, "reserved": 11])
      let holder = kept.first { $0.isResult }?["/reservation_id"] ?? nil
      let requests = engines.indices.map { process -> [(method: String, params: JSONTree)] in
        let plain = use(coupon, inCheckout: false)
        let held = (plain.method, plain.params.merging(["reservation_id": holder]))
        return process == 2 ? [plain, held, held] : [plain, plain]
      }
      let counts = tally(try shop.race(engines, requests))
      #expect(counts["done"] == 1, "\(counts)")
      #expect(Set(counts.keys).isSubset(of: ["done", "reserved", "already_redeemed"]))
    }
    try shop.end(engines)
  }

  @Test func `a use is undone once by many, and a checkout is taken back once`() throws {
    let shop = try CouponLedger()
    let engines = try (0..<4).map { _ in try shop.serve() }
    _ = try shop.must(
      engines[0], "account.open",
      ["card_no": "C1", "topup": ["amount": 5000, "tender": "cash"]])
    let campaign = try shop.campaign(engines[0])
    for coupon in try shop.issue(engines[0], campaign, 10) {
      let plain = use(coupon, inCheckout: false)
      let used = try shop.must(engines[0], plain.method, plain.params)
      let undo: JSONTree = ["redemption_id": try #require(used["/redemption_id"])]
      let undone = try shop.race(
        engines, engines.map { _ in Array(repeating: ("coupon.unredeem", undo), count: 3) })
      #expect(tally(undone) == ["done": 1, "already_unredeemed": 11])
      let sale = use(coupon, inCheckout: true, card: "C1")
      let paid = try shop.must(
        engines[1], sale.method, sale.params.merging(["stored_value": 900]))
      let back: JSONTree = ["checkout_id": try #require(paid["/checkout_id"]), "all": true]
      let returned = try shop.race(
        engines, engines.map { _ in Array(repeating: ("checkout.refund", back), count: 3) })
      #expect(tally(returned) == ["done": 1, "already_refunded": 11])
    }
    let account = try engines[2].request("account.get", ["card_no": "C1"])
    #expect(account.int("/balance/available") == 5000)
    #expect(try shop.standing(engines[3], campaign).redeemed == 0)
    try shop.end(engines)
  }
}
