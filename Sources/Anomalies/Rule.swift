// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// One rule of the program's `anomaly` section (contract §7).
package struct Rule: Hashable, Sendable {
  /// 1–64 characters; no two rules of a program share it, nor its bits in an alert's id.
  package let id: String
  package let test: Test
  package let subject: SubjectKind
  /// The kinds of entries it looks at, ascending; none for `code_failures`.
  package let kinds: [EntryKind]
  package let severity: AlertSeverity
  package let action: AlertAction
  /// Counted from the alert; 0 … 31,536,000.
  package let suppressSeconds: Int64
  package let isEnabled: Bool

  package init(
    id: String, test: Test, subject: SubjectKind, kinds: [EntryKind],
    severity: AlertSeverity = .medium, action: AlertAction = .alert, suppressSeconds: Int64 = 0,
    isEnabled: Bool = true
  ) {
    self.id = id
    self.test = test
    self.subject = subject
    self.kinds = kinds.sorted { $0.rawValue < $1.rawValue }
    self.severity = severity
    self.action = action
    self.suppressSeconds = suppressSeconds
    self.isEnabled = isEnabled
  }

  /// The bits by which an alert's id names the rule.
  package var bits: UInt32 { AlertID.bits(ofRule: id) }

  /// What a rule measures, and from what on it hits.
  package enum Test: Hashable, Sendable {
    case amount(min: Amount)
    case count(window: Int64, min: Int64)
    case sum(window: Int64, min: Amount)
    case timeOfDay(DailySpan)
    case pinFailures(window: Int64, min: Int64)
    case distinctTerminals(window: Int64, min: Int64)
    /// Spent of a top-up of `min` or more, this soon after it.
    case drain(within: Int64, rate: BasisPoints, min: Amount = Amount(1))
    /// Against the mean of all the subject's earlier entries.
    case deviation(factor: BasisPoints, minHistory: Int64)
    case codeFailures(window: Int64, min: Int64)

    package var cause: AlertCause {
      switch self {
      case .amount: .amount
      case .count: .count
      case .sum: .sum
      case .timeOfDay: .timeOfDay
      case .pinFailures: .pinFailures
      case .distinctTerminals: .distinctTerminals
      case .drain: .drain
      case .deviation: .deviation
      case .codeFailures: .codeFailures
      }
    }
  }
}

/// A span of the day, [from, to) by the clocks on the wall of the ledger's zone.
///
/// One that ends at or before it begins runs over midnight and belongs to the weekday it begins on.
package struct DailySpan: Hashable, Sendable {
  /// Minutes since 00:00: 0 … 1439.
  package let from: Int
  /// Minutes since 00:00: 1 … 1440; differs from `from`.
  package let to: Int
  /// A bit for each weekday that it may begin on, 1 Monday … 7 Sunday; none means any.
  private let weekdays: UInt8

  /// `weekdays` from 1 Monday to 7 Sunday, traps for others; empty means any.
  package init(from: Int, to: Int, weekdays: [Int] = []) {
    precondition(weekdays.allSatisfy { (1...7).contains($0) }, "a week has seven days")
    self.from = from
    self.to = to
    self.weekdays = weekdays.reduce(0) { $0 | 1 << UInt8($1) }
  }

  package func contains(_ time: WallTime) -> Bool {
    let minute = time.millisecondsOfDay / 60_000
    if weekdays == 0 {
      return from < to ? minute >= from && minute < to : minute >= from || minute < to
    }
    let weekday = BusinessDate(daysSince1970: time.date.daysSince1970).weekday
    let beginsToday = isOn(weekday) && minute >= from
    if from < to { return beginsToday && minute < to }
    return beginsToday || (isOn(weekday == 1 ? 7 : weekday - 1) && minute < to)
  }

  private func isOn(_ weekday: Int) -> Bool { weekdays == 0 || weekdays & 1 << weekday != 0 }
}
