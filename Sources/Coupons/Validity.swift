// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// When the coupons of a campaign are good.
package struct Validity: Equatable, Sendable {
  /// From this instant on.
  package let from: Instant?
  /// Before this instant.
  package let until: Instant?
  /// 0 … 36,500: good until the midnight after so many days that follow the day of issue.
  package let daysAfterIssue: Int64?
  /// Empty: at any time of any day.
  package let windows: [DailyWindow]
  /// In order; on these days never.
  package let blackoutDates: [CivilDate]

  init(
    from: Instant? = nil, until: Instant? = nil, daysAfterIssue: Int64? = nil,
    windows: [DailyWindow] = [], blackoutDates: [CivilDate] = []
  ) {
    self.from = from
    self.until = until
    self.daysAfterIssue = daysAfterIssue
    self.windows = windows
    self.blackoutDates = blackoutDates
  }

  /// The first instant at which a coupon issued on this day is no longer good; nil: it has no end.
  ///
  /// - Parameters:
  ///   - date: the civil date, in the ledger's zone, on which it is issued.
  ///   - midnight: the instant at which a civil date begins in the ledger's zone.
  package func end(
    ofIssueOn date: CivilDate, midnight: (CivilDate) -> Instant
  ) -> Instant? {
    guard let days = daysAfterIssue else { return until }
    let dayAfter = CivilDate(daysSince1970: date.daysSince1970 + days + 1)
    let end = min(midnight(dayAfter), .latest)
    return until.map { min($0, end) } ?? end
  }

  /// What the time says to a coupon whose end is `end`.
  package func verdict(at moment: LocalMoment, end: Instant?) -> CouponValidity {
    if let end, moment.instant >= end { return .expired }
    if let until, moment.instant >= until { return .expired }
    if let from, moment.instant < from { return .notYetValid }
    if !windows.isEmpty, !windows.contains(where: { $0.contains(moment) }) {
      return .outsideWindow
    }
    return blackoutDates.contains(moment.date) ? .blackout : .fine
  }
}

/// What the time says to a coupon, in order of precedence.
package enum CouponValidity: Sendable, CaseIterable {
  case expired
  case notYetValid
  case outsideWindow
  case blackout
  case fine

  /// The reason for which a coupon cannot be used now; nil when it can.
  package var refusal: CouponRefusal? {
    switch self {
    case .expired: .expired
    case .notYetValid: .notYetValid
    case .outsideWindow: .outsideWindow
    case .blackout: .blackout
    case .fine: nil
    }
  }
}

/// A moment as the clocks on the wall of the ledger's zone show it.
package struct LocalMoment: Equatable, Sendable {
  package let instant: Instant
  /// The civil date; unlike the business date it begins at midnight.
  package let date: CivilDate
  /// What the clock shows, in milliseconds since 00:00: 0 … 86,399,999.
  package let millisecondsOfDay: Int64

  /// Traps for a time of day that no clock shows.
  package init(instant: Instant, date: CivilDate, millisecondsOfDay: Int64) {
    precondition((0..<86_400_000).contains(millisecondsOfDay), "no such time of day")
    self.instant = instant
    self.date = date
    self.millisecondsOfDay = millisecondsOfDay
  }

  /// 1 Monday … 7 Sunday.
  package var weekday: Int { BusinessDate(daysSince1970: date.daysSince1970).weekday }
}

/// A span of the day on some weekdays, [from, to) by the clock on the wall.
///
/// One that ends at or before it begins runs over midnight and belongs to the weekday it begins on.
package struct DailyWindow: Hashable, Sendable {
  /// 1 Monday … 7 Sunday, in order, at least one.
  package let weekdays: [Int]
  /// Minutes since 00:00: 0 … 1439.
  package let from: Int
  /// Minutes since 00:00: 0 … 1440; differs from `from`.
  package let to: Int

  package func contains(_ moment: LocalMoment) -> Bool {
    let (opens, closes) = (Int64(from) * 60_000, Int64(to) * 60_000)
    let time = moment.millisecondsOfDay
    let beginsToday = weekdays.contains(moment.weekday) && time >= opens
    if opens < closes { return beginsToday && time < closes }
    let dayBefore = moment.weekday == 1 ? 7 : moment.weekday - 1
    return beginsToday || (weekdays.contains(dayBefore) && time < closes)
  }
}
