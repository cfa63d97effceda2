// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Numbers that one operation's bytes decide: first the bytes themselves, then what follows from
/// them.
///
/// So a fuzzer's bytes matter one by one, a zero is always the plainest choice, and an operation
/// never runs out.
struct Dice {
  private var bytes: ArraySlice<UInt8>
  private var state: UInt64

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    state = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  private mutating func byte() -> UInt64 {
    if let byte = bytes.popFirst() { return UInt64(byte) }
    return SplitMix64.next(&state) & 0xFF
  }

  /// From 0 to below the bound.
  mutating func below(_ bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    if bound <= 256 { return Int(byte()) % bound }
    let value = byte() << 24 | byte() << 16 | byte() << 8 | byte()
    return Int(value) % bound
  }

  /// True one time in so many.
  mutating func once(in times: Int) -> Bool { below(times) == times - 1 }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// The small generator of Steele, Lea and Flood.
enum SplitMix64 {
  static func next(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  /// So many bytes that the seed decides.
  static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0x5353_6372_6970_2121
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      var word = next(&state)
      for _ in 0..<8 {
        bytes.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
      }
    }
    return Array(bytes.prefix(count))
  }
}
