// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A shop with one campaign of cash coupons, and a scanner beside the till.
final class CouponCounter {
  let shop: Shop
  private let campaign: String

  /// A coupon as it was issued.
  struct Issued {
    let id: String
    let payload: String
  }

  init() throws {
    shop = try Shop()
    let answer = try shop.change(
      "campaign.create", ["name": "Five off", "kind": "cash", "amount": 500])
    campaign =
      try answer["/campaign_id"]?.string ?? answer.string("/campaign/campaign_id")
  }

  /// Issues that many coupons to nobody.
  func issue(_ count: Int = 1) throws -> [Issued] {
    let answer = try shop.change(
      "coupon.issue", ["campaign_id": .string(campaign), "count": .number(count)])
    return try (0..<count).map { index in
      Issued(
        id: try answer.string("/coupons/\(index)/coupon_id"),
        payload: try answer.string("/coupons/\(index)/payload"))
    }
  }

  /// Runs `scrip scan` over these lines; its answers.
  func scan(_ input: String, _ options: String...) throws -> [JSONTree] {
    let outcome = try ScripBinary.run(
      ["scan", "--data", shop.ledger.data, "--test-clock", TestLedger.morning] + options,
      input: input)
    #expect(outcome.exit == .code(0), "\(outcome.errors)")
    return try outcome.output.split(separator: "\n").map { try JSONTree(text: String($0)) }
  }

  /// A scanner that stays on.
  func scanner(_ options: String...) throws -> ChildProcess {
    try ChildProcess(
      ScripBinary.path(),
      ["scan", "--data", shop.ledger.data, "--test-clock", TestLedger.morning] + options)
  }

  func close() throws {
    try shop.close()
  }
}
