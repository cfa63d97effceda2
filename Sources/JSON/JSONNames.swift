// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The member names that an object may have, laid out to be found.
///
/// An object, because every request carries its own: looking a name up touches no reference count
/// and compares one number with each name.
package final class JSONNames: Sendable {
  /// One number a name, from its length, its first and its last eight bytes.
  private let marks: [UInt64]
  private let names: [[UInt8]]

  package init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
    marks = self.names.map { name in name.withUnsafeBufferPointer { Self.mark($0) } }
  }

  /// The place of the member's name among these; nil when it is none of them.
  package func place(of member: JSONMember) -> Int? {
    member.withTape { tape, node in find(tape.content(node)) }
  }

  /// The place of a name among these; nil when it is none of them.
  package func place(of name: String) -> Int? {
    var name = name
    return name.withUTF8 { find($0) }
  }

  @inline(__always)
  private func find(_ name: UnsafeBufferPointer<UInt8>) -> Int? {
    let mark = Self.mark(name)
    for place in 0..<marks.count where marks[place] == mark {
      let isSame = names[place].withUnsafeBufferPointer { JSONText.areEqual($0, name) }
      if isSame { return place }
    }
    return nil
  }

  @inline(__always)
  private static func mark(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let bytes = UnsafeRawBufferPointer(name)
    guard bytes.count >= 8 else {
      var mark = UInt64(bytes.count)
      for byte in bytes { mark = mark << 8 | UInt64(byte) }
      return mark
    }
    let first = bytes.loadUnaligned(as: UInt64.self)
    let last = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
    return first ^ last &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bytes.count)
  }
}
