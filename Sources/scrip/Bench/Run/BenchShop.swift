// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// The ledger that most workloads share: its cards, its coupons, its engine.
final class BenchShop {
  let engine: BenchEngine
  let settings: BenchSettings
  /// The debits of the history, by their entries.
  let history: Range<Int64>

  init(directory: String, clock: ShopClock, settings: BenchSettings) throws(Failure) {
    engine = try BenchEngine(directory: directory, clock: clock)
    self.settings = settings
    let entries = try engine.ask("system.info", [:])["entries"]?.integer ?? 0
    history = entries - Int64(settings.history) + 1..<entries + 1
  }

  func debits(seed: UInt64) -> DebitRequests {
    DebitRequests(clock: engine.clock, cards: 0..<settings.cards, seed: seed)
  }

  /// Issues as many bearer coupons as there are cards: 12 % off from 200 yuan; their payloads.
  func issueCoupons() throws(Failure) -> [[UInt8]] {
    let campaign = try engine.change(
      "campaign.create",
      [
        "name": "bench", "kind": "percent", "off_basis_points": 1_200, "min_spend": 20_000,
        "validity": ["days_after_issue": 3_650],
      ])
    var payloads: [[UInt8]] = []
    while payloads.count < settings.cards {
      let issued = try engine.change(
        "coupon.issue",
        [
          "campaign_id": campaign["campaign_id"] ?? .null,
          "count": .integer(Int64(min(10_000, settings.cards - payloads.count))),
        ])
      guard case .array(let coupons)? = issued["coupons"] else {
        throw .data("coupon.issue answered no coupons")
      }
      payloads += coupons.compactMap { $0["payload"]?.string.map { Array($0.utf8) } }
    }
    return payloads
  }
}

extension JSONTree {
  var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

  var string: String? { if case .string(let value) = self { value } else { nil } }
}
