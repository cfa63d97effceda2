// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import Testing

@Suite struct CouponSerialTests {
  private static let some: [CouponSerial] = {
    var generator = SplitMix64(seed: 7)
    return (0..<1_000).map { _ in
      let high = UInt16(truncatingIfNeeded: generator.next())
      return CouponSerial(high: high, low: generator.next())
    }
  }()
  private static let edges = [
    CouponSerial(high: 0, low: 0), CouponSerial(high: 0, low: 1),
    CouponSerial(high: 0, low: 1 << 60), CouponSerial(high: 0, low: .max),
    CouponSerial(high: 1, low: 0), CouponSerial(high: .max, low: .max),
  ]

  @Test func `a serial is spelt as the 80 bits from the highest down`() {
    #expect(CouponSerial(high: 0, low: 1).text == "cpn_0000000000000001")
    #expect(CouponSerial(high: 0x8000, low: 0).text == "cpn_G000000000000000")
    #expect(CouponSerial(high: 1, low: 0xF << 60).text == "cpn_000Z000000000000")
    #expect(CouponSerial(high: .max, low: .max).text == "cpn_ZZZZZZZZZZZZZZZZ")
    // The digits of 0x0123456789ABCDEF0123, worked out with another program.
    #expect(
      CouponSerial(high: 0x0123, low: 0x4567_89AB_CDEF_0123).text == "cpn_04HMASW9NF6YY093")
  }

  @Test func `text and bytes bring a serial back`() throws {
    for serial in Self.some + Self.edges {
      #expect(CouponSerial(text: serial.text) == serial)
      var writer = ByteWriter()
      writer.serial(serial)
      #expect(writer.bytes.count == CouponSerial.byteCount)
      var reader = ByteReader(writer.bytes)
      #expect(try reader.serial() == serial)
      try reader.finish()
    }
  }

  @Test func `serials, their texts and their bytes sort alike`() {
    let serials = (Self.some + Self.edges).sorted()
    #expect(serials.map(\.text) == serials.map(\.text).sorted())
    let bytes = serials.map { serial in
      var writer = ByteWriter()
      writer.serial(serial)
      return writer.bytes
    }
    #expect(zip(bytes, bytes.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
  }

  @Test(arguments: [
    "", "cpn_", "cpn_000000000000000", "cpn_00000000000000000", "CPN_0000000000000000",
    "cpn_000000000000000a", "cpn_000000000000000O", "cpn_000000000000000-",
    "cmp_0000000000000000", " cpn_000000000000000", "cpn_0000000000000000 ",
    "cpn_00000000000000\u{E9}", "cpn\u{301}0000000000000000",
  ])
  func `another spelling is no serial`(text: String) {
    #expect(CouponSerial(text: text) == nil)
  }

  @Test func `nine bytes are no serial`() {
    var reader = ByteReader([UInt8](repeating: 1, count: 9))
    #expect(throws: MalformedRecord.self) { try reader.serial() }
  }
}
