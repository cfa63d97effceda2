// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import JSON

/// What it costs a debit that nobody reads the alerts: a pipe that is full and stays so.
final class AlertsWorkload: Workload {
  static let name = "alerts"
  static let summary = "debits of which one in ten raises an alert, unread beside not sent"

  private let seconds: Double
  private let quiet: BenchEngine
  private let unread: BenchEngine
  private var quietDebits: DebitRequests
  private var unreadDebits: DebitRequests
  /// Our end of the pipe, which is never read.
  private let end: Int32

  init(_ ground: BenchGround) throws(Failure) {
    let settings = ground.settings
    seconds = settings.seconds
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .io("cannot make a pipe: \(systemReason())") }
    // Above 3, so that neither is in the way of the child's descriptor 3.
    let writing = fcntl(ends[1], F_DUPFD_CLOEXEC, 16)
    end = fcntl(ends[0], F_DUPFD_CLOEXEC, 16)
    for descriptor in ends { close(descriptor) }
    quiet = try ground.engine("alerts-quiet")
    unread = try ground.engine("alerts-unread", arguments: ["--alerts-fd", "3"], alerts: writing)
    close(writing)
    let rule: JSONTree = [
      "id": "bench", "kind": "amount", "subject": "account", "on": ["debit"], "min": 1_900,
      "severity": "low", "action": "alert",
    ]
    for engine in [quiet, unread] {
      _ = try engine.change(
        "program.set", ["program": ["anomaly": ["rules": .array(ShopRules.rules + [rule])]]])
    }
    let cards = 0..<settings.cards
    quietDebits = DebitRequests(clock: quiet.clock, cards: cards, seed: 72)
    unreadDebits = DebitRequests(clock: unread.clock, cards: cards, seed: 72)
  }

  func round(into results: inout Results) throws(Failure) {
    for window in [1, 64] {
      results.add(
        "alerts not sent \(window)",
        try quiet.run(window: window, seconds: seconds, &quietDebits))
      results.add(
        "alerts unread \(window)",
        try unread.run(window: window, seconds: seconds, &unreadDebits))
    }
  }

  func finish(into results: inout Results) throws(Failure) {
    close(end)
    try quiet.process.finish()
    try unread.process.finish()
  }
}
