// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

@testable import Secrets

struct `Stretching` {
  private func cost(_ log2N: UInt8, _ r: UInt8, _ p: UInt8) throws -> ScryptCost {
    try #require(ScryptCost(log2N: log2N, r: r, p: p))
  }

  // RFC 7914 §12 prints 64 bytes; the last step makes them in blocks of 32 that do not depend on
  // each other, so that ours are the first half.
  @Test func `RFC 7914 vectors come out`() throws {
    #expect(
      stretch(pin: [], salt: [], cost: try cost(4, 1, 1))
        == hex("77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"))
    #expect(
      stretch(pin: Array("password".utf8), salt: Array("NaCl".utf8), cost: try cost(10, 8, 16))
        == hex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"))
    #expect(
      stretch(
        pin: Array("pleaseletmein".utf8), salt: Array("SodiumChloride".utf8), cost: .standard)
        == hex("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"))
  }

  @Test func `an account's stretch is frozen, and its own`() throws {
    let pin = Array("0123".utf8)
    let cheap = try cost(4, 1, 1)
    let stretched = stretch(pin: pin, accountID: 42, cost: cheap)
    #expect(
      stretched == hex("3031e7138accc1feffa77004ae67e8d1ebc4823aa78c5b219874557085f977e3"))
    #expect(stretched != stretch(pin: pin, accountID: 43, cost: cheap))
    #expect(stretched != stretch(pin: pin, accountID: 42, cost: try cost(5, 1, 1)))
  }

  @Test func `threads may stretch at once`() async throws {
    let cheap = try cost(10, 8, 1)
    let expected = stretch(pin: [1, 2], salt: [3], cost: cheap)
    await withTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<8 {
        group.addTask { stretch(pin: [1, 2], salt: [3], cost: cheap) }
      }
      for await result in group { #expect(result == expected) }
    }
  }

  @Test func `the memory granted suffices whatever dominates it`() throws {
    let costs: [(UInt8, UInt8, UInt8)] = [(1, 1, 255), (1, 255, 1), (15, 1, 1), (2, 16, 200)]
    for (log2N, r, p) in costs {
      #expect(stretch(pin: [1], salt: [2], cost: try cost(log2N, r, p)).count == 32)
    }
  }

  @Test func `costs that scrypt forbids or that take too much memory are refused`() {
    #expect(ScryptCost(log2N: 14, r: 8, p: 1) == .standard)
    #expect(ScryptCost(log2N: 0, r: 8, p: 1) == nil)
    #expect(ScryptCost(log2N: 14, r: 0, p: 1) == nil)
    #expect(ScryptCost(log2N: 14, r: 8, p: 0) == nil)
    #expect(ScryptCost(log2N: 15, r: 1, p: 1) != nil)
    #expect(ScryptCost(log2N: 16, r: 1, p: 1) == nil)
    #expect(ScryptCost(log2N: 18, r: 8, p: 1) != nil)
    #expect(ScryptCost(log2N: 19, r: 8, p: 1) == nil)
    #expect(ScryptCost(log2N: 14, r: 8, p: 16) != nil)
    #expect(ScryptCost(log2N: 14, r: 8, p: 17) == nil)
    #expect(ScryptCost(log2N: 255, r: 255, p: 255) == nil)
  }
}
