// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

@testable import Secrets

/// The bytes that hexadecimal `text` stands for.
func hex(_ text: String) -> [UInt8] {
  guard let decoded = bytes(hexadecimal: text.utf8) else {
    preconditionFailure("a fixture is not hexadecimal")
  }
  return decoded
}

/// The key made of these bytes, filled up with zeros, which HMAC does with short keys anyway.
func key(_ bytes: some Collection<UInt8>) -> SecretKey {
  let padding = [UInt8](repeating: 0, count: SecretKey.byteCount - bytes.count)
  guard let key = SecretKey(bytes: Array(bytes) + padding) else {
    preconditionFailure("a fixture's key is too long")
  }
  return key
}

/// A ring that is the same in every run: the key with id 1 of each purpose is 00 01 … 1f.
func fixedRing() throws -> KeyRing {
  let keys = KeyRing.Purpose.allCases.map { purpose in
    KeyRing.Key(
      purpose: purpose, id: 1, state: .signing, createdAt: 1, changedAt: 1,
      secret: key(UInt8(0)..<32))
  }
  return try KeyRing(issuer: 0xABCDEF, keys: keys)
}

/// SplitMix64: small, seeded and the same everywhere.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}
