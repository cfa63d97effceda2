// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Reads the fixed-width fields of dates and times.
struct DigitScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var atEnd: Bool { position == bytes.count }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Exactly `width` digits.
  mutating func number(_ width: Int) -> Int64? {
    var value: Int64 = 0
    for _ in 0..<width {
      guard let byte = current, byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int64(byte - 0x30)
      position += 1
    }
    return value
  }

  mutating func letter(_ expected: Unicode.Scalar, or other: Unicode.Scalar? = nil) -> Bool {
    guard let byte = current,
      byte == UInt8(ascii: expected) || other.map({ byte == UInt8(ascii: $0) }) == true
    else { return false }
    position += 1
    return true
  }

  /// `YYYY-MM-DD`, a day that exists.
  mutating func date() -> CivilDate? {
    guard let year = number(4), letter("-"), let month = number(2), letter("-"),
      let day = number(2)
    else { return nil }
    return CivilDate(year: year, month: month, day: day)
  }

  /// Nothing, or a point and digits: their milliseconds, rounded down.
  mutating func fraction() -> Int64? {
    guard letter(".") else { return 0 }
    var value: Int64 = 0
    var digits = 0
    while let byte = current, byte >= 0x30, byte <= 0x39 {
      if digits < 3 { value = value * 10 + Int64(byte - 0x30) }
      digits += 1
      position += 1
    }
    guard digits > 0 else { return nil }
    for _ in 0..<max(0, 3 - digits) { value *= 10 }
    return value
  }

  /// `Z` or `±hh:mm`, in minutes east of UTC.
  mutating func offset() -> Int64? {
    if letter("Z", or: "z") { return 0 }
    let east = letter("+")
    guard east || letter("-"), let hours = number(2), hours < 24, letter(":"),
      let minutes = number(2), minutes < 60
    else { return nil }
    return (east ? 1 : -1) * (hours * 60 + minutes)
  }
}
