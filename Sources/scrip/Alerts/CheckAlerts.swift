// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Glibc
import LedgerCore
import Store

/// `scrip alerts check`: for cron; exit code 2 when there were alerts.
struct CheckAlerts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Lists recent alerts and ends with exit code 2 if one is severe enough.",
    discussion: """
      --since takes a span back from now, such as 30m, 1h or 7d, or an RFC 3339 time; on a test \
      ledger the span counts back from its newest entry. Prints a line for each alert raised \
      since then of the severity --fail-on or above, and nothing when there is none.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Option(help: "From when on: 90s, 30m, 1h, 7d or an RFC 3339 time.")
  var since: String

  @Option(help: "The least severity that counts: low, medium, high or critical.")
  var failOn = "low"

  func run() throws {
    var isGood = true
    try scrip.run { () throws(Failure) in isGood = try check() }
    if !isGood { throw ExitCode(2) }
  }

  private func check() throws(Failure) -> Bool {
    guard let least = AlertSeverity.allCases.first(where: { $0.name == failOn }) else {
      throw .usage("--fail-on takes low, medium, high or critical")
    }
    _ = try ledger.identity()
    var found: [AlertEvent] = []
    do {
      let start = try start()
      let outbox = try LedgerPlace(ledger.data).outbox(from: 1)
      while true {
        let part = try outbox.read(entries: 1000)
        found += part.events.filter {
          $0.update == nil && $0.raise.severity >= least && $0.raisedBy.at >= start
        }
        if part.isAtEnd { break }
      }
    } catch let failure as Failure {
      throw failure
    } catch let error as StoreError {
      throw Failure(error)
    } catch {
      preconditionFailure("nothing else is thrown")
    }
    guard !found.isEmpty else { return true }
    var table = TextTable(
      ["SEQ", "TIME", "SEVERITY", "ACTION", "RULE", "SUBJECT", "OBSERVED", "THRESHOLD", "ALERT"],
      rightAligned: [0, 6, 7])
    for event in found {
      let raise = event.raise
      table.add([
        String(raise.sequence), event.raisedBy.at.text, raise.severity.name, raise.action.name,
        raise.rule, "\(raise.subject.kind.name) \(raise.subject.text)", String(raise.observed),
        String(raise.threshold), event.alertID.text,
      ])
    }
    try StandardOutput.write(table.text)
    return false
  }

  private func start() throws -> Instant {
    if let instant = Instant(text: since) { return instant }
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = since.last.flatMap({ units[$0] }), let count = Int64(since.dropLast()),
      (1...1_000_000).contains(count)
    else { throw Failure.usage("--since takes 90s, 30m, 1h, 7d or an RFC 3339 time") }
    let inspection = try LedgerPlace(ledger.data).inspection()
    var now = OpenedLedger.wallClock()
    if inspection.identity.isTest {
      let last = inspection.head.sequence - 1
      now = Instant(milliseconds: try inspection.rows(after: last, limit: 1).last?.at ?? 0)
    }
    return Instant(milliseconds: now.milliseconds - count * unit * 1000)
  }
}
