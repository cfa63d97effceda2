// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// The rights that spec/postgresql.md gives to tills are enough, and no more than it says.
@Suite(.enabled(if: DatabaseServer.programs != nil), .serialized)
struct ServerRoleTests {
  /// The statements of the specification, as they stand there.
  private static func grants() throws -> [String] {
    // This file lies in Tests/CrashTests/Server of the repository.
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let text = try #require(Files.text(of: "/\(root)/spec/postgresql.md"))
    return text.split(separator: "\n").filter { $0.hasPrefix("    GRANT ") }.map(String.init)
  }

  /// Asks for something of every table.
  private func trade(_ engine: EngineProcess) throws {
    var last = 0
    func ask(_ method: String, _ params: JSONTree) throws -> Answer {
      last += 1
      let key: JSONTree = ["idempotency_key": .string("role-\(last)")]
      let answer = try engine.request(method, params.merging(key))
      #expect(answer.isResult, "\(method): \(answer)")
      return answer
    }
    func rules(_ window: Int64) -> JSONTree {
      let rule: JSONTree = [
        "id": "burst", "kind": "count", "on": ["debit"], "window_seconds": .integer(window),
        "min": 2, "severity": "high",
      ]
      return ["program": ["anomaly": ["rules": [rule]]]]
    }
    _ = try ask("program.set", rules(86_400))
    let topUp: JSONTree = ["amount": 10_000, "tender": "cash"]
    for card in ["A", "B"] {
      let holder: JSONTree = ["name": "Lin", "phone": .string("13800000000\(card)")]
      _ = try ask(
        "account.open",
        ["card_no": .string(card), "registered": true, "holder": holder, "topup": topUp])
    }
    _ = try ask("pin.set", ["card_no": "A", "pin": "2468"])
    let debit: JSONTree = ["card_no": "A", "pin": "2468", "amount": 100]
    let entry = try ask("debit.create", debit).string("/entry/entry_id")
    let alert = try ask("debit.create", debit).string("/alerts/0/alert_id")
    _ = try ask("debit.refund", ["entry_id": .string(entry)])
    _ = try ask("alert.ack", ["alert_id": .string(alert), "disposition": "false_positive"])
    let campaign = try ask(
      "campaign.create",
      ["name": "C", "kind": "cash", "amount": 10, "caps": ["per_account": 3]]
    ).string("/campaign_id")
    let coupons = try ask(
      "coupon.issue", ["campaign_id": .string(campaign), "card_no": "A", "count": 2])
    for place in 0..<2 {
      let coupon = JSONTree.string(try coupons.string("/coupons/\(place)/coupon_id"))
      if place == 0 {
        _ = try ask("coupon.redeem", ["coupon_id": coupon, "card_no": "A", "amount": 1000])
      } else {
        _ = try ask("coupon.void", ["coupon_id": coupon])
      }
    }
    _ = try ask("account.replace_card", ["card_no": "B", "new_card_no": "C"])
    // The windows of the rule that was in force are dropped.
    _ = try ask("program.set", rules(60))
    #expect(try engine.request("ledger.verify").result?["ok"] == true)
  }

  @Test func `a role with the rights of a till serves, and cannot change what is in the journal`()
    throws
  {
    let server = try DatabaseServer()
    let ledger = try Ledger(onServer: server.target)
    #expect(try ledger.serve().finish().exit == .code(0))
    for role in ["till", "auditor"] { try server.run(sql: "CREATE ROLE \(role) LOGIN") }
    let grants = try Self.grants()
    #expect(grants.count == 6)
    for grant in grants { try server.run(sql: grant) }
    try server.run(sql: "GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor")

    ledger.moveServer(to: server.target(as: "till"))
    let engine = try EngineProcess(ledger.place)
    try trade(engine)
    #expect(try engine.finish().exit == .code(0))

    for statement in [
      "UPDATE journal SET at = at", "DELETE FROM journal", "TRUNCATE journal",
      "UPDATE programs SET version = version", "DELETE FROM people", "DELETE FROM keys",
      "DELETE FROM alerts", "UPDATE ledger SET name = name", "DELETE FROM head",
      "DELETE FROM barriers", "DROP TABLE journal", "CREATE TABLE stranger (id int)",
    ] {
      let error = #expect(throws: HarnessFailure.self, "\(statement)") {
        try server.run(sql: statement, as: "till")
      }
      let why = error.map { "\($0)" } ?? ""
      #expect(why.contains("permission denied") || why.contains("must be owner"), "\(why)")
    }

    ledger.moveServer(to: server.target(as: "auditor"))
    try ledger.expectSound()
  }
}
