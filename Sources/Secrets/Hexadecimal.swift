// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// `bytes` in lower-case hexadecimal.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = StaticHexDigits.bytes
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  defer { wipe(&text) }
  return String(decoding: text, as: UTF8.self)
}

/// The bytes that lower-case hexadecimal `text` stands for; nil for an odd count or any other
/// character, so that a value has one spelling.
func bytes(hexadecimal text: some Collection<UInt8>) -> [UInt8]? {
  guard text.count.isMultiple(of: 2) else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.count / 2)
  var high: UInt8?
  for character in text {
    guard let digit = StaticHexDigits.bytes.firstIndex(of: character) else { return nil }
    if let first = high {
      bytes.append(first << 4 | UInt8(digit))
      high = nil
    } else {
      high = UInt8(digit)
    }
  }
  return bytes
}

private enum StaticHexDigits {
  static let bytes = Array("0123456789abcdef".utf8)
}
