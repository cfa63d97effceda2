// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A ledger with coupons, a checkout and a rule, to be copied, and what is asked of each copy.
struct CheckoutDay {
  let files: [String: [UInt8]]
  let campaign: String
  let requests: [(method: String, params: JSONTree)]
  let clock = ["--test-clock", "2026-03-02T03:00:00Z"]
  private static let opening = 1_000_000

  init() throws {
    let shop = try CouponLedger()
    let engine = try shop.serve()
    let rule: JSONTree = [
      "id": "large", "kind": "amount", "subject": "account", "on": ["debit"], "min": 600,
      "severity": "high", "action": "alert", "suppress_seconds": 0,
    ]
    _ = try shop.must(engine, "program.set", ["program": ["anomaly": ["rules": [rule]]]])
    _ = try shop.must(
      engine, "account.open",
      ["card_no": "C1", "topup": ["amount": .number(Self.opening), "tender": "cash"]])
    campaign = try shop.campaign(engine)
    let coupons = try shop.issue(engine, campaign, 4, to: "C1")
    let debit = try shop.must(engine, "debit.create", ["card_no": "C1", "amount": 500])
    let line: JSONTree = ["line_id": "1", "sku": "a", "quantity": 1, "unit_price": 1000]
    func checkout(_ coupon: String) -> JSONTree {
      [
        "card_no": "C1", "cart": ["lines": [line]], "coupons": [.string(coupon)],
        "expected_payable": 900, "stored_value": 900,
      ]
    }
    let sold = try shop.must(engine, "checkout.commit", checkout(coupons[0]))
    let used = try shop.must(
      engine, "coupon.redeem",
      ["coupon_id": .string(coupons[1]), "amount": 1000, "card_no": "C1"])
    #expect(try engine.finish().exit == .code(0))
    let asked: [(method: String, params: JSONTree)] = [
      ("topup.create", ["card_no": "C1", "amount": 3000, "tender": "cash"]),
      ("debit.create", ["card_no": "C1", "amount": 700]),
      (
        "coupon.redeem", ["coupon_id": .string(coupons[2]), "amount": 1000, "card_no": "C1"]
      ),
      ("checkout.commit", checkout(coupons[3])),
      (
        "debit.refund", ["entry_id": .string(try debit.string("/entry/entry_id")), "amount": 200]
      ),
      (
        "checkout.refund", ["checkout_id": .string(try sold.string("/checkout_id")), "all": true]
      ),
      (
        "coupon.unredeem", ["redemption_id": .string(try used.string("/redemption_id"))]
      ),
      ("coupon.issue", ["campaign_id": .string(campaign), "count": 2, "card_no": "C1"]),
    ]
    files = Specimen.read(shop.ledger.data)
    requests = asked.enumerated().map { number, request in
      (
        request.method,
        request.params.merging(["idempotency_key": .string("fault-\(number)")])
      )
    }
  }

  /// The card, the campaign, the alerts and the books, as an engine tells them.
  func standing(_ engine: EngineProcess) throws -> [String] {
    let account = try engine.request("account.get", ["card_no": "C1"])
    let campaign = try engine.request("campaign.get", ["campaign_id": .string(campaign)])
    let alerts = try engine.request("alert.list")
    let books = try engine.request("ledger.trial_balance")
    return [
      account["/balance"]?.text ?? "", "\(campaign.int("/issued") ?? -1)",
      "\(campaign.int("/redeemed") ?? -1)", "\(campaign.int("/discount_given") ?? -1)",
      "\(alerts["/alerts"]?.elements.count ?? -1)", books.result?.text ?? "",
    ]
  }
}
