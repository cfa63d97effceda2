// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// Debits of one process while another issues as many coupons as there are cards.
final class IssueWorkload: Workload {
  static let name = "issue"
  static let summary = "debits alone, and beside another process that issues 100,000 coupons"

  private let settings: BenchSettings
  private let directory: String
  private let engine: BenchEngine
  private var debits: DebitRequests
  private let campaign: JSONTree
  private var issues = 0

  init(_ ground: BenchGround) throws(Failure) {
    settings = ground.settings
    let clock: ShopClock
    (directory, clock) = try ground.ledger(
      Self.name, cards: settings.cards, history: settings.history)
    engine = try BenchEngine(directory: directory, clock: clock)
    debits = DebitRequests(clock: clock, cards: 0..<settings.cards, seed: 79)
    let made = try engine.change(
      "campaign.create", ["name": "bulk", "kind": "cash", "amount": 500])
    campaign = made["campaign_id"] ?? .null
  }

  func round(into results: inout Results) throws(Failure) {
    results.add(
      "debit 8, no issue", try engine.run(window: 8, seconds: settings.seconds, &debits))
    let other = try PipedProcess(
      ["serve", "--data", directory, "--test-clock", engine.clock.now.text], isHeard: false)
    try other.write(requests())
    other.closeInput()
    let start = monotonicNanoseconds()
    let sample = try engine.run(window: 8, stop: { !other.isRunning() }, &debits)
    results.add("debit 8 beside an issue", sample)
    results.add(
      "issue of \(settings.cards) coupons beside debits",
      Double(monotonicNanoseconds() - start) / 1e9, unit: "s")
  }

  private func requests() -> [UInt8] {
    var lines: [UInt8] = []
    var left = settings.cards
    while left > 0 {
      let count = min(10_000, left)
      left -= count
      issues += 1
      lines += JSONTree.requestLine(
        id: Int64(issues), "coupon.issue",
        [
          "campaign_id": campaign, "count": .integer(Int64(count)),
          "idempotency_key": .string("bulk-\(issues)"),
        ])
    }
    return lines
  }

  func finish(into results: inout Results) throws(Failure) { try engine.process.finish() }
}
