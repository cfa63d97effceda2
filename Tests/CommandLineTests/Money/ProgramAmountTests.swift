// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// The program's own numbers, and what else a program is refused for (contract §3).
@Suite struct ProgramAmountTests {
  /// A program that is accepted, with every amount and rate in it.
  static let full: JSONTree = [
    "topup": [
      "min": 100, "max": 100_000_000, "pending_tenders": ["cheque"], "bonus_combination": "all",
      "bonus_rules": [
        [
          "id": "fixed", "min_amount": 50_000, "max_amount": 99_999,
          "grant": ["type": "fixed", "amount": 5000], "release_basis_points": 1000,
          "expires_after_days": 30, "first_topup_only": true, "once_per_account": true,
          "valid_from": "2026-01-01", "valid_until": "2026-12-31", "weekdays": [1, 7],
          "store_ids": ["S1"], "levels": ["gold"],
        ],
        ["id": "per", "grant": ["type": "per", "every": 50_000, "amount": 5000]],
        ["id": "rate", "grant": ["type": "rate", "basis_points": 1000, "max": 20_000]],
      ],
    ],
    "debit": [
      "order": "proportional", "pin_free_limit": 1000, "max": 50_000, "daily_max": 100_000,
    ],
    "first_day": ["cap_basis_points": 6000, "gate_basis_points": 5000],
    "pin": [
      "required": true, "min_length": 4, "max_length": 12, "max_attempts": 5, "lock_seconds": 1800,
      "hardening": "keyed",
    ],
    "card": [
      "max_balance": 200_000_000, "max_balance_unregistered": 100_000_000, "lost_card": "replace",
    ],
    "close": ["refund_method": "paid_ratio"],
    "coupons": [
      "max_per_checkout": 5, "application_order": ["item", "percent", "threshold", "cash"],
      "partial_return": "share",
    ],
    "anomaly": ["rules": []],
    "preset": nil,
  ]

  static let amounts = [
    "/topup/min", "/topup/max", "/topup/bonus_rules/0/min_amount",
    "/topup/bonus_rules/0/max_amount",
    "/topup/bonus_rules/0/grant/amount", "/topup/bonus_rules/1/grant/every",
    "/topup/bonus_rules/1/grant/amount", "/topup/bonus_rules/2/grant/max", "/debit/pin_free_limit",
    "/debit/max", "/debit/daily_max", "/card/max_balance", "/card/max_balance_unregistered",
  ]

  static let numbers = [
    "/topup/bonus_rules/2/grant/basis_points", "/topup/bonus_rules/0/release_basis_points",
    "/topup/bonus_rules/0/expires_after_days", "/topup/bonus_rules/0/weekdays/0",
    "/first_day/cap_basis_points", "/first_day/gate_basis_points", "/pin/min_length",
    "/pin/max_length", "/pin/max_attempts", "/pin/lock_seconds",
  ]

  /// Expects the program to be refused at this place, and the old one to stand.
  private func expectRefused(_ shop: Shop, _ program: JSONTree, _ place: String, _ why: Comment)
    throws
  {
    let before = try shop.ask("program.get").resultText
    let answer = try shop.set(program)
    let codes = ["program_invalid", "invalid_params"]
    #expect(
      codes.contains(answer.refusal ?? "") && answer.field == "/program\(place)", "\(why) \(answer)"
    )
    #expect(RefusalForm.faults(of: answer).isEmpty, "\(answer)")
    #expect(try shop.ask("program.get").resultText == before)
  }

  @Test func `a full program is accepted, and given back as it was set`() throws {
    let shop = try Shop()
    #expect(try shop.ask("program.get").int("/program_version") == 0)
    let set = expectResult(try shop.set(Self.full))
    let got = try shop.ask("program.get")
    #expect(set.int("/program_version") == got.int("/program_version"))
    let wanted = Self.full.without("preset")
    #expect(got["/program"]?.canonicalText == wanted.canonicalText)
    expectResult(try shop.set([:]))
    #expect(try shop.ask("program.get")["/program"] == .object([]))
  }

  @Test func `no amount of the program takes what is no amount`() throws {
    let shop = try Shop(Self.full)
    for place in Self.amounts {
      let zero = place.hasSuffix("pin_free_limit") ? [] : ["0"]
      for value in ["-1", "-0", "1.5", "1e2", #""1""#, "9223372036854775808", "true", "[]"] + zero {
        let program = Self.full.setting(place, to: try JSONTree(text: value))
        try expectRefused(shop, program, place, "\(place) \(value)")
      }
    }
  }

  @Test func `no other number of the program takes what is none`() throws {
    let shop = try Shop(Self.full)
    for place in Self.numbers {
      for value in ["-1", "1.5", "1e2", #""1""#, "9223372036854775808", "true", "[]"] {
        let program = Self.full.setting(place, to: try JSONTree(text: value))
        try expectRefused(shop, program, place, "\(place) \(value)")
      }
    }
  }

  private static let impossible = [
    ("/topups", "1"), ("/topup/minimum", "1"), ("/topup/bonus_rules/0/gift", "1"),
    ("/topup/bonus_rules/0/grant/every", "5"), ("/topup/bonus_rules/1/id", #""fixed""#),
    ("/topup/bonus_rules/0/valid_from", #""2026-02-30""#),
    ("/topup/bonus_rules/0/valid_from", #""2027-01-01""#),
    ("/topup/bonus_rules/0/weekdays/0", "8"), ("/topup/bonus_rules/0/weekdays/0", "0"),
    ("/topup/bonus_rules/0/grant/type", #""gift""#), ("/topup/bonus_combination", #""worst""#),
    ("/debit/order", #""random""#), ("/debit/maximum", "1"), ("/pin/hardening", #""md5""#),
    ("/pin/min_length", "13"), ("/pin/max_length", "3"), ("/pin/required", #""yes""#),
    ("/card/lost_card", #""burn""#), ("/close/refund_method", #""bonus""#), ("/preset", #""eu""#),
    ("/first_day/cap_basis_points", "10001"), ("/first_day/cap", "1"),
  ]

  @Test func `what is unknown or impossible is refused at its place`() throws {
    let shop = try Shop(Self.full)
    for (place, value) in Self.impossible {
      let program = Self.full.setting(place, to: try JSONTree(text: value))
      try expectRefused(shop, program, place, "\(value)")
    }
  }

  @Test func `what contradicts itself is refused and changes nothing`() throws {
    let shop = try Shop(Self.full)
    let contradictions: [JSONTree] = [
      ["topup": ["min": 200, "max": 100]],
      ["pin": ["min_length": 8, "max_length": 6]],
      [
        "topup": [
          "bonus_rules": [["id": "r", "min_amount": 9, "max_amount": 8, "grant": Self.gift]]
        ]
      ],
      [
        "topup": ["max": 100, "bonus_rules": [["id": "r", "min_amount": 101, "grant": Self.gift]]]
      ],
    ]
    let before = try shop.ask("program.get").resultText
    for program in contradictions {
      let answer = try shop.set(program)
      expectRefusal(answer, "program_invalid", "\(program.text)")
      #expect(answer.field?.hasPrefix("/program/") ?? false, "\(answer)")
    }
    #expect(try shop.ask("program.get").resultText == before)
  }

  private static let gift: JSONTree = ["type": "fixed", "amount": 5]

  @Test func `each entry says by which program it was judged`() throws {
    let shop = try Shop()
    let first = try shop.open("C1", topUp: 1000).int("/entry/program_version")
    expectResult(try shop.set(["debit": ["max": 500]]))
    let second = try shop.debit("C1", 1)
    #expect(second.int("/entry/program_version") == (first ?? 0) + 1)
    #expect(try shop.ask("system.info").int("/program_version") == (first ?? 0) + 1)
    let id = try second.string("/entry/entry_id")
    expectResult(try shop.set([:]))
    let now = try shop.ask("entry.get", ["entry_id": .string(id)])
    #expect(now["/program_version"] == second["/entry/program_version"])
  }

  @Test func `the program outlives the process`() throws {
    let shop = try Shop(["debit": ["max": 500]])
    try shop.open("C1", topUp: 1000)
    try shop.crash()
    expectRefusal(try shop.debit("C1", 501), "limit_exceeded")
    expectResult(try shop.debit("C1", 500))
  }
}
