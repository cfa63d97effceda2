// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds
import Testing

/// `spendable` is exactly the largest debit that is accepted (contract §3, §9 Limits).
@Suite struct SpendableTests {
  private static func program(_ more: JSONTree, order: String, release: Int?) -> JSONTree {
    let release: JSONTree = release.map { .number($0) } ?? nil
    let base: JSONTree = [
      "topup": [
        "bonus_combination": "all", "pending_tenders": ["cheque"],
        "bonus_rules": [
          [
            "id": "a", "grant": ["type": "rate", "basis_points": 900],
            "release_basis_points": release,
          ],
          [
            "id": "b", "grant": ["type": "fixed", "amount": 31], "expires_after_days": 1,
            "release_basis_points": release,
          ],
        ],
      ],
      "debit": ["order": .string(order)],
    ]
    var program = base
    for member in more.members {
      program = program.setting(
        "/\(member.name)", to: (program[member.name] ?? [:]).merging(member.value))
    }
    return program
  }

  private static let programs: [JSONTree] = [
    program([:], order: "bonus_first", release: 700),
    program([:], order: "proportional", release: 1300),
    program([:], order: "principal_first", release: nil),
    program(["first_day": ["cap_basis_points": 5500]], order: "bonus_first", release: 2500),
    program(
      ["debit": ["max": 400, "daily_max": 1500], "first_day": ["cap_basis_points": 8000]],
      order: "proportional", release: 700),
    program(["debit": ["daily_max": 600]], order: "principal_first", release: 10_000),
  ]

  @Test(arguments: programs.indices)
  func `that much is accepted, one more is not`(index: Int) throws {
    let seed = 0x5C21_5000 + UInt64(index)
    var random = SplitMix64(seed: seed)
    let shop = try Shop(Self.programs[index])
    try shop.open("C1", topUp: 1000)
    for step in 0..<45 {
      switch random.below(7) {
      case 0...1: _ = try shop.topUp("C1", 1 + random.below(300))
      case 2: _ = try shop.topUp("C1", 1 + random.below(300), "cheque")
      case 3: _ = try shop.hold("C1", 1 + random.below(90), seconds: 7200)
      case 4 where step % 3 == 0: try shop.advance(seconds: random.below(40_000))
      default: _ = try shop.debit("C1", 1 + random.below(120))
      }
      let when: Comment = "seed \(seed), step \(step)"
      let account = try shop.account("C1")
      let spendable = try #require(account.int("/balance/spendable"))
      let available = try #require(account.int("/balance/available"))
      #expect(spendable >= 0 && spendable <= available, when)
      let above = try shop.debit("C1", Int(spendable) + 1)
      #expect(!above.isResult && (above.number ?? 0) / 1000 == 1, "\(when): \(above)")
      guard spendable > 0 else { continue }
      if random.below(2) == 0 {
        let debit = expectResult(try shop.debit("C1", Int(spendable)), when)
        expectResult(try shop.reverse(debit.string("/entry/entry_id")))
      } else {
        let hold = expectResult(try shop.hold("C1", Int(spendable)), when)
        expectResult(try shop.release(hold.string("/hold_id")))
      }
      let partial = expectResult(try shop.debit("C1", 999_999, ["allow_partial": true]), when)
      #expect(partial.int("/entry/amount") == spendable, when)
      expectResult(try shop.reverse(partial.string("/entry/entry_id")))
      #expect(try shop.account("C1").int("/balance/spendable") == spendable, when)
    }
    try shop.close()
  }
}
