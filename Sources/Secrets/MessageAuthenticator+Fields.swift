// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// How the fields of every authenticated message are laid out.
///
/// A message begins with its label, so that a tag made for one purpose never passes for another,
/// and each field of variable length stands behind its length, so that "a" + "bc" and "ab" + "c"
/// are different messages.
extension MessageAuthenticator {
  /// Adds a purpose label: its length in one byte, then its ASCII bytes.
  func update(label: StaticString) {
    precondition(label.utf8CodeUnitCount <= 255, "a label has at most 255 bytes")
    update(byte: UInt8(label.utf8CodeUnitCount))
    label.withUTF8Buffer { update(UnsafeRawBufferPointer($0)) }
  }

  /// Adds a field of variable length: its length as four bytes, the highest first, then itself.
  ///
  /// Traps on a field of 4 GiB or more.
  func update(field: RawSpan) {
    update(bigEndian: UInt32(field.byteCount))
    update(field)
  }

  /// Adds sixteen bytes without a length.
  func update(_ bytes: Bytes16) {
    bytes.withUnsafeBytes { update($0) }
  }
}
