// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
package import LedgerCore
import Program
import Store
import StoredValue

// What the rules of the program say of an entry is said by that entry, so that it is durable with
// its cause or not at all.
extension Engine {
  /// How many alerts one entry ends at most.
  static var endingLimit: Int { 256 }

  /// Appends the last news of all alerts that have ended by `now`: before anything else that is
  /// dated `now`, so that the outbox is in order.
  func endAlerts(by now: Instant, in working: WorkingSet) throws(StoreError) {
    while true {
      let endings = try working.alertEndings(by: now, limit: Self.endingLimit)
      guard !endings.isEmpty else { return }
      try store.append(
        Entry(
          id: working.head.next, at: now, date: calendar.date(at: now), kind: .alertsEnded,
          account: nil, programVersion: programVersion,
          changes: endings.map { .alertUpdated($0) }, after: nil, request: nil),
        person: nil)
    }
  }

  /// Appends what was decided with what the rules say of it; answers what it has become.
  func append(watching decided: Decided, at desk: Desk) throws(StoreError) -> Decision {
    let working = desk.working
    guard !working.detector.isIdle else {
      for entry in decided.decision.entries { try append(entry, decided) }
      return decided.decision
    }
    guard case .accepted(let entries) = decided.decision, let answer = entries.last else {
      for entry in decided.decision.entries {
        try append(try saying(entry, judge(Attempt(entry), in: working)), decided)
      }
      return decided.decision
    }
    if entries.count > 1 {
      // An opening stands or falls with its top-up, so that is judged before either is appended.
      if entries.first?.kind == .open {
        let judgement = try judge(Attempt(answer).numbered(working.head.next), in: working)
        if let rule = judgement.declinedBy {
          return try decline(answer, by: rule, judgement, at: desk, opening: true)
        }
      }
      for entry in entries.dropLast() {
        try append(try saying(entry, judge(Attempt(entry), in: working)), decided)
      }
    }
    let judgement = try judge(Attempt(answer), in: working)
    if let rule = judgement.declinedBy, answer.linked(.opens) == nil {
      return try decline(answer, by: rule, judgement, at: desk, opening: false)
    }
    guard !judgement.changes.isEmpty else {
      try append(answer, decided)
      return decided.decision
    }
    let said = try saying(answer, judgement)
    try append(said, decided)
    return .accepted(entries.dropLast() + [said])
  }

  private func append(_ entry: Entry, _ decided: Decided) throws(StoreError) {
    try store.append(entry, person: entry.kind == .open ? decided.person : nil)
  }

  private func judge(
    _ attempt: Attempt, in working: WorkingSet
  ) throws(StoreError) -> Judgement {
    let sequence = working.alertSequence
    let detector = working.detector
    guard detector.watches(attempt.kind) else { return Judgement(sequence: sequence) }
    return try detector.judge(
      attempt, after: sequence, in: working,
      wall: { calendar.wallTime(at: $0) })
  }

  /// The entry with what is said of it; a card that a rule freezes is frozen by it.
  private func saying(_ entry: Entry, _ judgement: Judgement) throws(StoreError) -> Entry {
    guard !judgement.changes.isEmpty else { return entry }
    guard judgement.freezes, entry.kind == .pinFailed, let id = entry.account,
      let frozen = entry.after?.status.frozenByRule
    else { return entry.adding(judgement.changes, after: entry.after) }
    let said = entry.adding(
      judgement.changes + [.statusChanged(frozen)], after: entry.after)
    var account = try working.account(id)
    do {
      try Account.apply(said, to: &account)
    } catch {
      preconditionFailure("decided what the state does not allow: \(error.reason)")
    }
    let after = account?.snapshot(
      at: entry.at, date: entry.date, under: program.storedValue.spending)
    return entry.adding(judgement.changes + [.statusChanged(frozen)], after: after)
  }

  /// Appends, in place of what was attempted, that a rule has declined it.
  private func decline(
    _ attempted: Entry, by rule: Rule, _ judgement: Judgement, at desk: Desk, opening: Bool
  ) throws(StoreError) -> Decision {
    let declined = Change.attemptDeclined(
      Change.DeclinedAttempt(kind: attempted.kind, account: attempted.account))
    let entry: Entry
    if !opening, let id = attempted.account, let account = try working.account(id) {
      let context = DecisionContext(
        now: desk.now, calendar: calendar, rules: program.storedValue,
        programVersion: programVersion, nextEntry: working.head.next, origin: attempted.origin,
        reason: attempted.reason)
      var draft = Draft(.declined, id: context.nextEntry, on: account, in: context)
      draft.amount = attempted.amount
      // A right PIN was given all the same.
      for change in attempted.changes {
        switch change {
        case .pinCleared, .pinSet: draft.record(change)
        default: break
        }
      }
      draft.record(declined)
      for change in judgement.changes { draft.record(change) }
      if judgement.freezes, let frozen = account.status.frozenByRule {
        draft.record(.statusChanged(frozen))
      }
      entry = draft.finish(answering: nil)
    } else {
      entry = Entry(
        id: working.head.next, at: attempted.at, date: attempted.date, kind: .declined,
        account: nil, programVersion: attempted.programVersion, origin: attempted.origin,
        reason: attempted.reason, amount: attempted.amount,
        changes: [declined] + judgement.changes, after: nil, request: nil)
    }
    try store.append(entry, person: nil)
    var details: [Refusal.Detail] = [
      .init("rule_id", .text(rule.id)), .init("action", .text(rule.action.name)),
    ]
    for case .alertRaised(let raise) in judgement.changes where raise.rule == rule.id {
      details.append(.init("alert_id", .text(AlertID(entry: entry.id, rule: rule.bits).text)))
    }
    return .refused(Refusal(.declinedByRule, details: details), recording: [entry])
  }

  /// A scanner gave a payload that is forged or damaged: counted in memory, and written by the
  /// next sweep where a rule's threshold is reached.
  package func noteBadPayload(from origin: Origin) {
    codes.follow(program.anomalyRules)
    guard !codes.isIdle else { return }
    codeReports += codes.note(at: now, from: origin)
  }

  /// When counted payloads are to be written though no more come, at the earliest.
  package var nextCodeReport: Instant? { codes.nextFlush }

  func writeCodeReports(at now: Instant) throws(StoreError) {
    if codes.nextFlush.map({ $0 <= now }) ?? false { codeReports += codes.flush(at: now) }
    let reports = codeReports
    codeReports = []
    for report in reports {
      let entry = Entry(
        id: working.head.next, at: now, date: calendar.date(at: now), kind: .codeFailures,
        account: nil, programVersion: programVersion, origin: report.origin,
        changes: [.codesFailed(report.failures)], after: nil, request: nil)
      let judgement = try judge(Attempt(entry), in: working)
      // Hits that waited for their minute, and whose alert is over by now.
      if judgement.changes.isEmpty { continue }
      try store.append(try saying(entry, judgement), person: nil)
    }
  }
}
