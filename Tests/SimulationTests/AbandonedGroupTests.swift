// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

@testable import Simulation

/// A group that a store could not keep is served again: what it changed beside the store must not
/// be changed twice, nor be lost.
@Suite struct AbandonedGroupTests {
  private func ledger() throws -> SimulatedLedger {
    try SimulatedLedger(
      now: 1_772_417_700_000, dayStart: 0, isTest: true, seed: 1, on: MemoryGround(slice: 0))
  }

  /// Sends the requests as one write; answers what comes out as text.
  private func send(
    _ ledger: SimulatedLedger, _ requests: [PlainRequest], _ plan: FaultPlan = FaultPlan()
  ) throws -> String {
    let lines = requests.enumerated().flatMap { Names().line($1, id: $0) }
    let (output, died) = ledger.exchange(lines, plan)
    try #require(!died)
    return String(decoding: output, as: UTF8.self)
  }

  private func plan(_ call: Int, _ fault: FaultPlan.Fault) -> FaultPlan {
    FaultPlan(faults: [call: fault])
  }

  @Test(arguments: [1, 2, 3])
  func `a clock is moved once however often its group is tried`(call: Int) throws {
    let ledger = try ledger()
    let open = PlainRequest("account.open", ["card_no": "A", "idempotency_key": "o"])
    let move = PlainRequest("clock.advance", ["seconds": 60])
    let answers = try send(ledger, [move, open], plan(call, .busy))
    #expect(ledger.faultsStruck == 1)
    #expect(answers.contains(#""now":"2026-03-02T02:16:00.000Z""#))
    #expect(answers.contains(#""opened_at":"2026-03-02T02:16:00.000Z""#))
    #expect(try send(ledger, [PlainRequest("system.info")]).contains("02:16:00.000Z"))
  }

  @Test(arguments: [1, 2, 3, 4])
  func `bad codes are told of once however often the group that tells is tried`(
    call: Int
  ) throws {
    let ledger = try ledger()
    let rule: Plain = [
      "id": "forger", "kind": "code_failures", "subject": "terminal", "on": [],
      "severity": "high", "action": "alert", "suppress_seconds": 0, "window_seconds": 60,
      "min": 3,
    ]
    let program: Plain = ["anomaly": ["rules": [rule]]]
    _ = try send(
      ledger, [PlainRequest("program.set", ["program": program, "idempotency_key": "p"])])
    let bad = PlainRequest("coupon.verify", ["payload": "garbage", "terminal_id": "t"])
    _ = try send(ledger, [bad, bad, bad])
    let open = PlainRequest("account.open", ["card_no": "A", "idempotency_key": "o"])
    _ = try send(ledger, [bad, open], plan(call, .busy))
    #expect(ledger.faultsStruck == 1)
    let alerts = try send(ledger, [PlainRequest("alert.list")])
    #expect(alerts.contains(#""observed":3"#), "\(alerts)")
    let found = alerts.split(separator: #""rule_id":"forger""#).count - 1
    #expect(found == 1, "\(alerts)")
  }
}
