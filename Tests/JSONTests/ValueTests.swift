// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Testing

@Suite struct ValueTests {
  @Test func `each value has one kind, and the accessors of the others give nil`() throws {
    let root = try JSONDocument.parse(#"[null,true,12,"s",[1],{"a":1}]"#.utf8).root
    let kinds: [JSONValue.Kind] = [.null, .bool, .number, .string, .array, .object]
    #expect(root.elements.map(\.kind) == kinds)
    #expect(root.elements.map(\.isNull) == [true, false, false, false, false, false])
    #expect(root.elements.map(\.bool) == [nil, true, nil, nil, nil, nil])
    #expect(root.elements.map(\.integer) == [nil, nil, 12, nil, nil, nil])
    #expect(root.elements.map(\.string) == [nil, nil, nil, "s", nil, nil])
    #expect(root.elements.map(\.count) == [0, 0, 0, 0, 1, 1])
    #expect(root.elements.map { Array($0.elements).count } == [0, 0, 0, 0, 1, 0])
    #expect(root.elements.map { Array($0.members).count } == [0, 0, 0, 0, 0, 1])
    #expect(root.elements.map { $0["a"]?.integer } == [nil, nil, nil, nil, nil, 1])
  }

  @Test func `an amount has one spelling, and fits sixty-four bits`() throws {
    let cases: [(String, Int64?)] = [
      ("0", 0), ("1", 1), ("-1", -1), ("1000000000000", 1_000_000_000_000),
      ("9223372036854775807", .max), ("-9223372036854775808", .min),
      ("9223372036854775808", nil), ("-9223372036854775809", nil),
      ("18446744073709551616", nil), ("92233720368547758070", nil), ("-0", nil), ("1.0", nil),
      ("1e2", nil), ("1E2", nil), ("0.0", nil), ("0e0", nil), ("-0.0", nil), ("10e-1", nil),
      ("100000000000000000000000000000000000000000", nil),
    ]
    for (text, expected) in cases {
      #expect(try JSONDocument.parse(text.utf8).root.integer == expected, "\(text)")
    }
  }

  @Test func `strings are unescaped, and their raw text is kept`() throws {
    let text = #"["a\"\\\/\b\f\n\r\tz","\u0041\u00e9\u6F22\ud83d\ude00","plain é","\u0000",""]"#
    let root = try JSONDocument.parse(text.utf8).root
    let expected = ["a\"\\/\u{8}\u{C}\n\r\tz", "Aé漢😀", "plain é", "\u{0}", ""]
    #expect(root.elements.map(\.string) == expected)
    let contents = root.elements.map { $0.withStringBytes { Array($0) } }
    #expect(contents == expected.map { Array($0.utf8) })
    #expect(root.rawText == text)
    #expect(Array(root.elements)[1].rawText == #""\u0041\u00e9\u6F22\ud83d\ude00""#)
  }

  @Test func `raw text of a value leaves out the white space around it`() throws {
    let root = try JSONDocument.parse(" { \"a\" : [ 1 , 2 ] , \"b\" : -1.50e3 } ".utf8).root
    #expect(root.rawText == "{ \"a\" : [ 1 , 2 ] , \"b\" : -1.50e3 }")
    #expect(root["a"]?.rawText == "[ 1 , 2 ]")
    #expect(root["b"]?.rawText == "-1.50e3")
    #expect(root["b"]?.withRawBytes { Array($0) } == Array("-1.50e3".utf8))
  }

  @Test func `members come in the order written, with names and values unescaped`() throws {
    let root = try JSONDocument.parse(
      #"{"z":{"q":[1,{"w":2}]},"\u0061b":[[],[]],"x_ref":"v\n","":4}"#.utf8
    ).root
    #expect(root.members.map(\.name) == ["z", "ab", "x_ref", ""])
    #expect(root.members.map(\.value.kind) == [.object, .array, .string, .number])
    #expect(root.members.map { $0.isNamed("ab") } == [false, true, false, false])
    #expect(root.members.map { $0.isNamed("a" + "b") } == [false, true, false, false])
    #expect(root.members.map { $0.isNamed(startingWith: "x_") } == [false, false, true, false])
    #expect(root.members.map { $0.withNameBytes { $0.count } } == [1, 2, 5, 0])
    #expect(root["z"]?["q"]?.count == 2)
    #expect(root["ab"]?.count == 2)
    #expect(root[""]?.integer == 4)
    #expect(root["w"] == nil)
    #expect(root["A"] == nil)
    let key = "x_" + "ref"
    #expect(root[key]?.string == "v\n")
  }

  @Test func `a name is found by its bytes, not by canonical equivalence`() throws {
    let root = try JSONDocument.parse("{\"e\u{301}\":1}".utf8).root
    let composed = "\u{E9}"
    #expect(root[composed] == nil)
    #expect(root["e\u{301}"]?.integer == 1)
  }

  @Test func `isString compares all bytes of any length`() throws {
    for length in 0...40 {
      let text = String(repeating: "a", count: length)
      let value = try JSONDocument.parse("\"\(text)\"".utf8).root
      #expect(value.isString(text))
      #expect(!value.isString(text + "a"))
      for place in 0..<length {
        var bytes = Array(text.utf8)
        bytes[place] = UInt8(ascii: "b")
        #expect(!value.isString(String(decoding: bytes, as: UTF8.self)), "\(length), \(place)")
      }
    }
    #expect(try JSONDocument.parse("2.0".utf8).root.isString("2.0") == false)
    #expect(try JSONDocument.parse("\"2.0\"".utf8).root.isString("2.0"))
  }

  @Test func `a cursor keeps its document alive`() throws {
    func inner() throws -> JSONValue? {
      try JSONDocument.parse([UInt8](#"{"a":{"b":"kept\n"}}"#.utf8)).root["a"]
    }
    #expect(try inner()?["b"]?.string == "kept\n")
  }

  @Test func `slices, raw memory and other collections parse alike`() throws {
    let bytes = Array("xx[1,\"é\"]yy".utf8)
    let slice = bytes[2..<bytes.count - 2]
    #expect(try JSONDocument.parse(slice).root.rawText == "[1,\"é\"]")
    let text = try slice.withUnsafeBytes { try JSONDocument.parse($0).root.rawText }
    #expect(text == "[1,\"é\"]")
    #expect(try JSONDocument.parse(slice.lazy.map { $0 }).root.rawText == "[1,\"é\"]")
  }

  @Test func `a document keeps a copy of its text`() throws {
    var bytes = Array(#"{"a":"x\ty","b":[1,"plain"]}"#.utf8)
    let document = try JSONDocument.parse(bytes)
    for index in bytes.indices { bytes[index] = UInt8(ascii: "!") }
    let lent = try bytes.withUnsafeMutableBufferPointer { buffer in
      _ = buffer.update(fromContentsOf: #"{"c":"\u00e9"}"#.utf8)
      let end = #"{"c":"\u00e9"}"#.utf8.count
      let lent = try JSONDocument.parse(UnsafeBufferPointer(rebasing: buffer[..<end]))
      buffer.update(repeating: 0)
      return lent
    }
    #expect(document.root["a"]?.string == "x\ty")
    #expect(document.root["b"]?.rawText == #"[1,"plain"]"#)
    #expect(lent.root["c"]?.string == "é")
  }

  /// The text, and what is unescaped of it, lie behind the nodes, in what is left of their room.
  @Test(arguments: [1, 2, 3, 7, 40, 1_000, 5_000])
  func `texts of few nodes and of many are kept whole`(count: Int) throws {
    let long = String(repeating: "ab\\n\\u00e9", count: count)
    let texts = [
      "[" + repeatElement("[]", count: count).joined(separator: ",") + "]",
      "\"" + long + "\"",
      "[" + repeatElement("\"\\n\"", count: count).joined(separator: ",") + "]",
      "{" + (0..<count).map { "\"k\\t\($0)\":\($0)" }.joined(separator: ",") + "}",
    ]
    let roots = try texts.map { try JSONDocument.parse($0.utf8).root }
    #expect(roots.map(\.rawText) == texts)
    #expect(roots[0].elements.map(\.count) == Array(repeating: 0, count: count))
    #expect(roots[1].string == String(repeating: "ab\né", count: count))
    #expect(roots[2].elements.map(\.string) == Array(repeating: "\n", count: count))
    #expect(roots[3].members.map(\.name) == (0..<count).map { "k\t\($0)" })
    #expect(roots[3].members.map(\.value.integer) == (0..<count).map { Int64($0) })
  }

  @Test func `a copy of a secret text is handed over to be wiped, when nothing refers to it`()
    throws
  {
    let wiped = Wiped()
    let text = Array(#"{"secret":"ab\u0063"}"#.utf8)
    var value: JSONValue?
    do {
      let document = try JSONDocument.parse(text, wipe: { wiped.take($0) })
      value = document.root["secret"]
    }
    #expect(value?.string == "abc")
    #expect(wiped.texts.isEmpty)
    value = nil
    #expect(wiped.texts == [text + Array("abc".utf8)])
  }

  private final class Wiped: @unchecked Sendable {
    private(set) var texts: [[UInt8]] = []

    func take(_ memory: UnsafeMutableRawBufferPointer) { texts.append(Array(memory)) }
  }
}
