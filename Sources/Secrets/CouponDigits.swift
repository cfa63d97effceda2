// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The 60 characters of a coupon's payload and the 35 bytes that 56 of them stand for.
///
/// Four characters of prefix, then Crockford's Base32 in upper case, most significant bit first:
/// 280 bits are exactly 56 digits, so no bit is left over and every 35 bytes have one spelling.
enum CouponDigits {
  /// The length of a payload in characters, all of them ASCII.
  static let characterCount = 60
  /// The length of what the digits stand for.
  static let byteCount = 35

  /// The prefix of a payload: its format, and whether the ledger is a test ledger.
  enum Prefix: UInt32 {
    case real = 0x5356_4331
    case test = 0x5356_5431
  }

  typealias Characters = InlineArray<60, UInt8>
  typealias Bytes = InlineArray<35, UInt8>

  /// The payload of these bytes.
  static func text(_ prefix: Prefix, _ bytes: Bytes) -> String {
    String(unsafeUninitializedCapacity: characterCount) { buffer in
      for index in 0..<4 {
        buffer[index] = UInt8(truncatingIfNeeded: prefix.rawValue >> UInt32(24 - 8 * index))
      }
      for group in 0..<7 {
        var word: UInt64 = 0
        for index in 0..<5 { word = word << 8 | UInt64(bytes[5 * group + index]) }
        for index in 0..<8 {
          buffer[4 + 8 * group + index] = digits[Int(word >> UInt64(35 - 5 * index)) & 31]
        }
      }
      return characterCount
    }
  }

  /// The bytes of a payload; nil for another prefix or a character that is no digit.
  ///
  /// Upper and lower case are read alike; nothing else is put right.
  static func bytes(_ prefix: Prefix, _ characters: Characters) -> Bytes? {
    var found: UInt32 = 0
    for index in 0..<4 { found = found << 8 | UInt32(upper(characters[index])) }
    guard found == prefix.rawValue else { return nil }
    var bytes = Bytes(repeating: 0)
    for group in 0..<7 {
      var word: UInt64 = 0
      var seen: UInt8 = 0
      for index in 0..<8 {
        let value = values[Int(characters[4 + 8 * group + index])]
        seen |= value
        word = word << 5 | UInt64(value & 31)
      }
      guard seen < 32 else { return nil }
      for index in 0..<5 {
        bytes[5 * group + index] = UInt8(truncatingIfNeeded: word >> UInt64(32 - 8 * index))
      }
    }
    return bytes
  }

  /// The characters of a scanned text: white space around it is left out, nothing within.
  ///
  /// Nil unless 60 remain.
  static func scanned(_ text: Span<UInt8>) -> Characters? {
    var start = 0
    var end = text.count
    while start < end, isWhiteSpace(text[start]) { start += 1 }
    while start < end, isWhiteSpace(text[end - 1]) { end -= 1 }
    guard end - start == characterCount else { return nil }
    return Characters { index in text[start + index] }
  }

  /// What a person typed, as it is printed if it is a payload at all.
  ///
  /// White space and hyphens are left out wherever they stand, letters put in upper case, and those
  /// that are no digits but look like one read as it: I and L as 1, O as 0.
  static func typed(_ text: Span<UInt8>) -> String {
    String(unsafeUninitializedCapacity: text.count) { buffer in
      var count = 0
      for index in text.indices {
        let character = text[index]
        if isWhiteSpace(character) || character == UInt8(ascii: "-") { continue }
        buffer[count] = corrected(upper(character))
        count += 1
      }
      return count
    }
  }

  private static func corrected(_ character: UInt8) -> UInt8 {
    switch character {
    case UInt8(ascii: "I"), UInt8(ascii: "L"): UInt8(ascii: "1")
    case UInt8(ascii: "O"): UInt8(ascii: "0")
    default: character
    }
  }

  private static func upper(_ character: UInt8) -> UInt8 {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character) ? character - 0x20 : character
  }

  /// What scanners and terminals put around a text: space, TAB, LF and CR.
  private static func isWhiteSpace(_ character: UInt8) -> Bool {
    character == 0x20 || character == 0x09 || character == 0x0A || character == 0x0D
  }

  private static let digits: InlineArray<32, UInt8> = {
    var digits = InlineArray<32, UInt8>(repeating: 0)
    for (value, character) in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8.enumerated() {
      digits[value] = character
    }
    return digits
  }()

  // The value of each character as a digit; 255 for those that are none.
  private static let values: InlineArray<256, UInt8> = {
    var values = InlineArray<256, UInt8>(repeating: 255)
    for value in UInt8(0)..<32 {
      let character = digits[Int(value)]
      values[Int(character)] = value
      if character >= UInt8(ascii: "A") { values[Int(character) + 0x20] = value }
    }
    return values
  }()
}
