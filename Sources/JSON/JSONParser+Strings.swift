// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Strings: UTF-8 validation and unescaping in one pass (RFC 8259 §7, RFC 3629 §4).
extension JSONParser {
  /// Reads a string from its opening quote and appends its node.
  ///
  /// The content of a string with
  /// escapes goes to `unescaped`; any other stays where it is in the text.
  mutating func string() throws(JSONError) {
    let start = position
    position += 1
    var runStart = position
    var contentStart: Int?
    while true {
      skipPlainBytes()
      let byte = try current()
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        if contentStart == nil { contentStart = unescaped.count }
        appendRun(from: runStart)
        try escape()
        runStart = position
      } else if byte >= 0x80 {
        try multibyteScalar()
      } else {
        throw error(.controlCharacter)
      }
    }
    if contentStart != nil { appendRun(from: runStart) }
    position += 1
    appendScalar(.string, start: start)
    if let contentStart {
      let index = nodes.count - 1
      nodes[index].isEscaped = true
      nodes[index].link = UInt32(truncatingIfNeeded: contentStart)
      nodes[index].count = UInt32(truncatingIfNeeded: unescaped.count - contentStart)
    }
  }

  /// Moves to the next byte that is a quote, a backslash, a control character or not ASCII, or
  /// to the end; eight bytes at a step.
  ///
  /// In each test a false hit can only stand above a true one,
  /// so the lowest marked byte is exact.
  @inline(__always)
  private mutating func skipPlainBytes() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    while position + 8 <= end {
      let word = UInt64(
        littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
      let quotes = word ^ (ones &* 0x22)
      let backslashes = word ^ (ones &* 0x5C)
      let marks =
        ((word &- (ones &* 0x20)) & ~word)
        | ((quotes &- ones) & ~quotes)
        | ((backslashes &- ones) & ~backslashes)
        | word
      let special = marks & (ones &* 0x80)
      if special != 0 {
        position += special.trailingZeroBitCount >> 3
        return
      }
      position += 8
    }
    while position < end {
      let byte = base[position]
      if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { return }
      position += 1
    }
  }

  private mutating func appendRun(from start: Int) {
    unescaped.append(
      contentsOf: UnsafeBufferPointer(start: base + start, count: position - start))
  }

  /// Checks one scalar of two to four bytes and steps over it.
  private mutating func multibyteScalar() throws(JSONError) {
    let lead = base[position]
    let length: Int
    // The second byte's range excludes overlong forms, surrogates and what is above U+10FFFF.
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: throw error(.invalidUTF8)
    }
    guard position + length <= end, second.contains(base[position + 1]) else {
      throw error(.invalidUTF8)
    }
    for offset in 2..<max(length, 2) where base[position + offset] & 0xC0 != 0x80 {
      throw error(.invalidUTF8)
    }
    position += length
  }

  /// Reads an escape from its backslash and appends what it stands for.
  private mutating func escape() throws(JSONError) {
    guard position + 1 < end else {
      position = end
      throw error(.unexpectedEnd)
    }
    let decoded: UInt8
    switch base[position + 1] {
    case UInt8(ascii: "\""): decoded = 0x22
    case UInt8(ascii: "\\"): decoded = 0x5C
    case UInt8(ascii: "/"): decoded = 0x2F
    case UInt8(ascii: "b"): decoded = 0x08
    case UInt8(ascii: "f"): decoded = 0x0C
    case UInt8(ascii: "n"): decoded = 0x0A
    case UInt8(ascii: "r"): decoded = 0x0D
    case UInt8(ascii: "t"): decoded = 0x09
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error(.badEscape)
    }
    unescaped.append(decoded)
    position += 2
  }

  private mutating func unicodeEscape() throws(JSONError) {
    let unit = try hexUnit(at: position + 2)
    var scalar = unit
    var length = 6
    if unit & 0xF800 == 0xD800 {
      guard unit < 0xDC00, position + 8 <= end,
        base[position + 6] == UInt8(ascii: "\\"), base[position + 7] == UInt8(ascii: "u")
      else { throw error(.loneSurrogate) }
      let low = try hexUnit(at: position + 8)
      guard low & 0xFC00 == 0xDC00 else { throw error(.loneSurrogate) }
      scalar = 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF))
      length = 12
    }
    position += length
    appendUTF8(scalar)
  }

  private func hexUnit(at offset: Int) throws(JSONError) -> UInt32 {
    guard offset + 4 <= end else { throw error(.badEscape) }
    var unit: UInt32 = 0
    for index in offset..<offset + 4 {
      let byte = base[index]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x37
      case 0x61...0x66: digit = byte - 0x57
      default: throw error(.badEscape)
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  private mutating func appendUTF8(_ scalar: UInt32) {
    func tail(_ shift: UInt32) -> UInt8 {
      UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift & 0x3F))
    }
    if scalar < 0x80 {
      unescaped.append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      unescaped.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      unescaped.append(tail(0))
    } else if scalar < 0x10000 {
      unescaped.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      unescaped.append(tail(6))
      unescaped.append(tail(0))
    } else {
      unescaped.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
      unescaped.append(tail(12))
      unescaped.append(tail(6))
      unescaped.append(tail(0))
    }
  }
}
