// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Tells a record whose bytes a failing disk has changed from a good one.
///
/// Not keyed: it is against accidents, the chain is against intent. Eight bytes at a time, each
/// step a bijection of the sum, so that any change within one group of eight is found and any
/// other missed once in 2^64.
enum Checksum {
  private static let byteCount = 8

  /// The record with its sum behind it; `seed` is the row it belongs to.
  static func seal(_ record: consuming [UInt8], seed: Int64) -> [UInt8] {
    let sum = of(record[...], seed: seed)
    var sealed = consume record
    sealed.reserveCapacity(sealed.count + byteCount)
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      sealed.append(UInt8(truncatingIfNeeded: sum >> shift))
    }
    return sealed
  }

  /// The record without its sum; nil when the sum is not its own.
  static func open(_ sealed: [UInt8], seed: Int64) -> ArraySlice<UInt8>? {
    guard sealed.count >= byteCount else { return nil }
    let record = sealed[..<(sealed.count - byteCount)]
    let sum = sealed[record.endIndex...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return sum == of(record, seed: seed) ? record : nil
  }

  /// The sum of a card's row; a retired number has no account.
  static func ofCard(_ number: String, account: Int64?) -> Int64 {
    Int64(bitPattern: of(Array(number.utf8)[...], seed: account ?? 0))
  }

  static func of(_ record: ArraySlice<UInt8>, seed: Int64) -> UInt64 {
    record.withUnsafeBytes { bytes in
      var sum = mix(UInt64(bitPattern: seed) ^ UInt64(bytes.count))
      var offset = 0
      while offset + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        sum = mix(sum ^ UInt64(littleEndian: word))
        offset += 8
      }
      var rest: UInt64 = 0
      for byte in bytes[offset...] { rest = rest << 8 | UInt64(byte) }
      return mix(sum ^ rest)
    }
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
