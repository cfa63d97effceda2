// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Dates and instants, reckoned the long way.
enum PlainTime {
  static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  static func days(inMonth month: Int, of year: Int) -> Int {
    month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// `YYYY-MM-DD` of a day since 1970.
  static func date(_ day: Int) -> String {
    var left = day
    var year = 1970
    while left >= (isLeap(year) ? 366 : 365) {
      left -= isLeap(year) ? 366 : 365
      year += 1
    }
    var month = 1
    while left >= days(inMonth: month, of: year) {
      left -= days(inMonth: month, of: year)
      month += 1
    }
    return "\(year)-\(twoDigits(month))-\(twoDigits(left + 1))"
  }

  /// RFC 3339 in UTC with milliseconds.
  static func instant(_ milliseconds: Int) -> String {
    let day = milliseconds / 86_400_000
    let rest = milliseconds % 86_400_000
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60)
    let (second, fraction) = (rest / 1000 % 60, rest % 1000)
    let digits = fraction < 10 ? "00\(fraction)" : fraction < 100 ? "0\(fraction)" : "\(fraction)"
    return "\(date(day))T\(twoDigits(hour)):\(twoDigits(minute)):\(twoDigits(second)).\(digits)Z"
  }

  /// The instant of a text that `instant` writes.
  static func milliseconds(_ text: String) -> Int? {
    let parts = text.split { !$0.isNumber }.compactMap { Int($0) }
    guard parts.count == 7 else { return nil }
    var day = parts[2] - 1
    for year in 1970..<parts[0] { day += isLeap(year) ? 366 : 365 }
    for month in 1..<parts[1] { day += days(inMonth: month, of: parts[0]) }
    return (((day * 24 + parts[3]) * 60 + parts[4]) * 60 + parts[5]) * 1000 + parts[6]
  }

  /// Milliseconds after midnight of `HH:MM`.
  static func ofDay(_ time: String) -> Int {
    let parts = time.split(separator: ":").compactMap { Int($0) }
    return ((parts.first ?? 0) * 60 + (parts.last ?? 0)) * 60_000
  }

  /// 1 Monday … 7 Sunday; 1970 began on a Thursday.
  static func weekday(_ day: Int) -> Int { (day + 3) % 7 + 1 }
}
