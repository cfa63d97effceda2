// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Bonus that is released in parts, bonus that expires, and the order in which lots are taken.
@Suite struct ReleaseAndExpiryTests {
  private static func program(_ bonus: Int, _ more: JSONTree = [:], order: String = "bonus_first")
    -> JSONTree
  {
    let rule: JSONTree = ["id": "r", "grant": ["type": "fixed", "amount": .number(bonus)]]
    return ["topup": ["bonus_rules": [rule.merging(more)]], "debit": ["order": .string(order)]]
  }

  /// The bonus parts of debits of 1,000 in a row.
  private func bonusParts(_ bonus: Int, debits: Int) throws -> [Int64] {
    let shop = try Shop(Self.program(bonus, ["release_basis_points": 1000]))
    try shop.open("C1", topUp: 100_000)
    let parts = try (0..<debits).map { _ in
      let answer = try shop.debit("C1", 1000)
      #expect(answer.int("/entry/principal") == 1000 - (answer.int("/entry/bonus") ?? 0))
      return answer.int("/entry/bonus") ?? -1
    }
    try shop.close()
    return parts
  }

  @Test func `5,000 at a tenth is gone after ten debits`() throws {
    #expect(
      try bonusParts(5000, debits: 11) == [Int64](repeating: 500, count: 10) + [0])
  }

  @Test func `5,005 at a tenth gives 500 a debit and 5 in the end`() throws {
    #expect(
      try bonusParts(5005, debits: 12) == [Int64](repeating: 500, count: 10) + [5, 0])
  }

  @Test func `a release is never less than one`() throws {
    #expect(try bonusParts(5, debits: 6) == [1, 1, 1, 1, 1, 0])
  }

  @Test func `a small debit takes no more than itself, and the next may take as much again`() throws
  {
    let shop = try Shop(Self.program(5000, ["release_basis_points": 1000]))
    let open = try shop.open("C1", topUp: 1000)
    #expect(open.int("/account/lots/1/release_per_debit") == 500)
    #expect(open.int("/account/lots/0/release_per_debit") == nil)
    #expect(try shop.debit("C1", 499).int("/entry/bonus") == 499)
    #expect(try shop.debit("C1", 500).int("/entry/bonus") == 500)
    #expect(try shop.debit("C1", 501).int("/entry/bonus") == 500)
  }

  @Test func `what is not released is available and not spendable`() throws {
    let shop = try Shop(Self.program(5000, ["release_basis_points": 1000]))
    try shop.open("C1", topUp: 1000)
    #expect(try shop.balance("C1", "available") == 6000)
    #expect(try shop.balance("C1", "spendable") == 1500)
    expectRefusal(try shop.debit("C1", 1501), "insufficient_funds")
    let partial = try shop.debit("C1", 6000, ["allow_partial": true])
    #expect(partial.int("/entry/amount") == 1500)
    #expect(try shop.balance("C1", "spendable") == 500)
    expectResult(try shop.debit("C1", 500))
  }

  @Test func `a hold is bounded like the debit it stands for`() throws {
    let shop = try Shop(Self.program(5000, ["release_basis_points": 1000]))
    try shop.open("C1", topUp: 1000)
    let hold = try shop.hold("C1", 800)
    let capture = try shop.capture(hold.string("/hold_id"))
    #expect(capture.int("/entry/bonus") == 500 && capture.int("/entry/principal") == 300)
  }

  @Test func `a refund gives a released part back`() throws {
    let shop = try Shop(Self.program(5000, ["release_basis_points": 1000]))
    try shop.open("C1", topUp: 10_000)
    let debit = try shop.debit("C1", 1000)
    let refund = try shop.refund(debit.string("/entry/entry_id"))
    #expect(refund.int("/entry/bonus") == 500 && refund.int("/entry/principal") == 500)
    #expect(refund.int("/account/balance/bonus") == 5000)
    #expect(refund.int("/account/lots/1/remaining") == 5000)
  }

  @Test(arguments: [
    ("bonus_first", 500, 9500), ("principal_first", 0, 10_000), ("proportional", 49, 9951),
  ])
  func `the order of kinds`(order: String, bonus: Int64, principal: Int64) throws {
    let shop = try Shop(Self.program(5000, ["release_basis_points": 1000], order: order))
    try shop.open("C1", topUp: 100_000)
    let debit = try shop.debit("C1", 10_000)
    #expect(debit.int("/entry/bonus") == bonus && debit.int("/entry/principal") == principal)
  }

  @Test func `a proportional debit of everything takes everything`() throws {
    let shop = try Shop(Self.program(7, order: "proportional"))
    try shop.open("C1", topUp: 100)
    let parts = try [1, 15, 16, 74].map { try shop.debit("C1", $0).int("/entry/bonus") ?? -1 }
    // floor(1×7÷107), floor(15×7÷106), floor(16×7÷91) of what is then left …
    #expect(parts == [0, 0, 1, 5])
    expectResult(try shop.debit("C1", 1))
    #expect(try shop.balance("C1") == 0)
  }

  @Test func `bonus is good through its last day and gone at the next`() throws {
    let shop = try Shop(Self.program(5000, ["expires_after_days": 2]))
    let open = try shop.open("C1", topUp: 1000)
    // Granted on 2 March, Shanghai: good through 4 March.
    #expect(open["/account/lots/1/expires_at"] == "2026-03-04T16:00:00.000Z")
    try shop.setClock("2026-03-04T15:59:59.999Z")
    #expect(try shop.balance("C1", "bonus") == 5000)
    #expect(try shop.debit("C1", 100).int("/entry/bonus") == 100)
    try shop.setClock("2026-03-04T16:00:00Z")
    #expect(try shop.balance("C1", "bonus") == 0)
    #expect(try shop.balance("C1", "available") == 1000)
    #expect(try shop.debit("C1", 100).int("/entry/principal") == 100)
    let lapsed = try shop.ask("entry.list", ["card_no": "C1", "kind": "expire"])
    #expect(lapsed.int("/entries/0/amount") == 4900 && lapsed.int("/entries/0/bonus") == 4900)
    try shop.close()
  }

  @Test func `bonus of zero days ends with its day`() throws {
    let shop = try Shop(Self.program(5000, ["expires_after_days": 0]))
    try shop.open("C1", topUp: 1000)
    try shop.setClock("2026-03-02T15:59:59Z")
    #expect(try shop.balance("C1", "bonus") == 5000)
    try shop.setClock("2026-03-02T16:00:00Z")
    #expect(try shop.balance("C1", "bonus") == 0)
  }

  @Test func `the lot that expires first is taken first, then the oldest`() throws {
    let shop = try Shop(Self.program(100, ["expires_after_days": 30]))
    try shop.open("C1", topUp: 1000)
    expectResult(try shop.set(Self.program(200, ["expires_after_days": 10])))
    expectResult(try shop.topUp("C1", 1000))
    expectResult(try shop.set(Self.program(300)))
    expectResult(try shop.topUp("C1", 1000))
    func left() throws -> [Int64] {
      let lots = try shop.account("C1")["/lots"]?.elements ?? []
      return [Int64(100), 200, 300].map { granted in
        let lot = lots.first { $0["kind"] == "bonus" && $0["granted"] == .integer(granted) }
        return lot?["remaining"]?.integer ?? 0
      }
    }
    expectResult(try shop.debit("C1", 150))
    #expect(try left() == [100, 50, 300])
    expectResult(try shop.debit("C1", 100))
    #expect(try left() == [50, 0, 300])
    expectResult(try shop.debit("C1", 100))
    #expect(try left() == [0, 0, 250])
    expectResult(try shop.debit("C1", 250 + 1500))
    let principal = (try shop.account("C1"))["/lots"]?.elements ?? []
    #expect(principal.map { $0["remaining"]?.integer } == [500, 1000])
  }

  @Test func `value given back to an expired lot lapses at once`() throws {
    let shop = try Shop(Self.program(5000, ["expires_after_days": 1]))
    try shop.open("C1", topUp: 1000)
    let debit = try shop.debit("C1", 5100).string("/entry/entry_id")
    try shop.advance(seconds: 3 * 86_400)
    let refund = try shop.refund(debit)
    #expect(refund.int("/account/balance/principal") == 1000)
    #expect(refund.int("/account/balance/bonus") == 0)
    try shop.close()
  }

  @Test func `value held in an expiring lot stays until the hold ends`() throws {
    let shop = try Shop(Self.program(5000, ["expires_after_days": 1]))
    try shop.open("C1", topUp: 1000)
    let hold = try shop.hold("C1", 2000, seconds: 30 * 86_400).string("/hold_id")
    try shop.advance(seconds: 5 * 86_400)
    #expect(try shop.balance("C1", "bonus") == 2000)
    #expect(try shop.balance("C1", "available") == 1000)
    let capture = try shop.capture(hold, 1500)
    #expect(capture.int("/entry/bonus") == 1500)
    #expect(capture.int("/account/balance/bonus") == 0)
    #expect(capture.int("/account/balance/available") == 1000)
    try shop.close()
  }
}
