// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
package import LedgerCore
package import Store

/// Which rules are to be tried, over which part of the journal.
package struct BacktestPlan: Sendable {
  package let rules: [Rule]
  /// Alerts before are not told; windows reach back behind it all the same.
  package let from: Instant?
  package let to: Instant?

  package init(rules: [Rule], from: Instant? = nil, to: Instant? = nil) {
    self.rules = rules
    self.from = from
    self.to = to
  }
}

/// Proposed rules run over a journal: what they would have raised and declined.
///
/// Judges by the same code as live. What cannot be known is what else would have happened: an
/// attempt that the rules decline counts in no window, as live, but the entries that followed it
/// stay as they are.
package struct Backtest {
  private static let slice = 1000

  /// How often something happened.
  package struct Tally: Sendable {
    package internal(set) var alerts: Int64 = 0
    package internal(set) var updates: Int64 = 0
    package internal(set) var hits: Int64 = 0
    package internal(set) var declined: Int64 = 0
  }

  package struct Report: Sendable {
    package internal(set) var events: [AlertEvent] = []
    package internal(set) var declined: Int64 = 0
    /// How many entries were judged.
    package internal(set) var entries: Int64 = 0
    /// By rule, in the order of the rules.
    package internal(set) var byRule: [(rule: Rule, tally: Tally)]
    /// By business date, ascending; days on which nothing happened are left out.
    package internal(set) var byDay: [(date: BusinessDate, tally: Tally)] = []
  }

  private let inspection: any LedgerInspection
  private let plan: BacktestPlan
  private let calendar: BusinessCalendar

  package init(
    _ plan: BacktestPlan, over inspection: any LedgerInspection, calendar: BusinessCalendar
  ) {
    self.plan = plan
    self.inspection = inspection
    self.calendar = calendar
  }

  /// Runs it; `progress` is told now and then how many entries have been looked at.
  package func run(progress: ((Int64) -> Void)? = nil) throws(StoreError) -> Report {
    let calendar = calendar
    let rehearsal = Rehearsal(plan.rules) { calendar.wallTime(at: $0) }
    var run = Run(plan.rules)
    var cursor: Int64 = 0
    while true {
      let rows = try inspection.rows(after: cursor, limit: Self.slice)
      guard let last = rows.last else { break }
      for row in rows {
        let entry: Entry
        do throws(MalformedRecord) {
          entry = try row.entry()
        } catch {
          throw .damaged(entry: EntryID(row.sequence), reason: error.reason)
        }
        if let to = plan.to, entry.at >= to { return run.report }
        if let from = plan.from, entry.at < from {
          rehearsal.skip(entry)
        } else {
          run.take(entry, rehearsal.take(entry), calendar)
        }
      }
      cursor = last.sequence
      progress?(cursor)
    }
    return run.report
  }

  /// What has come of it so far.
  private struct Run {
    var report: Report
    /// The entries that raised alerts that may still have news.
    private var raisedBy: [AlertID: Entry] = [:]
    private var raises: [AlertID: Change.AlertRaise] = [:]
    private var ids: [Int64: AlertID] = [:]
    private let places: [UInt32: Int]

    init(_ rules: [Rule]) {
      report = Report(byRule: rules.map { ($0, Tally()) })
      places = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1.bits, $0) })
    }

    mutating func take(
      _ entry: Entry, _ verdict: Rehearsal.Verdict, _ calendar: BusinessCalendar
    ) {
      report.entries += 1
      for update in verdict.endings {
        tell(update, on: calendar.date(at: update.at))
        raisedBy[update.id] = nil
        raises[update.id] = nil
      }
      for change in verdict.judgement.changes {
        switch change {
        case .alertRaised(let raise):
          let id = AlertID(entry: entry.id, rule: AlertID.bits(ofRule: raise.rule))
          report.events.append(AlertEvent(raise: raise, raisedBy: entry, update: nil))
          if raise.suppressedUntil > entry.at {
            raisedBy[id] = entry
            raises[id] = raise
            ids[raise.sequence] = id
          }
          count(id.rule, on: entry.date) { tally in
            tally.alerts += 1
            tally.hits += 1
          }
        case .alertUpdated(let update):
          tell(update, on: entry.date)
          count(update.id.rule, on: entry.date) { $0.hits += 1 }
        case .alertCounted(let counted):
          guard let id = ids[counted.alert] else { continue }
          count(id.rule, on: entry.date) { $0.hits += 1 }
        default: break
        }
      }
      if let rule = verdict.judgement.declinedBy {
        report.declined += 1
        count(rule.bits, on: entry.date) { $0.declined += 1 }
      }
    }

    private mutating func tell(_ update: Change.AlertUpdate, on date: BusinessDate) {
      guard let entry = raisedBy[update.id], let raise = raises[update.id] else { return }
      report.events.append(AlertEvent(raise: raise, raisedBy: entry, update: update))
      count(update.id.rule, on: date) { $0.updates += 1 }
    }

    private mutating func count(
      _ rule: UInt32, on date: BusinessDate, _ change: (inout Tally) -> Void
    ) {
      if let place = places[rule] { change(&report.byRule[place].tally) }
      if let last = report.byDay.lastIndex(where: { $0.date <= date }) {
        if report.byDay[last].date == date {
          change(&report.byDay[last].tally)
        } else {
          var tally = Tally()
          change(&tally)
          report.byDay.insert((date, tally), at: last + 1)
        }
      } else {
        var tally = Tally()
        change(&tally)
        report.byDay.insert((date, tally), at: 0)
      }
    }
  }
}
