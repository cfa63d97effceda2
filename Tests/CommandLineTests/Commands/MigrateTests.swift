// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Moving a ledger between a server and a directory.
///
/// `--data=` is left alone where `--data` is
/// pointed at a server.
@Suite(.enabled(if: ServerLedgers.target != nil))
struct MigrateTests {
  private func run(_ arguments: String...) throws -> ScripBinary.Outcome {
    try ScripBinary.run(arguments)
  }

  private func ask(_ engine: EngineProcess, _ method: String, _ params: JSONTree) throws -> Answer {
    expectResult(try engine.request(method, params))
  }

  /// A shop's day: cards with and without holders, coupons, an alert.
  private func trade(_ engine: EngineProcess) throws {
    _ = try ask(
      engine, "program.set",
      [
        "idempotency_key": "p",
        "program": [
          "anomaly": [
            "rules": [
              [
                "id": "large", "kind": "amount", "min": 5000, "subject": "account",
                "on": ["debit"], "severity": "high", "action": "alert",
              ]
            ]
          ]
        ],
      ])
    let campaign = try ask(
      engine, "campaign.create",
      ["idempotency_key": "c", "name": "Off", "kind": "cash", "amount": 100]
    ).string("/campaign_id")
    for number in 0..<12 {
      let card = JSONTree.string("62000\(number)")
      var opening: JSONTree = [
        "idempotency_key": .string("open-\(number)"), "card_no": card,
        "topup": ["amount": 20_000, "tender": "cash"],
      ]
      if number % 3 == 0 {
        opening = opening.merging([
          "registered": true, "holder": ["name": "韩梅", "phone": .string("138\(number)")],
        ])
      }
      _ = try ask(engine, "account.open", opening)
      _ = try ask(
        engine, "coupon.issue",
        [
          "idempotency_key": .string("issue-\(number)"), "campaign_id": .string(campaign),
          "card_no": card, "count": 2,
        ])
      _ = try ask(
        engine, "debit.create",
        [
          "idempotency_key": .string("debit-\(number)"), "card_no": card,
          "amount": .number(1000 * number + 1),
        ])
    }
  }

  @Test func `a ledger moves to a directory and back, and every entry is the same`() throws {
    let ledger = try TestLedger()
    let engine = try ledger.serve()
    try trade(engine)
    #expect(try engine.finish().exit == .code(0))
    let place = try #require(ServerLedgers.place(of: ledger.data))
    let keyring = ledger.data + "/keyring.json"
    let before = try run("journal", "--data", ledger.data, "--json")

    let directory = ledger.beside("moved")
    let there = try run("migrate", "--from", place, "--to", directory, "--keyring", keyring)
    #expect(there.code == 0, "\(there.errors)\(there.output)")
    let moved = try run("journal", "--data=\(directory)", "--json")
    #expect(moved.output == before.output && !moved.output.isEmpty)
    let sound = try run("verify", "--data=\(directory)", "--keyring", keyring)
    #expect(sound.code == 0 && sound.output.isEmpty, "\(sound.output)")
    let twice = try run("migrate", "--from", place, "--to", directory, "--keyring", keyring)
    #expect(twice.code == 73, "\(twice.errors)")

    // It goes on there, and what was done under a key before the move is still done.
    let other = try EngineProcess([
      "--data=\(directory)", "--keyring", keyring, "--test-clock", TestLedger.morning,
    ])
    let debit: JSONTree = ["card_no": "620001", "amount": 1001, "idempotency_key": "debit-1"]
    #expect(try ask(other, "debit.create", debit).isReplayed)
    let found = try ask(other, "account.find", ["phone": "1383"])
    #expect(found["/accounts"]?.elements.count == 1)
    _ = try ask(
      other, "debit.create", ["card_no": "620001", "amount": 7, "idempotency_key": "after"])
    #expect(try other.finish().exit == .code(0))

    let back = try #require(ServerLedgers.place(of: ledger.beside("back")))
    let home = try run("migrate", "--from", directory, "--to", back, "--keyring", keyring)
    #expect(home.code == 0, "\(home.errors)\(home.output)")
    let again = try run("journal", "--store", back, "--keyring", keyring, "--json")
    #expect(again.output.hasPrefix(before.output) && again.output != before.output)
    let good = try run("verify", "--store", back, "--keyring", keyring)
    #expect(good.code == 0 && good.output.isEmpty, "\(good.output)")
    let taken = try run("migrate", "--from", directory, "--to", back, "--keyring", keyring)
    #expect(taken.code == 78, "\(taken.errors)")
  }

  @Test func `a ledger whose keys are not at hand is not moved`() throws {
    let (ledger, stranger) = (try TestLedger(), try TestLedger())
    let place = try #require(ServerLedgers.place(of: ledger.data))
    let directory = ledger.beside("moved")
    let outcome = try run(
      "migrate", "--from", place, "--to", directory, "--keyring",
      stranger.data + "/keyring.json")
    #expect(outcome.code == 2, "\(outcome.errors)")
    #expect(!outcome.output.isEmpty)
    #expect(Files.names(in: directory).isEmpty)
  }
}
