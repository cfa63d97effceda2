// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Testing

/// A place where a text contains a word, and what stands beside it.
struct Occurrence: Equatable {
  /// Line number, from 1.
  let line: Int
  /// The byte in front of it and the byte behind; nil at the ends of the text.
  let before: UInt8?
  let after: UInt8?

  /// Whether it is part of a longer word on that side.
  var continuesBefore: Bool { before.map(Self.isWordByte) ?? false }
  var continuesAfter: Bool { after.map(Self.isWordByte) ?? false }

  /// Every occurrence, in order; by bytes, as the tests read the whole repository.
  static func all(of word: String, in text: String) -> [Occurrence] {
    var text = text
    return text.withUTF8 { bytes in
      var found: [Occurrence] = []
      var line = 1
      var counted = 0
      var start = 0
      while let index = first(word, in: bytes, from: start) {
        line += bytes[counted..<index].count { $0 == UInt8(ascii: "\n") }
        counted = index
        start = index + word.utf8.count
        found.append(
          Occurrence(
            line: line, before: index > 0 ? bytes[index - 1] : nil,
            after: start < bytes.count ? bytes[start] : nil))
      }
      return found
    }
  }

  /// Letters, digits and the underscore; every byte of a character beyond ASCII counts as a letter.
  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  private static func first(
    _ word: String, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    guard let base = bytes.baseAddress, let initial = word.utf8.first else { return nil }
    let count = word.utf8.count
    var index = start
    while index + count <= bytes.count,
      let found = memchr(base + index, Int32(initial), bytes.count - count + 1 - index)
    {
      index = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      if memcmp(found, word, count) == 0 { return index }
      index += 1
    }
    return nil
  }
}

@Suite struct OccurrenceTests {
  @Test func `every place is found with its line and its neighbours`() {
    let found = Occurrence.all(of: "ab", in: "ab\nxab ab\n金ab_")
    #expect(found.map(\.line) == [1, 2, 2, 3])
    #expect(found.map(\.continuesBefore) == [false, true, false, true])
    #expect(found.map(\.continuesAfter) == [false, false, false, true])
    #expect(found.first?.before == nil)
  }

  @Test func `a text that is empty or ends with the word is searched to its end`() {
    #expect(Occurrence.all(of: "ab", in: "").isEmpty)
    #expect(Occurrence.all(of: "ab", in: "ab") == [Occurrence(line: 1, before: nil, after: nil)])
  }
}
