// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

@testable import Secrets

struct `Constant-time comparison` {
  @Test func `equal bytes are equal in every kind of collection`() {
    let bytes: [UInt8] = [1, 2, 3, 4]
    #expect(constantTimeEqual(bytes, bytes))
    #expect(constantTimeEqual(bytes, ([0] + bytes)[1...]))
    #expect(constantTimeEqual(bytes, (UInt8(1)...4)))
    #expect(constantTimeEqual((UInt8(1)...4), bytes))
    #expect(bytes.withUnsafeBytes { constantTimeEqual($0, bytes) })
  }

  @Test func `any single changed bit is seen`() {
    let bytes = randomBytes(33)
    for bit in 0..<(33 * 8) {
      var other = bytes
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!constantTimeEqual(bytes, other))
    }
  }

  @Test func `different lengths are unequal, and nothing equals nothing`() {
    #expect(!constantTimeEqual([UInt8](), [0]))
    #expect(!constantTimeEqual([0], [UInt8]()))
    #expect(!constantTimeEqual([1, 2], [1, 2, 0]))
    #expect(constantTimeEqual([UInt8](), [UInt8]()))
    #expect(!constantTimeEqual((UInt8(1)...4), [1, 2, 3]))
  }

  @Test func `keys and salts compare by content`() throws {
    let bytes = randomBytes(32)
    #expect(SecretKey(bytes: bytes) == SecretKey(bytes: bytes))
    #expect(SecretKey.random() != SecretKey.random())
    let sixteen = try #require(Bytes16(bytes[..<16]))
    #expect(sixteen.bytes == Array(bytes[..<16]))
    #expect(sixteen == Bytes16(bytes.prefix(16)))
    #expect(sixteen != Bytes16(bytes.suffix(16)))
    #expect(Set([sixteen, sixteen]).count == 1)
  }

  @Test func `keys and salts of another length are refused`() {
    for count in [0, 1, 15, 17, 31, 33, 64] {
      #expect(SecretKey(bytes: randomBytes(count)) == nil)
      #expect(Bytes16(randomBytes(count)) == nil)
    }
    #expect(SecretKey(bytes: randomBytes(16)) == nil)
    #expect(Bytes16(randomBytes(32)) == nil)
  }

  @Test func `random bytes have the count asked for and do not repeat`() {
    #expect(randomBytes(0).isEmpty)
    #expect(randomBytes(1000).count == 1000)
    #expect(Set((0..<1000).map { _ in randomBytes(16) }).count == 1000)
    #expect(Bytes16.random() != Bytes16.random())
  }

  @Test func `wiping empties an array`() {
    var bytes: [UInt8] = [1, 2, 3]
    wipe(&bytes)
    #expect(bytes.isEmpty)
    wipe(&bytes)
    #expect(bytes.isEmpty)
  }
}
