// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A small ledger with the shop's rules, served under a program that counts.
final class TracedEngine {
  private let scratch: TemporaryDirectory
  private let data: String
  private var keys = 0
  private static let cards = 500
  private static let pin: JSONTree = "4711"

  init() throws {
    scratch = try TemporaryDirectory()
    data = scratch.file("data")
    let made = try ScripBinary.run(["init", "--data", data, "--test-mode", "--preset", "shop"])
    #expect(made.exit == .code(0), "\(made.errors)")
    let engine = try EngineProcess(arguments)
    for start in stride(from: 0, to: Self.cards, by: 50) {
      let answers = try engine.pipeline(
        (start..<start + 50).map { card in
          (
            "account.open",
            [
              "card_no": number(card), "pin": Self.pin, "idempotency_key": key(),
              "topup": ["amount": 2_000_000, "tender": "cash"],
            ]
          )
        })
      #expect(answers.allSatisfy { $0.error == nil })
    }
    try engine.finish()
  }

  private var arguments: [String] {
    ["--data", data, "--test-clock", "2026-03-02T02:00:00Z"]
  }

  /// A path for what the counting program writes.
  func file(_ name: String) -> String { scratch.file(name) }

  /// Serves so many groups of debits, each written at once and answered whole before the next,
  /// under a program that counts; what that said on standard error.
  ///
  /// Ledger time moves ten minutes between groups, so that no rule raises an alert.
  func serve(groups: Int, of size: Int, through wrapper: [String]) throws -> String {
    let engine = try EngineProcess(arguments, through: wrapper)
    let patience = Deadline(in: 300)
    for group in 0..<groups {
      _ = try engine.request("clock.advance", ["seconds": 600], patience)
      let answers = try engine.pipeline(
        (0..<size).map { place in
          (
            "debit.create",
            [
              "card_no": number((group * size + place) * 7 % Self.cards), "pin": Self.pin,
              "amount": .integer(Int64(1_000 + place)), "store_id": "S01", "terminal_id": "T1",
              "idempotency_key": key(),
            ]
          )
        }, patience)
      #expect(answers.allSatisfy { $0.error == nil })
    }
    let exit = try engine.finish(patience).exit
    #expect(exit == .code(0), "\(engine.child.errors)")
    return engine.child.errors
  }

  private func number(_ card: Int) -> JSONTree { .string("62250000\(10_000_000 + card)") }

  private func key() -> JSONTree {
    keys += 1
    return .string("guard-\(1_000_000_000_000 + keys)")
  }
}
