// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The 80 random bits of an issued coupon: its `coupon_id`, and the serial in its payload.
///
/// Ordered as numbers, which is also the order of the texts by their bytes. Chosen at random by
/// the issuing engine, so that one coupon's name tells nothing about another's.
package struct CouponSerial: Hashable, Comparable, Sendable, FixedText {
  /// Its encoded length in bytes.
  package static let byteCount = 10

  /// The upper 16 bits.
  package let high: UInt16
  /// The lower 64 bits.
  package let low: UInt64

  package init(high: UInt16, low: UInt64) {
    self.high = high
    self.low = low
  }

  package static func < (left: CouponSerial, right: CouponSerial) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  package static let textLength = 20

  /// `cpn_` and sixteen Base32 digits.
  package func write(to target: UnsafeMutableRawPointer) {
    // 16 and 64 bits are one digit and three over, and twelve digits and four over: the digit
    // between takes one bit of the upper part and four of the lower.
    writePrefixed("cpn_", UInt64(high) << 4 | low >> 60, digits: 4, to: target)
    Crockford.write(low & ((1 << 60) - 1), digits: 12, to: target + 8)
  }

  /// The serial that `text` names; nil unless it is spelt as `text` spells it.
  package init?(text: String) {
    guard text.utf8.count == 20, text.hasPrefix(Self.prefix) else { return nil }
    let digits = text.dropFirst(4)
    guard let upper = Crockford.decode(digits.prefix(4)),
      let lower = Crockford.decode(digits.dropFirst(4))
    else { return nil }
    self.init(high: UInt16(upper >> 4), low: upper << 60 | lower)
  }

  private static let prefix = "cpn_"
}

extension ByteWriter {
  /// Ten bytes, most significant first, so that encoded serials sort as serials do.
  package mutating func serial(_ value: CouponSerial) {
    byte(UInt8(truncatingIfNeeded: value.high >> 8))
    byte(UInt8(truncatingIfNeeded: value.high))
    fixed(value.low)
  }
}

extension ByteReader {
  /// Reads what `ByteWriter.serial(_:)` wrote.
  package mutating func serial() throws(MalformedRecord) -> CouponSerial {
    let first = UInt16(try byte())
    let second = UInt16(try byte())
    return CouponSerial(high: first << 8 | second, low: try fixed())
  }
}
