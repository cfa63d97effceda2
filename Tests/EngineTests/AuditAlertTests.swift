// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import Store
import Testing

@testable import Engine

/// Alerts recomputed (INV-21): what is missing, altered or made up is named.
@Suite struct AuditAlertTests {
  private static let program = """
    {"anomaly":{"rules":[\
    {"id":"burst","kind":"count","min":2,"on":["debit"],"suppress_seconds":90,"window_seconds":60},\
    {"action":"decline","id":"large","kind":"amount","min":500,"on":["debit"]}]}}
    """

  /// A card, two debits and a third, one that is declined, and the end of the alert.
  private func ledger() throws -> AuditedLedger {
    let till = try AuditTill()
    try till.setProgram(Self.program)
    let card = try till.open("c", topUp: 10_000)
    for _ in 0..<3 { try till.debit(card, 10) }
    try till.refuse(
      CreateDebit(name: .id(card), amount: Amount(600), pin: nil, allowPartial: false),
      .declinedByRule)
    try till.pass(seconds: 300)
    try till.debit(card, 10)
    return try till.ledger()
  }

  private func problems(
    _ kind: EntryKind, _ n: Int, _ edit: ([Change]) -> [Change]
  ) throws -> [String] {
    var ledger = try ledger()
    let index = try ledger.index(of: kind, n)
    let entry = try ledger.entry(index)
    var edited = ForgedEntry(entry)
    edited.changes = edit(entry.changes)
    ledger.replace(index, by: edited.entry)
    ledger.relink(from: index)
    ledger.dropFold()
    return try ledger.audit().filter { $0.invariant == 21 }.map(\.description)
  }

  @Test func `a ledger with alerts, a declined attempt and an end is silent`() throws {
    let ledger = try ledger()
    let kinds = try ledger.rows.map { try $0.entry().kind }
    #expect(kinds.contains(.declined) && kinds.contains(.alertsEnded))
    #expect(try ledger.audit().map(\.description) == [])
  }

  @Test func `an alert that is missing is named`() throws {
    let found = try problems(.debit, 1) { $0.filter { $0.alertSubject == nil } }
    #expect(found.count == 1)
    #expect(found.first?.contains("1 that the rules make") == true)
  }

  @Test func `a hit that was not counted is named`() throws {
    let found = try problems(.debit, 2) { $0.filter { $0.alertSubject == nil } }
    #expect(found.count == 1)
  }

  @Test func `an alert that says less is named`() throws {
    let found = try problems(.debit, 1) { changes in
      changes.map { change in
        guard case .alertRaised(let raise) = change else { return change }
        return .alertRaised(
          Change.AlertRaise(
            sequence: raise.sequence, rule: raise.rule, cause: raise.cause,
            subject: raise.subject, severity: .low, action: raise.action,
            windowStart: raise.windowStart, observed: 1, threshold: raise.threshold,
            evidence: raise.evidence, suppressedUntil: raise.suppressedUntil))
      }
    }
    #expect(found.count == 1)
  }

  @Test func `an end that counts wrongly is named`() throws {
    let found = try problems(.alertsEnded, 0) { changes in
      changes.map { change in
        guard case .alertUpdated(let update) = change else { return change }
        return .alertUpdated(
          Change.AlertUpdate(
            sequence: update.sequence, alert: update.alert, id: update.id, number: update.number,
            subject: update.subject, count: update.count + 1, observed: update.observed,
            newest: update.newest, at: update.at, isFinal: true))
      }
    }
    #expect(found.count == 1)
  }
}
