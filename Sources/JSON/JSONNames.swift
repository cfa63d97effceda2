// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The member names that an object may have, laid out to be found.
///
/// An object, because every request carries its own: looking a name up touches no reference count,
/// and names of up to sixteen bytes, as all are that are asked for often, are told by two words.
public final class JSONNames: Sendable {
  /// A name, or none where its place is negative.
  private struct Slot {
    let words: Words
    let place: Int32

    static let empty = Slot(words: Words(first: 0, last: 0, count: 0), place: -1)
  }

  /// A name's length, and its first and its last eight bytes: where it is shorter, all of it.
  private struct Words {
    let first: UInt64
    let last: UInt64
    let count: Int32

    @inline(__always)
    init(_ name: UnsafeBufferPointer<UInt8>) {
      let bytes = UnsafeRawBufferPointer(name)
      count = Int32(truncatingIfNeeded: bytes.count)
      switch bytes.count {
      case 8...:
        first = bytes.loadUnaligned(as: UInt64.self)
        last = bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self)
      case 4..<8:
        first = UInt64(bytes.loadUnaligned(as: UInt32.self))
        last = UInt64(bytes.loadUnaligned(fromByteOffset: bytes.count &- 4, as: UInt32.self))
      default:
        var word: UInt64 = 0
        for byte in bytes { word = word << 8 | UInt64(byte) }
        (first, last) = (word, 0)
      }
    }

    init(first: UInt64, last: UInt64, count: Int32) {
      (self.first, self.last, self.count) = (first, last, count)
    }

    @inline(__always)
    func hash(shift: UInt64) -> Int {
      let mixed = (first ^ last &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(UInt32(bitPattern: count)))
      return Int(truncatingIfNeeded: (mixed &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    @inline(__always)
    static func == (left: Words, right: Words) -> Bool {
      left.first == right.first && left.last == right.last && left.count == right.count
    }
  }

  /// Half of them at least are empty.
  private let slots: [Slot]
  /// How far a product is shifted to the right to become a place among the slots.
  private let shift: UInt64
  private let names: [[UInt8]]

  /// These names, each once and fewer than 32,768, by their places; traps on more.
  public init(_ names: [String]) {
    precondition(names.count < 1 << 15, "names have places of 16 bits")
    self.names = names.map { Array($0.utf8) }
    var bits = 1
    while 1 << bits < 2 * names.count { bits += 1 }
    shift = UInt64(64 - bits)
    var slots = [Slot](repeating: .empty, count: 1 << bits)
    for (place, name) in self.names.enumerated() {
      let words = name.withUnsafeBufferPointer { Words($0) }
      var slot = words.hash(shift: shift)
      while slots[slot].place >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Slot(words: words, place: Int32(place))
    }
    self.slots = slots
  }

  /// How many names there are.
  public var count: Int { names.count }

  /// The place of a name among these; nil when it is none of them.
  @_disfavoredOverload
  public func place(of name: String) -> Int? {
    var name = name
    return name.withUTF8 { place(of: $0) }
  }

  /// The place of a name among these; nil when it is none of them.
  public func place(of name: StaticString) -> Int? {
    name.withUTF8Buffer { place(of: $0) }
  }

  /// The place of a name among these; nil when it is none of them, or no string.
  public func place(of value: JSONValue) -> Int? {
    let node = value.node
    guard node.kind == .string else { return nil }
    return value.storage.withTape { place(of: $0.content(node)) }
  }

  /// The place of a name among these; nil when it is none of them, or no string.
  public func place(of value: JSONPeek) -> Int? {
    value.kind == .string ? place(of: value.bytes) : nil
  }

  /// The place of a name among these, given as UTF-8; nil when it is none of them.
  func place(of name: UnsafeBufferPointer<UInt8>) -> Int? {
    let words = Words(name)
    var slot = words.hash(shift: shift)
    while slots[slot].place >= 0 {
      let place = Int(slots[slot].place)
      if slots[slot].words == words, name.count <= 16 || isName(name, at: place) { return place }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Whether all bytes are the name's, which the words of a long one do not tell.
  private func isName(_ name: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
    names[place].withUnsafeBufferPointer { JSONText.areEqual($0, name) }
  }
}
