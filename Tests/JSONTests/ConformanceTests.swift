// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Testing

/// Texts that RFC 8259 allows, written for this project after its grammar.
private let accepted: [String] = [
  // Literal names and white space.
  "null", "true", "false", " null", "null ", "\tnull", "\r\nnull\r\n", " \n\r\t true \n\r\t ",
  // Numbers.
  "0", "-0", "1", "-1", "10", "123456789", "9223372036854775807", "-9223372036854775808",
  "9223372036854775808", "123456789012345678901234567890", "0.0", "-0.0", "0.5", "1.25", "1e0",
  "1E0", "1e1", "1e+1", "1e-1", "0e0", "0E+00", "1.5e300", "-1.5E-300", "1e9999", "1e00001",
  "100.00100",
  // Strings.
  #""""#, #""a""#, #"" ""#, #""\"""#, #""\\""#, #""\/""#, #""/""#, #""\b\f\n\r\t""#,
  #""\u0000""#, #""\u001f""#, #""\u0041""#, #""\u00e9""#, #""\u00E9""#, #""\uFFFF""#,
  #""\uD834\uDD1E""#, #""\ud834\udd1e""#, #""\uD83D\uDE00\uD83D\uDE01""#, #""\uDBFF\uDFFF""#,
  #""\\u0041""#, #""\\\"""#, "\"\u{7F}\"", "\"é\"", "\"漢字\"", "\"😀\"",
  "\"\u{2028}\u{2029}\"",
  "\"\u{FEFF}\"", "\"\u{10FFFF}\"", "\"\u{FFFF}\"", "\"\u{E000}\u{D7FF}\"", "\"e\u{301}\"",
  "\"\u{80}\u{7FF}\u{800}\u{10000}\"", #""[{,:}]""#, #""/* no comment */""#, #""'""#,
  // Arrays.
  "[]", "[ ]", "[\n]", "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[[],[]]", "[[[[]]]]", "[null]",
  #"["a","b"]"#, "[1,\n2\n]", "[true,false,null]", "[-0]", "[1e1,1]", #"["",""]"#, "[{}]",
  "[{},{}]", "[0,0,0]", "[\"a\"\t,\r1]",
  // Objects.
  "{}", "{ }", #"{"a":1}"#, #"{"a":1,"b":2}"#, #"{ "a" : 1 , "b" : 2 }"#, #"{"":0}"#,
  #"{"a":{}}"#, #"{"a":{"a":{"a":1}}}"#, #"{"a":[]}"#, #"{"a":"b"}"#, #"{"a":null}"#,
  #"{"a":1,"A":2}"#, #"{"a":1,"aa":2}"#, #"{"\u0061":1}"#, #"{"a\u0000b":1,"a":2}"#,
  #"{"é":1,"e"# + "\u{301}" + #"":2}"#, #"[{"a":1},{"a":1}]"#, #"{"x":{"a":1},"a":1}"#,
  #"{"a":[{"a":1},{"a":2}],"b":{"a":3}}"#, "{\"a\"\n:\n1\n}", #"{"__proto__":1}"#,
]

/// Texts that RFC 8259 forbids, or this parser by the freedom §4 and §9 leave it.
private let refused: [(String, JSONError.Reason)] = [
  ("", .unexpectedEnd), (" ", .unexpectedEnd), ("\n", .unexpectedEnd),
  // Literal names.
  ("nul", .unexpectedEnd), ("tru", .unexpectedEnd), ("fals", .unexpectedEnd),
  ("nulL", .badLiteral), ("True", .unexpectedByte), ("TRUE", .unexpectedByte),
  ("NULL", .unexpectedByte), ("nil", .badLiteral), ("undefined", .unexpectedByte),
  ("truee", .trailingBytes), ("true false", .trailingBytes), ("nan", .badLiteral),
  // Numbers.
  ("NaN", .unexpectedByte), ("Infinity", .unexpectedByte), ("-Infinity", .badNumber),
  ("+1", .badNumber), (".5", .badNumber), ("-.5", .badNumber), ("1.", .unexpectedEnd),
  ("[1.]", .badNumber), ("1.e1", .badNumber), ("01", .badNumber), ("00", .badNumber),
  ("-01", .badNumber), ("-", .unexpectedEnd), ("[-]", .badNumber), ("--1", .badNumber),
  ("1e", .unexpectedEnd), ("1e+", .unexpectedEnd), ("[1e]", .badNumber), ("1e1.5", .trailingBytes),
  ("1.2.3", .trailingBytes), ("0x10", .trailingBytes), ("1_000", .trailingBytes),
  ("1,000", .trailingBytes), ("1 2", .trailingBytes), ("1a", .trailingBytes),
  ("- 1", .badNumber), ("0e", .unexpectedEnd), ("١", .unexpectedByte), ("1f", .trailingBytes),
  // Strings.
  ("\"", .unexpectedEnd), ("\"a", .unexpectedEnd), ("'a'", .unexpectedByte),
  ("a", .unexpectedByte), (#""\""#, .unexpectedEnd), (#""\a""#, .badEscape),
  (#""\x41""#, .badEscape), (#""\'""#, .badEscape), (#""\0""#, .badEscape),
  (#""\U0041""#, .badEscape), (#""\u""#, .badEscape), (#""\u004""#, .badEscape),
  (#""\u004g""#, .badEscape), (#""\u+041""#, .badEscape), (#""\u 041""#, .badEscape),
  (#""\u{41}""#, .badEscape), ("\"\\\u{0A}\"", .badEscape), (#""\é""#, .badEscape),
  (#""\uD800""#, .loneSurrogate), (#""\uDC00""#, .loneSurrogate),
  (#""\uDFFF\uD800""#, .loneSurrogate), (#""\uD800\uD800""#, .loneSurrogate),
  (#""\uD800\u0041""#, .loneSurrogate), (#""\uD834x""#, .loneSurrogate),
  (#""\uD834\n""#, .loneSurrogate), (#""\uD834\u""#, .badEscape),
  ("\"\n\"", .controlCharacter), ("\"\t\"", .controlCharacter),
  ("\"\u{0}\"", .controlCharacter), ("\"\u{1F}\"", .controlCharacter),
  ("\"12345678\r\"", .controlCharacter), ("\"a\" \"b\"", .trailingBytes),
  ("\"a\"b", .trailingBytes), ("\u{201C}a\u{201D}", .unexpectedByte),
  // Arrays.
  ("[", .unexpectedEnd), ("]", .unexpectedByte), ("[1", .unexpectedEnd), ("[1,", .unexpectedEnd),
  ("[,]", .unexpectedByte), ("[1,]", .unexpectedByte), ("[,1]", .unexpectedByte),
  ("[1,,2]", .unexpectedByte), ("[1 2]", .unexpectedByte), ("[1}", .unexpectedByte),
  ("[]]", .trailingBytes), ("[1]1", .trailingBytes), ("[a]", .unexpectedByte),
  ("[\"a\":1]", .unexpectedByte), ("[[]", .unexpectedEnd), ("(1)", .unexpectedByte),
  ("[1;2]", .unexpectedByte), ("[][]", .trailingBytes),
  // Objects.
  ("{", .unexpectedEnd), ("}", .unexpectedByte), (#"{"a""#, .unexpectedEnd),
  (#"{"a":"#, .unexpectedEnd), (#"{"a":1"#, .unexpectedEnd), (#"{"a":1,"#, .unexpectedEnd),
  (#"{"a":1,}"#, .unexpectedByte), (#"{,"a":1}"#, .unexpectedByte), ("{,}", .unexpectedByte),
  (#"{"a":1,,"b":2}"#, .unexpectedByte), (#"{"a" 1}"#, .unexpectedByte),
  (#"{"a":}"#, .unexpectedByte), (#"{"a"}"#, .unexpectedByte), (#"{"a"::1}"#, .unexpectedByte),
  (#"{"a"=1}"#, .unexpectedByte), ("{a:1}", .unexpectedByte), ("{'a':1}", .unexpectedByte),
  ("{1:1}", .unexpectedByte), ("{null:1}", .unexpectedByte), (#"{"a":1]"#, .unexpectedByte),
  (#"{"a":1}}"#, .trailingBytes), (#"{"a":1 "b":2}"#, .unexpectedByte),
  (#"{"a":1;"b":2}"#, .unexpectedByte), (#"{[]:1}"#, .unexpectedByte),
  (#"{"a":1}{"a":1}"#, .trailingBytes), (#"{"a","b"}"#, .unexpectedByte),
  // Comments and other white space.
  ("/* */1", .unexpectedByte), ("1//", .trailingBytes), ("1#", .trailingBytes),
  ("[1/**/]", .unexpectedByte), ("\u{A0}1", .unexpectedByte), ("\u{0B}1", .unexpectedByte),
  ("\u{0C}1", .unexpectedByte), ("1\u{0}", .trailingBytes), ("\u{FEFF}1", .unexpectedByte),
  ("\u{2028}1", .unexpectedByte), ("\u{85}1", .unexpectedByte), ("1\u{3000}", .trailingBytes),
  // Names.
  (#"{"a":1,"a":1}"#, .duplicateName), (#"{"a":1,"b":2,"a":3}"#, .duplicateName),
  (#"{"a":1,"\u0061":2}"#, .duplicateName), (#"{"\u0061":1,"a":2}"#, .duplicateName),
  (#"{"\/":1,"/":2}"#, .duplicateName), (#"{"":1,"":2}"#, .duplicateName),
  (#"{"é":1,"\u00E9":2}"#, .duplicateName), (#"{"😀":1,"\ud83d\ude00":2}"#, .duplicateName),
  (#"{"a":{"b":[1]},"c":0,"a":{}}"#, .duplicateName), (#"[{"x":{"a":1,"a":2}}]"#, .duplicateName),
]

/// Byte sequences that are not UTF-8, to stand inside a string.
private let notUTF8: [[UInt8]] = [
  [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC2, 0xC2],
  [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE1, 0x80], [0xE1, 0x80, 0x41], [0xE1, 0x41, 0x80],
  [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
  [0xF0, 0x90, 0x80], [0xF0, 0x90, 0x80, 0x41], [0xF0, 0x90, 0x41, 0x80],
  [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE],
  [0xFF], [0xE9],
]

@Suite struct ConformanceTests {
  @Test func `the table holds enough texts of each sort`() {
    #expect(accepted.count >= 100)
    #expect(refused.count >= 120)
    #expect(Set(accepted.map { Array($0.utf8) }).count == accepted.count)
  }

  @Test func `every text that RFC 8259 allows is accepted`() {
    for text in accepted {
      #expect(throws: Never.self, "\(text)") { try JSONDocument.parse(text.utf8) }
      #expect(ReferenceParser.accepts(Array(text.utf8)), "\(text)")
    }
  }

  @Test func `every text that RFC 8259 forbids is refused for its own reason`() {
    for (text, reason) in refused {
      #expect(!ReferenceParser.accepts(Array(text.utf8)), "\(text)")
      do {
        _ = try JSONDocument.parse(text.utf8)
        Issue.record("accepted: \(text)")
      } catch {
        #expect(error.reason == reason, "\(text)")
        #expect((0...text.utf8.count).contains(error.offset), "\(text)")
      }
    }
  }

  @Test func `bytes that are not UTF-8 are refused wherever a string holds them`() {
    for sequence in notUTF8 {
      for prefix in 0..<9 {
        let padding = [UInt8](repeating: 0x61, count: prefix)
        let text = [0x22] + padding + sequence + [0x61, 0x22]
        #expect(throws: JSONError(reason: .invalidUTF8, offset: 1 + prefix)) {
          try JSONDocument.parse(text)
        }
        // Also with the text ending in the middle of the sequence.
        #expect(throws: JSONError.self) { try JSONDocument.parse([0x22] + padding + sequence) }
      }
      #expect(throws: JSONError.self) { try JSONDocument.parse(sequence) }
    }
  }

  @Test func `every scalar can stand raw in a string except quote, backslash and controls`() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let content = Array(String(Character(scalar)).utf8)
      let root = try? JSONDocument.parse([0x22] + content + [0x22]).root
      if value < 0x20 || scalar == "\"" || scalar == "\\" {
        if root != nil { Issue.record("accepted: \(value)") }
      } else if root?.withStringBytes({ Array($0) }) != content {
        Issue.record("wrong: \(value)")
      }
    }
  }

  @Test func `the offset points at the offending byte`() {
    let cases: [(String, JSONError.Reason, Int)] = [
      (#"{"a":1,}"#, .unexpectedByte, 7), ("[1,2", .unexpectedEnd, 4), ("[1] x", .trailingBytes, 4),
      (#"{"a":1,"b":2,"a":3}"#, .duplicateName, 13), (#"["ab\q"]"#, .badEscape, 4),
      ("[-x]", .badNumber, 2), ("[012]", .badNumber, 2), ("\"abc\u{1}\"", .controlCharacter, 4),
    ]
    for (text, reason, offset) in cases {
      #expect(throws: JSONError(reason: reason, offset: offset), "\(text)") {
        try JSONDocument.parse(text.utf8)
      }
    }
  }

  @Test func `a fault's description quotes nothing of the text`() throws {
    let error = #expect(throws: JSONError.self) { try JSONDocument.parse(#"{"pin":12x}"#.utf8) }
    #expect(try #require(error).description == "unexpected byte at byte 9")
  }
}
