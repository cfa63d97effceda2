// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The token spellings that the writer and the tree's texts share, and comparison of bytes.
enum JSONText {
  /// What stands around a quoted string in one append.
  struct Frame {
    var comma = false
    var colon = false
  }

  /// Appends a string in quotes; see `appendQuoted(_: UnsafeBufferPointer<UInt8>, to:)`.
  static func appendQuoted(
    _ text: String, to output: inout GrowingBytes, _ frame: Frame = Frame()
  ) {
    text.utf8.span.withUnsafeBufferPointer { appendQuoted($0, to: &output, frame) }
  }

  /// Appends valid UTF-8 in quotes, escaping the quote, the backslash and control characters
  /// below U+0020 only (RFC 8259 §7), with the short escape where there is one.
  static func appendQuoted(
    _ text: UnsafeBufferPointer<UInt8>, to output: inout GrowingBytes, _ frame: Frame = Frame()
  ) {
    guard !needsEscape(text) else { return appendEscaped(text, to: &output, frame) }
    appendPlain(text, to: &output, frame)
  }

  /// Appends in quotes what needs no escape.
  @inline(__always)
  static func appendPlain(
    _ text: UnsafeBufferPointer<UInt8>, to output: inout GrowingBytes, _ frame: Frame
  ) {
    output.appendFramed(text, comma: frame.comma, colon: frame.colon)
  }

  static func needsEscape(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let raw = UnsafeRawBufferPointer(text)
    switch raw.count {
    case 0..<4: return text.contains { isEscaped($0) }
    case 4..<8:
      let first = raw.loadUnaligned(as: UInt32.self)
      let last = raw.loadUnaligned(fromByteOffset: raw.count - 4, as: UInt32.self)
      return needsEscape(UInt64(first) | UInt64(last) << 32)
    default:
      var index = 0
      while index + 8 <= raw.count {
        if needsEscape(raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) { return true }
        index += 8
      }
      // What is left, with some of what was looked at.
      return index < raw.count
        && needsEscape(raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self))
    }
  }

  /// Whether one of eight bytes needs an escape.
  @inline(__always)
  private static func needsEscape(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let marks =
      ((word &- (ones &* 0x20)) & ~word)
      | ((quotes &- ones) & ~quotes)
      | ((backslashes &- ones) & ~backslashes)
    return marks & (ones &* 0x80) != 0
  }

  @inline(__always)
  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x22 || byte == 0x5C
  }

  private static func appendEscaped(
    _ text: UnsafeBufferPointer<UInt8>, to output: inout GrowingBytes, _ frame: Frame
  ) {
    if frame.comma { output.append(UInt8(ascii: ",")) }
    output.append(0x22)
    var runStart = 0
    for index in 0..<text.count where isEscaped(text[index]) {
      output.append(UnsafeBufferPointer(rebasing: text[runStart..<index]))
      appendEscape(text[index], to: &output)
      runStart = index + 1
    }
    output.append(UnsafeBufferPointer(rebasing: text[runStart...]))
    output.append(0x22)
    if frame.colon { output.append(UInt8(ascii: ":")) }
  }

  private static func appendEscape(_ byte: UInt8, to output: inout GrowingBytes) {
    output.append(0x5C)
    switch byte {
    case 0x22, 0x5C: output.append(byte)
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    default:
      output.append(byte < 0x10 ? "u000" : "u001")
      let low = byte & 0x0F
      output.append(low < 10 ? 0x30 + low : 0x57 + low)
    }
  }

  /// Appends a decimal integer without making a `String`.
  static func appendDecimal(_ value: Int64, to output: inout GrowingBytes) {
    if (0..<10).contains(value) {
      return output.append(0x30 &+ UInt8(truncatingIfNeeded: value))
    }
    var rest = value.magnitude
    let digits = digitCount(of: rest)
    let sign = value < 0 ? 1 : 0
    output.append(count: digits &+ sign) { target in
      var end = target + (digits &+ sign)
      while rest >= 100 {
        let left = rest / 100
        end -= 2
        storePair(rest &- left &* 100, to: end)
        rest = left
      }
      if rest >= 10 {
        storePair(rest, to: end - 2)
      } else {
        (end - 1).storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: rest), as: UInt8.self)
      }
      if sign != 0 { target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self) }
    }
  }

  @inline(__always)
  private static func storePair(_ value: UInt64, to target: UnsafeMutableRawPointer) {
    let tens = value / 10
    let pair = 0x3030 | tens | (value &- tens &* 10) << 8
    target.storeBytes(of: UInt16(truncatingIfNeeded: pair).littleEndian, as: UInt16.self)
  }

  /// How many decimal digits a number has that is not 0.
  private static func digitCount(of value: UInt64) -> Int {
    var (digits, power) = (1, UInt64(10))
    // By threes first, since amounts are mostly of four to seven digits.
    while digits < 18, value >= power &* 100 {
      digits &+= 3
      power &*= 1000
    }
    while digits < 20, value >= power {
      digits &+= 1
      if digits < 20 { power &*= 10 }
    }
    return digits
  }

  /// True if both hold the same bytes.
  @inline(__always)
  static func areEqual(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let count = left.count
    guard count == right.count else { return false }
    let (a, b) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
    switch count {
    case 0..<4:
      for index in 0..<count where a[index] != b[index] { return false }
      return true
    case 4..<8:
      return areEqual(a, b, at: 0, as: UInt32.self)
        && areEqual(a, b, at: count - 4, as: UInt32.self)
    default:
      var index = 0
      while index + 8 <= count {
        guard areEqual(a, b, at: index, as: UInt64.self) else { return false }
        index += 8
      }
      // What is left, with some of what was compared.
      return areEqual(a, b, at: count - 8, as: UInt64.self)
    }
  }

  @inline(__always)
  private static func areEqual<Word: FixedWidthInteger>(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, at index: Int,
    as word: Word.Type
  ) -> Bool {
    left.loadUnaligned(fromByteOffset: index, as: word)
      == right.loadUnaligned(fromByteOffset: index, as: word)
  }
}
