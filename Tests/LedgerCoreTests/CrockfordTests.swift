// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import Testing

@Suite struct CrockfordTests {
  @Test(
    arguments: [
      (0, 1, "0"), (31, 1, "Z"), (32, 2, "10"), (0, 12, "000000000000"),
      (1, 12, "000000000001"), ((1 << 60) - 1, 12, "ZZZZZZZZZZZZ"), (.max, 13, "FZZZZZZZZZZZZ"),
      (.max, 14, "0FZZZZZZZZZZZZ"), (17, 1, "H"), (18, 1, "J"), (19, 1, "K"), (20, 1, "M"),
      (21, 1, "N"), (22, 1, "P"), (26, 1, "T"), (27, 1, "V"), (10, 1, "A"), (9, 1, "9"),
    ] as [(UInt64, Int, String)])
  func `a number has one spelling of the width asked for`(
    value: UInt64, digits: Int, text: String
  ) {
    #expect(Crockford.encode(value, digits: digits) == text)
    #expect(Crockford.decode(text) == value)
  }

  @Test func `the digits stand for 0 to 31 in order`() {
    let digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    #expect(digits.compactMap { Crockford.decode(String($0)) } == Array(0...31))
    #expect((0...31).map { Crockford.encode($0, digits: 1) }.joined() == digits)
  }

  @Test func `random numbers come back`() {
    var random = SplitMix64(seed: 6)
    for _ in 0..<2_000 {
      let value = random.next()
      let text = Crockford.encode(value, digits: 13)
      if text.utf8.count != 13 || Crockford.decode(text) != value { Issue.record("\(value)") }
    }
  }

  @Test func `every byte that is no digit is refused, alone and among digits`() {
    let digits = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ".unicodeScalars)
    for scalar in (0..<128 as Range<UInt8>).map(Unicode.Scalar.init) where !digits.contains(scalar)
    {
      #expect(Crockford.decode(String(Character(scalar))) == nil)
      #expect(Crockford.decode("00" + String(Character(scalar)) + "00") == nil)
    }
    #expect(Crockford.decode("０") == nil)
    #expect(Crockford.decode("") == nil)
  }

  @Test func `what does not fit in 64 bits is refused and not wrapped`() {
    #expect(Crockford.decode("FZZZZZZZZZZZZ") == .max)
    #expect(Crockford.decode("G000000000000") == nil)
    #expect(Crockford.decode("10000000000000") == nil)
    #expect(Crockford.decode("0000000000000000000Z") == 31)
  }
}
