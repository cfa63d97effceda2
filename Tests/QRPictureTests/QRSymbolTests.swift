// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import QRPicture
import Testing

@Suite struct QRSymbolTests {
  @Test(arguments: [
    (QRSymbol.Level.low, 3), (.medium, 3), (.quartile, 4), (.high, 5),
  ])
  func `a payload of 60 characters is version 3 at M and 4 at Q`(
    level: QRSymbol.Level, version: Int
  ) throws {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<20 {
      let symbol = try #require(QRSymbol(text: generator.payload(), level: level))
      #expect(symbol.version == version)
      #expect(symbol.size == 17 + 4 * version)
      #expect(symbol.framedSize == symbol.size + 8)
    }
  }

  @Test func `version 3 at M holds 61 characters and no more`() throws {
    let text = String(repeating: "A", count: 61)
    #expect(try #require(QRSymbol(text: text, level: .medium)).version == 3)
    #expect(try #require(QRSymbol(text: text + "A", level: .medium)).version == 4)
  }

  @Test(arguments: QRSymbol.Level.allCases)
  func `a symbol has its finder patterns, timing patterns and dark module`(
    level: QRSymbol.Level
  ) throws {
    let symbol = try #require(QRSymbol(text: "SVC1", level: level))
    let size = symbol.size
    for (left, top) in [(0, 0), (size - 7, 0), (0, size - 7)] {
      for y in 0..<7 {
        for x in 0..<7 {
          let ring = max(abs(x - 3), abs(y - 3))
          #expect(symbol.isDark(left + x, top + y) == (ring != 2))
        }
      }
    }
    for place in 8..<size - 8 {
      #expect(symbol.isDark(place, 6) == place.isMultiple(of: 2))
      #expect(symbol.isDark(6, place) == place.isMultiple(of: 2))
    }
    #expect(symbol.isDark(8, size - 8))
  }

  @Test func `outside the symbol all is light`() throws {
    let symbol = try #require(QRSymbol(text: "A", level: .high))
    for place in -5..<symbol.size + 5 {
      for outside in [-5, -1, symbol.size, symbol.size + 4] {
        #expect(!symbol.isDark(place, outside) && !symbol.isDark(outside, place))
      }
    }
  }

  @Test func `what the alphanumeric mode lacks, nothing at all, and too much have no symbol`() {
    for text in ["", "a", "SVC1\n", "SVC1#", "中", "A_", "A\u{0}", "svc1"] {
      #expect(QRSymbol(text: text, level: .medium) == nil, "\(text.debugDescription)")
    }
    #expect(QRSymbol(text: "0Z $%*+-./:", level: .low) != nil)
    let most = String(repeating: "Z", count: 4_296)
    #expect(QRSymbol(text: most, level: .low)?.version == 40)
    #expect(QRSymbol(text: most, level: .medium) == nil)
    #expect(QRSymbol(text: most + "Z", level: .low) == nil)
  }
}

/// SplitMix64: small, seeded and the same everywhere.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A text of the form and length of a coupon's payload.
  mutating func payload() -> String {
    let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    return "SVC1" + String((0..<56).map { _ in digits[Int(next() >> 59)] })
  }
}
