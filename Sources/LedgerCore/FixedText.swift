// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What has a text of one length, in ASCII: it can be written in place, without a `String`.
///
/// An answer holds a dozen of these, and each `String` cost more than all the rest of its member.
package protocol FixedText {
  /// How many bytes its text has.
  static var textLength: Int { get }

  /// Writes the text, `textLength` bytes of it.
  func write(to target: UnsafeMutableRawPointer)
}

extension FixedText {
  /// The text as a `String`.
  @inlinable
  package var text: String {
    String(unsafeUninitializedCapacity: Self.textLength) { buffer in
      if let base = buffer.baseAddress { write(to: UnsafeMutableRawPointer(base)) }
      return Self.textLength
    }
  }
}

/// Writes four bytes of a prefix and Base32 digits behind them.
func writePrefixed(
  _ prefix: StaticString, _ value: UInt64, digits: Int, to target: UnsafeMutableRawPointer
) {
  precondition(prefix.utf8CodeUnitCount == 4, "prefixes of ids have four bytes")
  target.copyMemory(from: prefix.utf8Start, byteCount: 4)
  Crockford.write(value, digits: digits, to: target + 4)
}

/// Writes the last four digits of a number.
func writeFour(_ value: Int64, to target: UnsafeMutableRawPointer) {
  writeTwo(value / 100 % 100, to: target)
  writeTwo(value % 100, to: target + 2)
}

/// Writes a number below 100 in two digits.
@inline(__always)
func writeTwo(_ value: Int64, to target: UnsafeMutableRawPointer) {
  target.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: value / 10), as: UInt8.self)
  target.storeBytes(
    of: 0x30 &+ UInt8(truncatingIfNeeded: value % 10), toByteOffset: 1, as: UInt8.self)
}
