// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Numbers and the three literal names (RFC 8259 §3, §6).
extension JSONParser {
  mutating func literal(_ word: StaticString, _ kind: JSONValue.Kind) throws(JSONError) {
    let start = position
    let count = word.utf8CodeUnitCount
    var matched = 0
    while matched < count, start + matched < end,
      base[start + matched] == word.utf8Start[matched]
    {
      matched += 1
    }
    guard matched == count else {
      throw error(start + matched == end ? .unexpectedEnd : .badLiteral)
    }
    position = start + count
    appendScalar(kind, start: start)
  }

  /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`; the value is not computed.
  mutating func number() throws(JSONError) {
    let start = position
    if base[position] == UInt8(ascii: "-") { position += 1 }
    if position < end, base[position] == UInt8(ascii: "0") {
      position += 1
      if position < end, isDigit(base[position]) { throw error(.badNumber) }
    } else {
      try digits()
    }
    if position < end, base[position] == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if position < end, base[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < end,
        base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      try digits()
    }
    appendScalar(.number, start: start)
  }

  private mutating func digits() throws(JSONError) {
    guard position < end else { throw error(.unexpectedEnd) }
    guard isDigit(base[position]) else { throw error(.badNumber) }
    repeat { position += 1 } while position < end && isDigit(base[position])
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
