// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// Outlets, and what every way to the alerts agrees on (T92, T93).
@Suite struct AlertOutletTests {
  /// How many alerts the delivery tests raise; SCRIP_ALERTS asks for more.
  private static let alerts = getenv("SCRIP_ALERTS").flatMap { Int(String(cString: $0)) } ?? 400

  private func raise(_ count: Int, on shop: Shop, from first: Int = 0) throws {
    let requests = (first..<first + count).map { number in
      (
        method: "debit.create",
        params: ["card_no": "C1", "amount": 100, "idempotency_key": .string("a\(number)")]
          as JSONTree
      )
    }
    for answer in try shop.engine.pipeline(requests) { expectResult(answer) }
  }

  @Test func `live, rebuilt and backtested alerts are the same bytes`() throws {
    let rules = [Watch.large(90, suppress: 30), Watch.burst(3, suppress: 100)]
    let shop = try Shop(["anomaly": ["rules": .array(rules)]])
    try shop.open("C1", topUp: 100_000)
    for round in 0..<40 {
      _ = try shop.spend("C1", 60 + round)
      try shop.advance(seconds: round % 7 * 5)
    }
    try shop.advance(seconds: 500)
    let report = try shop.ask("anomaly.backtest", ["rules": .array(rules)])
    try shop.close()
    let live = try Watch.tail(shop.ledger)
    #expect(live.count > 10)
    let data = try JSONTree.array(live.map { try Watch.data($0) })
    #expect(report["/alerts"] == data)
    let rebuilt = try ScripBinary.run(["rebuild", "--data", shop.ledger.data])
    #expect(rebuilt.exit == .code(0))
    #expect(try Watch.tail(shop.ledger) == live)
    try shop.ledger.expectSound()
    // From a cursor, and from a number.
    #expect(try Watch.tail(shop.ledger, ["--from-seq", "4"]) == Array(live.dropFirst(3)))
    let cursor = ["--cursor-file", shop.ledger.beside("cursor")]
    #expect(try Watch.tail(shop.ledger, cursor) == live)
    #expect(try Watch.tail(shop.ledger, cursor) == [])
  }

  @Test func `a regular file gets every alert once over kills of the engine`() throws {
    let ledger = try TestLedger()
    let file = ledger.beside("alerts.ndjson")
    let shop = try Shop(Watch.program(Watch.large(100)), serve: ["--alerts-file", file])
    try shop.open("C1", topUp: 10_000_000)
    try raise(Self.alerts, on: shop)
    try shop.engine.kill9()
    try shop.restartAfterEnd()
    try shop.restart(["--alerts-file", file])
    try shop.close()
    let written = Watch.lines(Files.text(of: file) ?? "")
    var seen: Set<String> = []
    let firsts = written.filter { seen.insert($0).inserted }
    #expect(firsts == (try Watch.tail(shop.ledger)))
    #expect(firsts.count == Self.alerts)
  }

  @Test func `a FIFO nobody reads holds up nothing, and its reader gets all`() throws {
    let ledger = try TestLedger()
    let fifo = ledger.beside("alerts.fifo")
    #expect(mkfifo(fifo, 0o600) == 0)
    let shop = try Shop(Watch.program(Watch.large(100)), serve: ["--alerts-file", fifo])
    try shop.open("C1", topUp: 10_000_000)
    try raise(Self.alerts, on: shop)
    let reader = try ChildProcess("/bin/cat", [fifo])
    let lines = try reader.lines(within: 20, enough: Self.alerts)
    // It dies; what comes now waits for the next one.
    try reader.kill9()
    try raise(5, on: shop, from: Self.alerts)
    let next = try ChildProcess("/bin/cat", [fifo])
    var later = try next.lines(within: 5, enough: 5)
    if later.count == 5 { later += try next.lines(within: 0.3) }
    var seen: Set<String> = []
    let all = (lines + later).map { String(decoding: $0, as: UTF8.self) }
      .filter { seen.insert($0).inserted }
    try shop.close()
    #expect(all == (try Watch.tail(shop.ledger)))
    #expect(all.count == Self.alerts + 5)
  }

  @Test func `a storm of one cause is one alert with the true count`() throws {
    let shop = try Shop(Watch.program(Watch.large(100, suppress: 600)))
    try shop.open("C1", topUp: 10_000_000)
    try raise(Self.alerts, on: shop)
    try shop.advance(seconds: 601)
    pause(seconds: 0.3)
    try shop.close()
    let events = try Watch.tail(shop.ledger).map { try Watch.data($0) }
    #expect(events.count == 2)
    #expect(events.last?["count"]?.integer == Int64(Self.alerts))
    #expect(events.last?["final"] == true)
  }

  @Test func `subscribers get events between answers, from the number they ask for`() throws {
    let shop = try Shop(Watch.program(Watch.large(100)))
    try shop.open("C1", topUp: 10_000)
    _ = try shop.spend("C1", 100)
    _ = try shop.spend("C1", 100)
    _ = try shop.engine.start("alert.subscribe", ["from_seq": 2])
    _ = try shop.engine.start(
      "debit.create", ["card_no": "C1", "amount": 100, "idempotency_key": "x"])
    let lines = try shop.engine.child.lines(within: 10, enough: 4)
      .map { String(decoding: $0, as: UTF8.self) }
    let events = lines.filter { $0.contains("\"alert.raised\"") }
    #expect(events.count == 2)
    let tail = try Watch.tail(shop.ledger)
    for (event, line) in zip(events, tail.dropFirst()) {
      #expect(event == "{\"jsonrpc\":\"2.0\",\"method\":\"alert.raised\",\"params\":\(line)}")
    }
    try shop.close()
  }

  @Test func `cron is told by the exit code`() throws {
    let shop = try Shop(Watch.program(Watch.burst(1)))
    try shop.open("C1", topUp: 10_000)
    _ = try shop.spend("C1", 100)
    func check(_ severity: String) throws -> ChildProcess.Exit {
      try ScripBinary.run([
        "alerts", "check", "--data", shop.ledger.data, "--since", "1h", "--fail-on", severity,
      ]).exit
    }
    #expect(try check("high") == .code(2))
    #expect(try check("critical") == .code(0))
    try shop.close()
  }
}
