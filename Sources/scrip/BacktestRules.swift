// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import ArgumentParser
import Engine
import EngineRPC
import Glibc
import JSON
import LedgerCore
import Program
import Store

/// `scrip backtest`: what proposed rules would have done.
struct BacktestRules: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Runs proposed anomaly rules over the journal and reports what they would raise.",
    discussion: """
      --rules names a JSON file: an array of rules, or a program with its anomaly section. Prints \
      a table by rule and by day; with --json the object that anomaly.backtest answers, alerts \
      included. Only reads, and may run while tills do.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Option(help: "The file with the rules.", completion: .file())
  var rules: String

  @Option(help: "Tell of nothing before this RFC 3339 time.")
  var from: String?

  @Option(help: "Stop before this RFC 3339 time.")
  var to: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try scrip.run { () throws(Failure) in try test() }
  }

  private func test() throws(Failure) {
    let plan = BacktestPlan(
      rules: try readRules(), from: try instant(from, "--from"), to: try instant(to, "--to"))
    let calendar = try OpenedLedger.calendar(try ledger.identity())
    let report: Backtest.Report
    do {
      let inspection = try LedgerPlace(ledger.data).inspection()
      let all = inspection.head.sequence
      let line = ProgressLine()
      defer { line.clear() }
      report = try Backtest(plan, over: inspection, calendar: calendar).run {
        line.show($0, of: all)
      }
    } catch {
      throw Failure(error)
    }
    if json {
      try StandardOutput.write(report.json + [UInt8(ascii: "\n")])
    } else {
      try write(report)
    }
  }

  private func instant(_ text: String?, _ option: String) throws(Failure) -> Instant? {
    guard let text else { return nil }
    guard let instant = Instant(text: text) else {
      throw .usage("\(option) takes an RFC 3339 time, such as 2026-01-31T08:00:00Z")
    }
    return instant
  }

  private func readRules() throws(Failure) -> [Rule] {
    let bytes = try WholeFile.read(rules, atMost: 1 << 20)
    guard let document = try? JSONDocument.parse(bytes) else {
      throw .data("\(rules) is not JSON")
    }
    let root = document.root
    guard let value = root.kind == .array ? root : root["anomaly"]?["rules"] ?? root["rules"] else {
      throw .data("\(rules) holds neither an array of rules nor a program with some")
    }
    do {
      return try Program.decodeRules(value)
    } catch {
      throw .data("\(rules): \(error.field) \(error.message)")
    }
  }

  private func write(_ report: Backtest.Report) throws(Failure) {
    let numbers: Set<Int> = [1, 2, 3, 4]
    var byRule = TextTable(
      ["RULE", "ALERTS", "UPDATES", "HITS", "DECLINED"], rightAligned: numbers)
    for (rule, tally) in report.byRule { byRule.add(Self.row(rule.id, tally)) }
    try StandardOutput.write(byRule.text)
    if !report.byDay.isEmpty {
      var byDay = TextTable(
        ["DAY", "ALERTS", "UPDATES", "HITS", "DECLINED"], rightAligned: numbers)
      for (date, tally) in report.byDay { byDay.add(Self.row(date.text, tally)) }
      try StandardOutput.write("\n" + byDay.text)
    }
    let alerts = report.byRule.reduce(Int64(0)) { $0 + $1.tally.alerts }
    try StandardOutput.write(
      "\n\(counted(report.entries, "entry", "entries")), \(counted(alerts, "alert", "alerts")), "
        + "\(report.declined) declined")
  }

  private static func row(_ name: String, _ tally: Backtest.Tally) -> [String] {
    [name] + [tally.alerts, tally.updates, tally.hits, tally.declined].map { String($0) }
  }
}

/// A file read as a whole.
enum WholeFile {
  static func read(_ path: String, atMost limit: Int) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .io("cannot open \(path): \(systemReason())") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw .io("cannot read \(path): \(systemReason())") }
      if count == 0 { return bytes }
      bytes += buffer[0..<count]
      guard bytes.count <= limit else { throw .data("\(path) is too long") }
    }
  }
}
