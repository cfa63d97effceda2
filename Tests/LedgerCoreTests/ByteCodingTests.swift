// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

@Suite struct ByteCodingTests {
  /// The numbers at and beside every power of two.
  private static let edges: [UInt64] = {
    var numbers: [UInt64] = [.max - 1, .max]
    for bit in UInt64(0)..<64 {
      let power: UInt64 = 1 << bit
      numbers += [power - 1, power, power + 1]
    }
    return numbers
  }()

  @Test func `unsigned numbers of every width come back, seven bits a byte`() throws {
    for value in Self.edges {
      var writer = ByteWriter()
      writer.unsigned(value)
      let bits = max(1, 64 - value.leadingZeroBitCount)
      #expect(writer.bytes.count == (bits + 6) / 7)
      var reader = ByteReader(writer.bytes)
      #expect(try reader.unsigned() == value)
      try reader.finish()
    }
  }

  @Test func `signed numbers come back, small ones of either sign in one byte`() throws {
    let values = Self.edges.flatMap { edge in
      [Int64(bitPattern: edge), Int64(bitPattern: ~edge)]
    }
    for value in values + [.min, .max, -64, 63, -65, 64] {
      var writer = ByteWriter()
      writer.signed(value)
      if (-64...63).contains(value) { #expect(writer.bytes.count == 1) }
      var reader = ByteReader(writer.bytes)
      #expect(try reader.signed() == value)
    }
  }

  @Test func `the encodings are the bytes the format names`() {
    var writer = ByteWriter(reserving: 0)
    writer.byte(0xFE)
    writer.bool(true)
    writer.bool(false)
    writer.unsigned(300)
    writer.signed(-2)
    writer.signed(2)
    writer.fixed(0x0102_0304_0506_0708)
    writer.amount(Amount(127))
    writer.text("é")
    writer.blob([9, 8])
    writer.optional(UInt8?.none) { $0.byte($1) }
    writer.optional(UInt8(7)) { $0.byte($1) }
    writer.list([UInt8(1), 2]) { $0.byte($1) }
    #expect(
      writer.bytes == [
        0xFE, 1, 0, 0xAC, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 127, 2, 0xC3, 0xA9, 2, 9, 8, 0, 1, 7, 2,
        1, 2,
      ])
  }

  /// One value of each sort, for the tests of damage.
  private static func sample() -> [UInt8] {
    var writer = ByteWriter()
    writer.byte(5)
    writer.bool(true)
    writer.unsigned(1 << 40)
    writer.signed(-1_000_000)
    writer.fixed(.max - 3)
    writer.amount(Amount(.max))
    writer.text("储值")
    writer.blob([1, 2, 3])
    writer.optional(Amount(70_000)) { $0.amount($1) }
    writer.list(["a", "", "ccc"]) { $0.text($1) }
    return writer.bytes
  }

  private static func readSample(_ bytes: ArraySlice<UInt8>) throws(MalformedRecord) {
    var reader = ByteReader(bytes)
    _ = try reader.byte()
    _ = try reader.bool()
    _ = try reader.unsigned()
    _ = try reader.signed()
    _ = try reader.fixed()
    _ = try reader.amount()
    _ = try reader.text()
    _ = try reader.blob()
    _ = try reader.optional { r throws(MalformedRecord) in try r.amount() }
    _ = try reader.list { r throws(MalformedRecord) in try r.text() }
    try reader.finish()
  }

  @Test func `a record cut short anywhere, or followed by more, is refused`() throws {
    let whole = Self.sample()
    try Self.readSample(whole[...])
    for length in whole.indices {
      #expect(throws: MalformedRecord.self) { try Self.readSample(whole[..<length]) }
    }
    #expect(throws: MalformedRecord.self) { try Self.readSample((whole + [0])[...]) }
  }

  @Test func `a slice is read from where it begins`() throws {
    let whole = [9, 9, 9] + Self.sample() + [9]
    try Self.readSample(whole[3..<whole.count - 1])
    var reader = ByteReader(whole[3...])
    #expect(try reader.byte() == 5)
  }

  @Test(
    arguments: [
      [0x80], [0xFF, 0xFF], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02],
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 0x00],
      Array(repeating: 0x80, count: 20),
    ] as [[UInt8]])
  func `a number that ends early or passes 64 bits is refused`(bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    #expect(throws: MalformedRecord.self) { try reader.unsigned() }
  }

  @Test(
    arguments: [
      [0x80, 0x00], [0xFF, 0x00], [0x81, 0x80, 0x00],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
    ] as [[UInt8]])
  func `a number has one encoding: the longer spelling of it is refused`(bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    #expect(throws: MalformedRecord.self) { try reader.unsigned() }
  }

  @Test func `what is out of a type's range is refused`() {
    var overfull = ByteWriter()
    overfull.unsigned(1 << 63)
    #expect(throws: MalformedRecord.self) {
      var reader = ByteReader(overfull.bytes)
      return try reader.amount()
    }
    #expect(throws: MalformedRecord.self) {
      var reader = ByteReader([2])
      return try reader.bool()
    }
    #expect(throws: MalformedRecord.self) {
      var reader = ByteReader([2, 0xC3, 0x28])
      return try reader.text()
    }
    #expect(throws: MalformedRecord.self) {
      var reader = ByteReader([2])
      return try reader.optional { r throws(MalformedRecord) in try r.byte() }
    }
  }

  @Test func `a length beyond the record is refused before anything is reserved`() {
    for count in [UInt64(1), 1 << 40, 1 << 63, .max] {
      var writer = ByteWriter()
      writer.unsigned(count)
      #expect(throws: MalformedRecord.self) {
        var reader = ByteReader(writer.bytes)
        return try reader.blob()
      }
      #expect(throws: MalformedRecord.self) {
        var reader = ByteReader(writer.bytes)
        return try reader.text()
      }
      #expect(throws: MalformedRecord.self) {
        var reader = ByteReader(writer.bytes)
        return try reader.list { r throws(MalformedRecord) in try r.byte() }
      }
    }
  }
}
