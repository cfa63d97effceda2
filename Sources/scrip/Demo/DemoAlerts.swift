// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// After the day: a ledger that is watched, and the alert that a burst raises on descriptor 3.
struct DemoAlerts {
  let page: DemoPage

  private static let program: JSONTree = [
    "anomaly": [
      "rules": [
        [
          "id": "burst", "kind": "count", "subject": "account", "on": ["debit"],
          "window_seconds": 60, "min": 3, "severity": "high", "suppress_seconds": 600,
        ]
      ]
    ]
  ]

  func play() throws(Failure) {
    let folder = try TemporaryFolder.make()
    defer { folder.remove() }
    var making = LedgerMaking(directory: folder.path, keyring: nil)
    making.isTest = true
    try making.make()
    try page.text("")
    try page.text("Three debits of one card in a minute, on a ledger that is watched. 风控：一分钟三笔")
    let arguments = [
      "--data", folder.path, "--test-clock", "2026-03-04T01:00:00Z", "--store-id", "S01",
      "--terminal-id", "T1", "--alerts-fd", "3",
    ]
    try page.command(["scrip", "serve"] + arguments)
    let engine = try ChildEngine(arguments: arguments, alerts: true)
    defer { _ = engine.kill() }
    try ask(engine, "program.set", ["idempotency_key": "rules", "program": Self.program])
    try ask(
      engine, "account.open",
      [
        "idempotency_key": "open", "card_no": "C1",
        "topup": ["amount": 10_000, "tender": "cash"],
      ])
    for number in 1...3 {
      try ask(
        engine, "debit.create",
        [
          "idempotency_key": .string("sale-\(number)"), "card_no": "C1",
          "amount": .integer(Int64(100 * number)),
        ])
    }
    guard let line = try engine.receiveAlert(), let event = try? JSONDocument.parse(line),
      event.root["data"]?["rule_id"]?.string == "burst"
    else { throw .data("no alert came on descriptor 3") }
    try page.text("On descriptor 3, written with the third debit:")
    try page.request(JSONTree(event.root))
    guard engine.finish() == 0 else { throw .data("the engine did not end well") }
  }

  private func ask(
    _ engine: ChildEngine, _ method: String, _ params: JSONTree
  ) throws(Failure) {
    var line: [UInt8] = []
    _ = engine.encode(method, params, into: &line)
    try engine.send(line)
    guard let answer = try engine.receive(), answer.root["result"] != nil else {
      throw .data("\(method) was refused")
    }
  }
}
