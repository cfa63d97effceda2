// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// Live alerts, those after a rebuild, and those of a backtest under the same rules are the same
/// bytes, whatever rules and requests there are (INV-21).
@Suite struct AlertHistoryTests {
  /// How many histories are played; SCRIP_ALERT_HISTORIES asks for more.
  private static let histories =
    getenv("SCRIP_ALERT_HISTORIES").flatMap { Int(String(cString: $0)) } ?? 14

  @Test(arguments: 0..<histories)
  func `live, rebuilt and backtested alerts of a random history are the same bytes`(
    number: Int
  ) throws {
    let seed = 0x5C21_9100 + UInt64(number)
    let comment: Comment = "seed \(seed)"
    let shop = try Shop()
    let rules = try Self.setRules(on: shop, seed: seed)
    var traffic = try opened(shop, seed: seed)
    for _ in 0..<25 { try play(&traffic, on: shop) }
    try shop.advance(seconds: 1000)
    let report = expectResult(try shop.ask("anomaly.backtest", ["rules": rules]))
    try shop.close()
    let live = try Watch.tail(shop.ledger)
    #expect(!live.isEmpty, comment)
    let bytes = "[" + (try live.map(Self.dataBytes)).joined(separator: ",") + "]"
    #expect(report["/alerts"]?.text == bytes, comment)
    #expect(report.int("/declined") == Int64(traffic.declined), comment)
    #expect(try Self.backtest(rules, shop).hasPrefix("{\"alerts\":\(bytes),"), comment)
    let rebuilt = try ScripBinary.run(["rebuild", "--data", shop.ledger.data])
    #expect(rebuilt.exit == .code(0), comment)
    #expect(try Watch.tail(shop.ledger) == live, comment)
    try shop.ledger.expectSound()
  }

  /// Sets random rules that a program takes.
  private static func setRules(on shop: Shop, seed: UInt64) throws -> JSONTree {
    var random = RandomRules(seed: seed)
    for _ in 0..<100 {
      let rules = random.next()
      let pin: JSONTree = ["max_attempts": 100, "lock_seconds": 60]
      let answer = try shop.set(["anomaly": ["rules": rules], "pin": pin])
      if answer.isResult { return rules }
    }
    throw HarnessFailure("no rules are taken, seed \(seed)")
  }

  private func opened(_ shop: Shop, seed: UInt64) throws -> WatchedTraffic {
    let campaign = try shop.campaign(["kind": "cash", "amount": 30])
    var traffic = WatchedTraffic(seed: seed ^ 0xA1E7, coupons: try shop.issue(campaign, 20))
    for card in WatchedTraffic.cards {
      let pin = WatchedTraffic.locked.contains(card) ? "1234" : nil
      try shop.open(card, pin: pin)
      // Small enough for most rules; those that decline it are part of the history.
      traffic.note([try shop.topUp(card, 5000)], to: [("topup.create", [:])])
    }
    return traffic
  }

  private func play(_ traffic: inout WatchedTraffic, on shop: Shop) throws {
    let requests = traffic.next()
    if traffic.oneIn(10) {
      // Another process serves these.
      let other = try shop.ledger.serve()
      traffic.note(try other.pipeline(requests), to: requests)
      _ = try other.finish()
    } else {
      traffic.note(try shop.engine.pipeline(requests), to: requests)
    }
    let seconds = traffic.pause()
    if seconds > 0 { try shop.advance(seconds: seconds) }
    if traffic.oneIn(12) { try shop.crash() }
  }

  /// The bytes of an event's `data`, its last member.
  private static func dataBytes(_ line: String) throws -> String {
    let parts = line.components(before: "\"data\":")
    let rest = try #require(parts, "no data: \(line)")
    return String(rest.dropLast())
  }

  private static func backtest(_ rules: JSONTree, _ shop: Shop) throws -> String {
    let file = shop.ledger.beside("rules.json")
    try Files.write(rules.text, to: file)
    let outcome = try ScripBinary.run([
      "backtest", "--data", shop.ledger.data, "--rules", file, "--json",
    ])
    #expect(outcome.exit == .code(0), "\(outcome.errors)")
    return outcome.output
  }
}

extension String {
  /// What stands behind the first occurrence of a mark; nil where there is none.
  fileprivate func components(before mark: String) -> Substring? {
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(mark) { return rest.dropFirst(mark.count) }
      rest = rest.dropFirst()
    }
    return nil
  }
}
