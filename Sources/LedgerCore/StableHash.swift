// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A 64-bit hash of bytes that is the same on every machine and for ever: FNV-1a, finished by a
/// mixing step.
///
/// Not secret and not collision-free.
package struct StableHash: Sendable {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  package init() {}

  package mutating func add(_ byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }

  package mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
    var state = state
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    self.state = state
  }

  package func finish() -> UInt64 {
    var hash = state
    hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
    return hash ^ hash >> 31
  }

  package static func of(_ text: String) -> UInt64 {
    var hash = StableHash()
    let bytes = text.utf8.span
    for index in bytes.indices { hash.add(bytes[index]) }
    return hash.finish()
  }
}
