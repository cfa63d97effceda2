// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Crockford's Base32 (upper case, no I L O U) of unsigned integers, most significant digit first.
package enum Crockford {
  private static let alphabet: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

  /// `value` in exactly `digits` characters; traps when it does not fit.
  package static func encode(_ value: UInt64, digits: Int) -> String {
    String(unsafeUninitializedCapacity: digits) { buffer in
      write(value, digits: digits, to: UnsafeMutableRawBufferPointer(buffer).baseAddress)
      return digits
    }
  }

  /// Writes `value` in exactly `digits` bytes; traps when it does not fit.
  static func write(_ value: UInt64, digits: Int, to target: UnsafeMutableRawPointer?) {
    precondition(digits >= 13 || value >> UInt64(5 * digits) == 0)
    guard let target else { return }
    let alphabet = alphabet.utf8Start
    var rest = value
    var index = digits
    while index > 0 {
      index &-= 1
      target.storeBytes(of: alphabet[Int(rest & 31)], toByteOffset: index, as: UInt8.self)
      rest >>= 5
    }
  }

  /// The value of exactly these characters, or nil when one is not of the alphabet or it overflows.
  package static func decode(_ text: some StringProtocol) -> UInt64? {
    var value: UInt64 = 0
    guard !text.isEmpty else { return nil }
    for byte in text.utf8 {
      guard let digit = digit(byte), value >> 59 == 0 else { return nil }
      value = value << 5 | UInt64(digit)
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x48: byte - 0x41 + 10
    case 0x4A, 0x4B: byte - 0x4A + 18
    case 0x4D, 0x4E: byte - 0x4D + 20
    case 0x50...0x54: byte - 0x50 + 22
    case 0x56...0x5A: byte - 0x56 + 27
    default: nil
    }
  }
}
