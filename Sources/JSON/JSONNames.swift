// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The member names that an object may have, laid out to be found.
///
/// An object, because every request carries its own: looking a name up touches no reference count
/// and compares one number with that of a name or two.
package final class JSONNames: Sendable {
  /// One number a name, from its length, its first and its last eight bytes.
  private let marks: [UInt64]
  /// Places of names by their marks, counted from one; zero, as in half of them at least, is none.
  private let slots: [UInt16]
  /// How far a product is shifted to the right to become a place among the slots.
  private let shift: UInt64
  /// All names one behind the other, and where each ends.
  private let text: [UInt8]
  private let ends: [Int]

  package init(_ names: [String]) {
    precondition(names.count < 1 << 15, "names have places of 16 bits")
    marks = names.map { name in Array(name.utf8).withUnsafeBufferPointer { Self.mark($0) } }
    var bits = 1
    while 1 << bits < 2 * names.count { bits += 1 }
    shift = UInt64(64 - bits)
    var slots = [UInt16](repeating: 0, count: 1 << bits)
    for (place, mark) in marks.enumerated() {
      var slot = Self.slot(of: mark, shift)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt16(place + 1)
    }
    self.slots = slots
    text = names.flatMap { $0.utf8 }
    var end = 0
    ends = names.map { name in
      end += name.utf8.count
      return end
    }
  }

  /// How many names there are.
  package var count: Int { marks.count }

  /// The place of a name among these; nil when it is none of them.
  @_disfavoredOverload
  package func place(of name: String) -> Int? {
    var name = name
    return name.withUTF8 { place(of: $0) }
  }

  /// The place of a name among these; nil when it is none of them.
  package func place(of name: StaticString) -> Int? {
    name.withUTF8Buffer { place(of: $0) }
  }

  /// The place of a name among these; nil when it is none of them, or no string.
  package func place(of value: JSONValue) -> Int? {
    let node = value.node
    guard node.kind == .string else { return nil }
    return value.storage.withTape { place(of: $0.content(node)) }
  }

  /// The place of a name among these, given as UTF-8; nil when it is none of them.
  func place(of name: UnsafeBufferPointer<UInt8>) -> Int? {
    let mark = Self.mark(name)
    var slot = Self.slot(of: mark, shift)
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      if marks[place] == mark, isName(name, at: place) { return place }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  @inline(__always)
  private static func slot(of mark: UInt64, _ shift: UInt64) -> Int {
    Int(truncatingIfNeeded: (mark &* 0x9E37_79B9_7F4A_7C15) >> shift)
  }

  @inline(__always)
  private func isName(_ name: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
    let start = place == 0 ? 0 : ends[place - 1]
    return text.withUnsafeBufferPointer { text in
      JSONText.areEqual(UnsafeBufferPointer(rebasing: text[start..<ends[place]]), name)
    }
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
