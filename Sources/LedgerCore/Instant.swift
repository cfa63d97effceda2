// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A point of ledger time: milliseconds since 1970-01-01T00:00:00Z, years 1970 … 9999.
public struct Instant: Hashable, Comparable, Sendable, FixedText {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let milliseconds: Int64

  /// The instant so many milliseconds after 1970-01-01T00:00:00Z.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Whether it is earlier.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// The end of what a clock may show, 9000-01-01T00:00:00Z: what is counted on from it, a hold's
  /// end or an expiry, still has a date.
  package static let clockLimit = Instant(milliseconds: 221_845_392_000_000)

  /// The last millisecond of the year 9999.
  public static let latest = Instant(milliseconds: 253_402_300_799_999)

  /// This many seconds later, at most the end of the year 9999.
  public func advanced(bySeconds seconds: Int64) -> Instant {
    let (span, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    let (sum, overflow2) = milliseconds.addingReportingOverflow(span)
    guard !overflow, !overflow2 else { return .latest }
    return min(Instant(milliseconds: sum), .latest)
  }

  package static let textLength = 24

  /// RFC 3339 in UTC with milliseconds: `2026-11-22T19:25:00.000Z`.
  package func write(to target: UnsafeMutableRawPointer) {
    let day = floorDivide(milliseconds, 86_400_000)
    let rest = milliseconds - day * 86_400_000
    writeDate(CivilDate(daysSince1970: day), to: target)
    target.storeBytes(of: UInt8(ascii: "T"), toByteOffset: 10, as: UInt8.self)
    writeTwo(rest / 3_600_000, to: target + 11)
    target.storeBytes(of: UInt8(ascii: ":"), toByteOffset: 13, as: UInt8.self)
    writeTwo(rest / 60_000 % 60, to: target + 14)
    target.storeBytes(of: UInt8(ascii: ":"), toByteOffset: 16, as: UInt8.self)
    writeTwo(rest / 1000 % 60, to: target + 17)
    // The first of these four digits is written over by the point.
    writeFour(rest % 1000, to: target + 19)
    target.storeBytes(of: UInt8(ascii: "."), toByteOffset: 19, as: UInt8.self)
    target.storeBytes(of: UInt8(ascii: "Z"), toByteOffset: 23, as: UInt8.self)
  }

  /// Reads RFC 3339 with `Z` or a numeric offset and at most three digits of fraction that matter.
  ///
  /// nil for anything else: a missing zone, a day that does not exist, a leap second, a year
  /// outside 1970 … 9999.
  package init?(text: String) {
    var scanner = DigitScanner(Array(text.utf8))
    guard let date = scanner.date(), scanner.letter("T", or: "t"),
      let hour = scanner.number(2), hour < 24, scanner.letter(":"),
      let minute = scanner.number(2), minute < 60, scanner.letter(":"),
      let second = scanner.number(2), second < 60,
      let fraction = scanner.fraction(), let offset = scanner.offset(), scanner.atEnd
    else { return nil }
    let ofDay = hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction
    let value = date.daysSince1970 * 86_400_000 + ofDay - offset * 60_000
    guard value >= 0, value <= Instant.latest.milliseconds else { return nil }
    milliseconds = value
  }
}

/// A business date of the ledger: days since 1970-01-01.
public struct BusinessDate: Hashable, Comparable, Sendable, FixedText {
  /// Days since 1970-01-01.
  public let daysSince1970: Int64

  /// The date so many days after 1970-01-01.
  public init(daysSince1970: Int64) { self.daysSince1970 = daysSince1970 }

  /// Whether it is earlier.
  public static func < (left: BusinessDate, right: BusinessDate) -> Bool {
    left.daysSince1970 < right.daysSince1970
  }

  package func advanced(byDays days: Int64) -> BusinessDate {
    BusinessDate(daysSince1970: daysSince1970 + days)
  }

  /// 1 Monday … 7 Sunday.
  package var weekday: Int {
    let shifted = (daysSince1970 + 3) % 7
    return Int(shifted < 0 ? shifted + 7 : shifted) + 1
  }

  package static let textLength = 10

  /// `YYYY-MM-DD`.
  package func write(to target: UnsafeMutableRawPointer) {
    writeDate(CivilDate(daysSince1970: daysSince1970), to: target)
  }

  /// Reads `YYYY-MM-DD`; nil for a day that does not exist.
  package init?(text: String) {
    var scanner = DigitScanner(Array(text.utf8))
    guard let date = scanner.date(), scanner.atEnd else { return nil }
    daysSince1970 = date.daysSince1970
  }
}

/// Year, month and day of the proleptic Gregorian calendar.
package struct CivilDate: Equatable, Sendable {
  package let year: Int64
  package let month: Int64
  package let day: Int64

  package init?(year: Int64, month: Int64, day: Int64) {
    guard (1...12).contains(month), day >= 1 else { return nil }
    self.year = year
    self.month = month
    self.day = day
    guard CivilDate(daysSince1970: daysSince1970) == self else { return nil }
  }

  /// Counts in eras of 400 years from 1 March of the year 0, as the calendar repeats by them.
  package init(daysSince1970 days: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  package var daysSince1970: Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = floorDivide(shiftedYear, 400)
    let yearOfEra = shiftedYear - era * 400
    let monthFromMarch = month > 2 ? month - 3 : month + 9
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}

private func writeDate(_ date: CivilDate, to target: UnsafeMutableRawPointer) {
  writeFour(date.year, to: target)
  target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 4, as: UInt8.self)
  writeTwo(date.month, to: target + 5)
  target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 7, as: UInt8.self)
  writeTwo(date.day, to: target + 8)
}
