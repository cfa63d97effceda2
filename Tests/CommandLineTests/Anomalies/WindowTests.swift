// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Exact windows through the binary (T91).
@Suite struct AlertWindowTests {
  @Test func `the threshold is met by the entry that reaches it`() throws {
    let shop = try Shop(Watch.program(Watch.burst(3)))
    try shop.open("C1", topUp: 10_000)
    #expect(try shop.spend("C1", 1) == [])
    #expect(try shop.spend("C1", 1) == [])
    #expect(try shop.spend("C1", 1) == ["burst"])
    try shop.close()
  }

  @Test(arguments: [("59.999", true), ("60.000", false)])
  func `a window is exact to the millisecond`(second: String, hits: Bool) throws {
    let shop = try Shop(Watch.program(Watch.burst(2)), clock: "2026-03-02T02:00:00.000Z")
    try shop.open("C1", topUp: 10_000)
    #expect(try shop.spend("C1", 1) == [])
    try shop.setClock(second == "60.000" ? "2026-03-02T02:01:00.000Z" : "2026-03-02T02:00:59.999Z")
    #expect(try shop.spend("C1", 1) == (hits ? ["burst"] : []))
    try shop.close()
  }

  @Test func `a threshold is reached over a restart, a kill and another process`() throws {
    let shop = try Shop(Watch.program(Watch.burst(4)))
    try shop.open("C1", topUp: 10_000)
    #expect(try shop.spend("C1", 1) == [])
    try shop.restart()
    #expect(try shop.spend("C1", 1) == [])
    try shop.crash()
    #expect(try shop.spend("C1", 1) == [])
    let other = try shop.ledger.serve()
    let answer = try other.request(
      "debit.create", ["card_no": "C1", "amount": 1, "idempotency_key": "other"])
    #expect(answer["/alerts/0/observed"] == 4)
    _ = try other.finish()
    try shop.close()
  }

  @Test func `a clock that is set back counts as standing still`() throws {
    let shop = try Shop(Watch.program(Watch.burst(3)), clock: "2026-03-02T02:00:00Z")
    try shop.open("C1", topUp: 10_000)
    try shop.setClock("2026-03-02T02:10:00Z")
    #expect(try shop.spend("C1", 1) == [])
    _ = try shop.engine.finish()
    // The next process starts behind the newest entry: ledger time stays at that.
    try shop.restartAfterEnd()
    let back = try shop.ledger.serve(clock: "2026-03-02T02:00:00Z")
    for key in ["b1", "b2"] {
      let answer = try back.request(
        "debit.create", ["card_no": "C1", "amount": 1, "idempotency_key": .string(key)])
      #expect(answer["/alerts/0/rule_id"] == (key == "b2" ? "burst" : nil))
    }
    _ = try back.finish()
    try shop.close()
  }

  @Test func `a rule set later looks back into the journal`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    for _ in 0..<4 { _ = try shop.spend("C1", 1) }
    try expectResult(shop.set(Watch.program(Watch.burst(5))))
    #expect(try shop.spend("C1", 1) == ["burst"])
    try shop.close()
  }

  /// Found by a random history: what another process had folded was passed over with its end.
  @Test func `the end of an alert is told by a process that only heard of it`() throws {
    let shop = try Shop(Watch.program(Watch.burst(1, suppress: 60)))
    try shop.open("C1", topUp: 10_000)
    let other = try shop.ledger.serve()
    for key in ["o1", "o2"] {
      expectResult(
        try other.request(
          "debit.create", ["card_no": "C1", "amount": 1, "idempotency_key": .string(key)]))
    }
    // A clean end folds all of it into the state.
    #expect(try other.finish().exit == .code(0))
    try shop.open("C2")
    try shop.advance(seconds: 100)
    try shop.open("C3")
    let events = try Watch.tail(shop.ledger).map { try Watch.data($0) }
    #expect(events.count == 2)
    #expect(events.last?["final"] == true && events.last?["count"] == 2)
    try shop.close()
  }

  @Test func `sideways guessing over many cards from one terminal is caught`() throws {
    let shop = try Shop(
      Watch.program([
        "id": "sideways", "kind": "pin_failures", "subject": "terminal", "on": [],
        "window_seconds": 600, "min": 10, "severity": "critical", "suppress_seconds": 600,
      ]), serve: ["--terminal-id", "T1"])
    for card in 0..<200 {
      try shop.open("C\(card)", topUp: 1000, pin: "1234")
    }
    for card in 0..<200 {
      let answer = try shop.change(
        "debit.create", ["card_no": .string("C\(card)"), "amount": 1, "pin": "0000"])
      expectRefusal(answer, "pin_incorrect")
      try shop.advance(seconds: 3)
    }
    let alerts = try shop.ask("alert.list")
    #expect(alerts["/alerts/0/subject"] == "T1")
    #expect(alerts["/alerts/0/data/count"] == 191)
    #expect(alerts["/alerts/1"] == nil)
    try shop.close()
  }

  /// T70, with the rules of a shop: 1,000 unknown codes within a minute.
  @Test func `code guessing at a scanner is caught within its window, and writes little`() throws {
    let shop = try Shop(ledger: ["--preset", "shop"])
    let ten = (0..<10).map { number in
      (
        method: "coupon.verify",
        params: ["payload": .string("guess \(number)"), "terminal_id": "T1"] as JSONTree
      )
    }
    for second in 0..<50 {
      for _ in 0..<2 {
        for answer in try shop.engine.pipeline(ten) { #expect(answer["/reason"] == "malformed") }
      }
      try shop.advance(seconds: 1)
      // The twentieth is told at once.
      let first = try shop.ask("alert.list")["/alerts/0/data/rule_id"]
      #expect(first == "code-guessing", "second \(second)")
    }
    // What was counted since is written within a minute, and told when the alert ends.
    for seconds in [60, 640] {
      try shop.advance(seconds: seconds)
      pause(seconds: 0.3)
    }
    let alerts = try shop.ask("alert.list")
    #expect(alerts["/alerts/0/subject"] == "T1" && alerts["/alerts/1"] == nil)
    #expect(alerts["/alerts/0/data/count"]?.integer ?? 0 > 1)
    #expect(try shop.ask("system.info").int("/entries") ?? 99 <= 6)
    try shop.close()
  }
}
