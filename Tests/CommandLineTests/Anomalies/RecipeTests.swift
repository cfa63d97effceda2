// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// The recipes of spec/alert-recipes.md, as they are written there.
@Suite struct AlertRecipeTests {
  private static let page: String? = {
    let root = #filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/" + $1 }
    return Files.text(of: root + "/spec/alert-recipes.md")
  }()

  /// The text of the n-th code block in this language, for this ledger.
  private func block(_ number: Int, _ language: String, _ ledger: TestLedger) throws -> String {
    let page = try #require(Self.page)
    let blocks = page.components("```" + language + "\n").dropFirst()
    let text = try #require(blocks.dropFirst(number).first?.components("```").first)
    let binary = try ScripBinary.path()
    return text.replacing("scrip alerts", with: "\(binary) alerts")
      .replacing("scrip serve", with: "\(binary) serve").replacing("DIR", with: ledger.data)
  }

  private func has(_ command: String) -> Bool { access("/usr/bin/" + command, X_OK) == 0 }

  private func shop() throws -> Shop {
    let shop = try Shop(
      Watch.program(Watch.large(100)), serve: ["--store-id", "S1", "--terminal-id", "T1"])
    try shop.open("C1", topUp: 10_000)
    _ = try shop.spend("C1", 100)
    return shop
  }

  @Test func `jq on the pipe`() throws {
    guard has("jq") else { return }
    let shop = try shop()
    let script = try block(0, "sh", shop.ledger)
    let pipe = try ChildProcess("/bin/sh", ["-c", script])
    let lines = try pipe.lines(within: 20, enough: 1).map { String(decoding: $0, as: UTF8.self) }
    #expect(lines.first?.contains("\tcritical\tlarge\tlarge: account acc_") == true)
    try pipe.kill9()
    try shop.close()
  }

  @Test func `an array for Alertmanager`() throws {
    guard has("jq") else { return }
    let shop = try shop()
    let script = try block(2, "sh", shop.ledger)
    let pipe = try ChildProcess("/bin/sh", ["-c", script])
    let line = try #require(try pipe.line())
    let array = JSONTree(try JSONDocument.parse(line).root)
    guard case .array(let alerts) = array else { throw HarnessFailure("no array") }
    #expect(alerts.count == 1)
    #expect(alerts.first?["labels"]?["alertname"] == "large")
    #expect(alerts.first?["labels"]?["severity"] == "critical")
    #expect(alerts.first?["startsAt"]?.string?.hasSuffix("Z") == true)
    try shop.close()
  }

  @Test func `a FIFO to logger, and the units name what exists`() throws {
    let ledger = try TestLedger()
    let fifo = try block(1, "sh", ledger)
    #expect(fifo.contains("mkfifo -m 600") && fifo.contains("--alerts-file /run/scrip-alerts"))
    let unit = try block(1, "ini", ledger)
    #expect(unit.contains("alerts tail --data \(ledger.data) --follow --cursor-file"))
    // What the unit starts: a tail that keeps its place, over a connection.
    guard has("systemd-socket-activate") else { return }
    #expect(try block(0, "ini", ledger).contains("Accept=yes"))
  }
}

extension String {
  /// The parts between occurrences of a separator.
  fileprivate func components(_ separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
  }

  fileprivate func replacing(_ text: String, with other: String) -> String {
    components(text).joined(separator: other)
  }
}
