// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A bulk issue stalls no till (issue of many coupons; spec/storage.md, Several processes).
@Suite struct BulkIssueTests {
  private static let issues = 40
  private static let size = 500

  @Test func `between the issues of a batch the debits of another process are served`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 100_000)
    let campaign = try shop.campaign(["kind": "cash", "amount": 100])
    let bulk = try shop.ledger.serve()
    let members = (0..<Self.issues).map { number in
      EngineProcess.line(
        "coupon.issue",
        [
          "campaign_id": .string(campaign), "count": .number(Self.size),
          "idempotency_key": .string("bulk-\(number)"),
        ], id: .integer(Int64(number)))
    }
    try bulk.child.write("[\(members.joined(separator: ","))]\n".utf8)
    // One debit after the other, until the answer to the batch is there.
    var lines: [[UInt8]] = []
    while lines.isEmpty {
      expectResult(try shop.debit("C1", 1))
      lines = try bulk.child.lines(within: 0, enough: 1)
    }
    let answers = try JSONTree(text: String(decoding: lines[0], as: UTF8.self)).elements
    #expect(answers.count == Self.issues)
    for answer in answers {
      #expect(answer["result"]?["coupons"]?.elements.count == Self.size)
    }
    // Newest first; a gap is what lies between two issues.
    var gaps: [Int] = []
    var debits = 0
    for kind in try kinds(shop) {
      switch kind {
      case "coupon_issue":
        gaps.append(debits)
        debits = 0
      case "debit": debits += 1
      default: break
      }
    }
    let served = gaps.dropFirst().filter { $0 > 0 }.count
    #expect(served >= Self.issues * 3 / 4, "\(gaps)")
    _ = try bulk.finish()
    try shop.close()
  }

  private func kinds(_ shop: Shop) throws -> [String] {
    var kinds: [String] = []
    var page: JSONTree = ["limit": 500]
    while true {
      let answer = expectResult(try shop.ask("entry.list", page))
      kinds += (answer["/entries"]?.elements ?? []).compactMap { $0["kind"]?.string }
      guard let next = answer["/next_cursor"]?.string else { return kinds }
      page = page.merging(["cursor": .string(next)])
    }
  }
}
