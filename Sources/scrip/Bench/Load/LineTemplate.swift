// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A request line made once, in which only fields of fixed width are written anew.
///
/// The text names a field as `{name:width}`. So that a client costs next to nothing beside the
/// engine that it measures, a request is a few stores and one copy.
struct LineTemplate {
  private(set) var bytes: [UInt8] = []
  private var fields: [(name: String, place: Range<Int>)] = []

  init(_ text: String) {
    var rest = text[...]
    while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
      let parts = rest[rest.index(after: start)..<end].split(separator: ":")
      guard parts.count == 2, let width = Int(parts[1]), !parts[0].contains("\"") else {
        bytes += rest[...start].utf8
        rest = rest[rest.index(after: start)...]
        continue
      }
      bytes += rest[..<start].utf8
      fields.append((String(parts[0]), bytes.count..<bytes.count + width))
      bytes += repeatElement(UInt8(ascii: "0"), count: width)
      rest = rest[rest.index(after: end)...]
    }
    bytes += rest.utf8
    bytes.append(0x0A)
  }

  /// A request of JSON-RPC with an id of nine digits.
  init(method: String, params: String) {
    self.init(#"{"jsonrpc":"2.0","id":{id:9},"method":"\#(method)","params":\#(params)}"#)
  }

  func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

  /// Where the field stands; a field that the text does not name is a bug.
  func field(_ name: String) -> Range<Int> {
    guard let found = fields.first(where: { $0.name == name }) else {
      preconditionFailure("the line has a field \(name)")
    }
    return found.place
  }

  /// Writes a number in decimal, as wide as the field is.
  mutating func set(_ field: Range<Int>, number: Int) {
    var rest = number
    var place = field.upperBound
    while place > field.lowerBound {
      place -= 1
      bytes[place] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
      rest /= 10
    }
    assert(rest == 0, "the number fits into its field")
  }

  /// Writes random letters: 16 for each number.
  mutating func set(_ field: Range<Int>, random: inout SplitMix64) {
    var place = field.lowerBound
    while place < field.upperBound {
      var bits = random.next()
      for _ in 0..<min(16, field.upperBound - place) {
        bytes[place] = UInt8(truncatingIfNeeded: 0x61 + bits & 0x0F)
        bits >>= 4
        place += 1
      }
    }
  }

  /// Writes a text exactly as wide as the field is.
  mutating func set(_ field: Range<Int>, text: [UInt8]) {
    precondition(text.count == field.count, "the text fits its field")
    for (place, byte) in zip(field, text) { bytes[place] = byte }
  }
}

/// A small generator of random numbers that a seed determines (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  /// A number below `bound`; uneven by less than one in 2^32.
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(bound)) >> 32)
  }
}
