// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Testing

@Suite struct HostileTests {
  @Test func `nesting of sixty-four is accepted and one more is refused`() throws {
    for (opening, closing) in [("[", "]"), (#"{"a":"#, "}")] {
      func nested(_ depth: Int) -> String {
        String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)
      }
      var value = try JSONDocument.parse(nested(64).utf8).root
      for _ in 0..<64 { value = try #require(value["a"] ?? Array(value.elements).first) }
      #expect(value.integer == 1)
      #expect(throws: JSONError(reason: .tooDeep, offset: 64 * opening.utf8.count)) {
        try JSONDocument.parse(nested(65).utf8)
      }
      #expect(throws: JSONError.self) {
        try JSONDocument.parse(nested(5).utf8, maximumDepth: 4)
      }
      #expect(throws: Never.self) { try JSONDocument.parse(nested(512).utf8, maximumDepth: 512) }
    }
  }

  @Test func `closed containers do not count as depth`() throws {
    let text = "[" + String(repeating: "[[]],", count: 10_000) + "{}]"
    #expect(try JSONDocument.parse(text.utf8, maximumDepth: 3).root.count == 10_001)
  }

  @Test func `a hundred thousand brackets are an error and no stack overflow`() {
    for opening in ["[", "{\"a\":", "[{\"a\":"] {
      let text = String(repeating: opening, count: 100_000)
      let error = #expect(throws: JSONError.self) { try JSONDocument.parse(text.utf8) }
      #expect(error?.reason == .tooDeep)
    }
  }

  @Test func `a mebibyte of members parses in time, and its last name may not repeat its first`()
    throws
  {
    // Names of one length, equal but for the end: the worst case for comparing them.
    let prefix = String(repeating: "p", count: 100)
    let count = 8_000
    let members = (0..<count).map { "\"\(prefix)\(100_000 + $0)\":0" }.joined(separator: ",")
    let clock = ContinuousClock()
    let taken = try clock.measure {
      let root = try JSONDocument.parse("{\(members)}".utf8).root
      #expect(root.count == count)
      let last = prefix + String(100_000 + count - 1)
      #expect(root[last]?.integer == 0)
    }
    // A quadratic comparison of 8,000 names of 106 bytes takes far longer, also unoptimised.
    #expect(taken < .seconds(10))
    let duplicate = "{\(members),\"\(prefix)100000\":1}"
    let offset = 1 + members.utf8.count + 1
    #expect(throws: JSONError(reason: .duplicateName, offset: offset)) {
      try JSONDocument.parse(duplicate.utf8)
    }
  }

  @Test func `a duplicate is found at every position and size, escaped or not`() throws {
    for count in 2...40 {
      let names = (0..<count).map { "n\($0 * 7 % 41)" }
      let members = names.map { "\"\($0)\":{\"n0\":[0]}" }
      let plain = "{\(members.joined(separator: ","))}"
      #expect(try JSONDocument.parse(plain.utf8).root.count == count)
      for victim in 0..<count - 1 {
        for spelling in ["\"\(names[victim])\"", "\"\\u006e\(names[victim].dropFirst())\""] {
          let text = "{\((members + ["\(spelling):0"]).joined(separator: ","))}"
          let error = #expect(throws: JSONError.self) { try JSONDocument.parse(text.utf8) }
          #expect(error?.reason == .duplicateName)
          #expect(error?.offset == text.utf8.count - 3 - spelling.utf8.count)
        }
      }
    }
  }

  @Test func `a mebibyte of escapes keeps every character`() throws {
    let unit = #"\ud83d\ude00\n"#
    let count = 1_048_000 / unit.utf8.count
    let value = try JSONDocument.parse(
      Array("\"\(String(repeating: unit, count: count))\"".utf8)
    ).root
    #expect(value.string == String(repeating: "😀\n", count: count))
  }

  @Test func `a mebibyte of elements is walked from end to end`() throws {
    let count = 500_000
    let text = "[" + String(repeating: "1,", count: count - 1) + "1]"
    let root = try JSONDocument.parse(Array(text.utf8)).root
    #expect(root.count == count)
    #expect(root.elements.reduce(0) { $0 + ($1.integer ?? 0) } == Int64(count))
  }
}
