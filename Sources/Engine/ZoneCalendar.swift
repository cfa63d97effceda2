// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
package import LedgerCore
import Synchronization

/// The business calendar of a zone of the tz database, through libc.
///
/// libc knows one zone a process, so `install` sets it once, at start; two zones in one process
/// are not possible and `install` traps on the attempt.
package enum ZoneCalendar {
  /// No such zone in the tz database of this machine.
  package struct UnknownZone: Error, Sendable {
    package let name: String
  }

  private static let installed = Mutex<String?>(nil)

  /// The calendar of `zone` whose dates begin at `dayStartMinutes` after midnight.
  ///
  /// Where the clock skips the day start, the date begins when the gap ends; where it repeats it,
  /// the first time. So dates never go backwards.
  package static func install(
    zone: String, dayStartMinutes: Int
  ) throws(UnknownZone) -> BusinessCalendar {
    guard exists(zone) else { throw UnknownZone(name: zone) }
    installed.withLock { current in
      precondition(current == nil || current == zone, "one process serves one zone")
      current = zone
      setenv("TZ", zone, 1)
      tzset()
    }
    let days = BusinessDays(dayStartMinutes: dayStartMinutes)
    let civilDays = BusinessDays(dayStartMinutes: 0)
    let wall = WallClock(
      time: { days.wallTime(at: $0) },
      midnight: { civilDays.start(of: BusinessDate(daysSince1970: $0.daysSince1970)) })
    return BusinessCalendar(
      date: { days.date(at: $0) }, start: { days.start(of: $0) }, wall: wall)
  }

  /// Whether the tz database has the zone; libc itself would silently take UTC.
  package static func exists(_ zone: String) -> Bool {
    let allowed = zone.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      case UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
      default: false
      }
    }
    guard allowed, !zone.isEmpty, zone.first != "/", zone.utf8.count <= 64 else { return false }
    let folder = getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
    var status = stat()
    return stat(folder + "/" + zone, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}

/// Finds dates by libc's local time and remembers the one it found last.
private final class BusinessDays: Sendable {
  private struct Span {
    var date: BusinessDate
    var start: Instant
    var end: Instant
  }

  private let dayStart: Int64
  private let last = Mutex<Span?>(nil)
  private let lastOffset = Mutex<(quarter: Int64, offset: Int64)?>(nil)

  init(dayStartMinutes: Int) { dayStart = Int64(dayStartMinutes) * 60 }

  func date(at instant: Instant) -> BusinessDate {
    last.withLock { span in
      if let span, span.start <= instant, instant < span.end { return span.date }
      let found = find(instant)
      span = found
      return found.date
    }
  }

  /// Offsets change at a quarter of an hour, wherever they do, so that one is kept for so long.
  func wallTime(at instant: Instant) -> WallTime {
    let quarter = instant.milliseconds / 900_000
    let east = lastOffset.withLock { known in
      if let known, known.quarter == quarter { return known.offset }
      let found = offset(at: floorSeconds(instant))
      // Local mean times of long ago changed at odd seconds.
      if instant.milliseconds >= 0 { known = (quarter, found) }
      return found
    }
    return WallTime(local: instant.milliseconds + east * 1000)
  }

  private func find(_ instant: Instant) -> Span {
    let seconds = floorSeconds(instant)
    let local = seconds + offset(at: seconds)
    var date = BusinessDate(daysSince1970: (local >= 0 ? local : local - 86_399) / 86_400)
    while start(of: date) > instant { date = date.advanced(byDays: -1) }
    while start(of: date.advanced(byDays: 1)) <= instant { date = date.advanced(byDays: 1) }
    return Span(date: date, start: start(of: date), end: start(of: date.advanced(byDays: 1)))
  }

  /// The first instant whose local time has reached the day start on this date.
  func start(of date: BusinessDate) -> Instant {
    let wall = date.daysSince1970 * 86_400 + dayStart
    let before = offset(at: wall - 86_400)
    let after = offset(at: wall + 86_400)
    let candidates = [wall - max(before, after), wall - min(before, after)]
    for candidate in candidates where candidate + offset(at: candidate) == wall {
      return Instant(milliseconds: candidate * 1000)
    }
    return Instant(milliseconds: gapEnd(from: candidates[0], to: candidates[1]) * 1000)
  }

  /// The second at which the offset changes between two instants on either side of a gap.
  private func gapEnd(from low: Int64, to high: Int64) -> Int64 {
    var low = low
    var high = high
    let old = offset(at: low)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if offset(at: middle) == old { low = middle } else { high = middle }
    }
    return high
  }

  /// Seconds east of UTC in force at this moment.
  private func offset(at seconds: Int64) -> Int64 {
    var time = time_t(seconds)
    var fields = tm()
    localtime_r(&time, &fields)
    return Int64(fields.tm_gmtoff)
  }

  private func floorSeconds(_ instant: Instant) -> Int64 {
    let value = instant.milliseconds
    return value >= 0 ? value / 1000 : (value - 999) / 1000
  }
}
