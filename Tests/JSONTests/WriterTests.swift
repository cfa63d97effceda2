// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Testing

@Suite struct WriterTests {
  private func written(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    let isComplete = writer.isComplete
    #expect(isComplete)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func `commas and colons stand where they belong`() {
    let text = written { writer in
      writer.beginObject()
      writer.name("a")
      writer.integer(1)
      writer.name("b")
      writer.beginArray()
      writer.endArray()
      writer.name("c")
      writer.beginArray()
      writer.null()
      writer.bool(true)
      writer.bool(false)
      writer.string("x")
      writer.beginObject()
      writer.endObject()
      writer.beginObject()
      writer.name("d")
      writer.raw("[1, 2]".utf8)
      writer.endObject()
      writer.raw("{}".utf8)
      writer.integer(-5)
      writer.endArray()
      writer.name("e" + "é")
      writer.string("y" + "z")
      writer.endObject()
    }
    #expect(
      text == #"{"a":1,"b":[],"c":[null,true,false,"x",{},{"d":[1, 2]},{},-5],"eé":"yz"}"#)
  }

  @Test func `only what must be escaped is escaped`() {
    let text = "a\"b\\c/\u{0}\u{1}\u{8}\t\n\u{B}\u{C}\r\u{E}\u{1F} \u{7F}\u{2028}\u{2029}é😀"
    let expected =
      #""a\"b\\c/\u0000\u0001\b\t\n\u000b\f\r\u000e\u001f "# + "\u{7F}\u{2028}\u{2029}é😀\""
    #expect(written { $0.string(text) } == expected)
    #expect(written { $0.string("q\"\n\u{1F}z") } == #""q\"\n\u001fz""#)
    #expect(
      written {
        $0.beginObject()
        $0.name(String("n\"\n"))
        $0.null()
        $0.name(text)
        $0.null()
        $0.endObject()
      } == #"{"n\"\n":null,"# + expected + ":null}")
  }

  @Test func `an escape is found at every place of a string of any length`() throws {
    for length in 0..<36 {
      for place in 0...length {
        for special in ["\"", "\\", "\u{1F}", "\u{0}", "\u{7F}", "é", " "] {
          var text = String(repeating: "a", count: place) + special
          text += String(repeating: "b", count: length - place)
          let bytes = Array(written { $0.string(text) }.utf8)
          #expect(try JSONDocument.parse(bytes).root.isString(text))
        }
      }
    }
  }

  @Test func `names and strings of any length are written whole and nothing else`() throws {
    for length in 0...40 {
      let text = String((0..<length).map { Character(UnicodeScalar(UInt8(0x61 + $0 % 26))) })
      var writer = JSONWriter()
      writer.beginObject()
      for order in 0..<3 {
        writer.name("\(text)\(order)")
        writer.string(text)
      }
      writer.name(text)
      writer.null()
      writer.endObject()
      let members = (0..<3).map { "\"\(text)\($0)\":\"\(text)\"" }.joined(separator: ",")
      #expect(writer.bytes == Array("{\(members),\"\(text)\":null}".utf8))
    }
  }

  @Test func `integers are written in full at every width`() {
    var values: [Int64] = [0, 1, -1, .max, .min, .max - 1, .min + 1]
    var power: Int64 = 1
    for _ in 0..<18 {
      power *= 10
      values += [power, power - 1, power + 1, -power, 1 - power, -power - 1]
    }
    for value in values {
      #expect(written { $0.integer(value) } == String(value))
      #expect(written { $0.integer(Int128(value)) } == String(value))
      #expect(written { $0.integer(Int(value)) } == String(value))
    }
    for value in [Int128.max, Int128.min, Int128(Int64.max) + 1, Int128(Int64.min) - 1] {
      #expect(written { $0.integer(value) } == String(value))
    }
  }

  @Test func `a writer can be used again after removing everything`() {
    var writer = JSONWriter(reservingCapacity: 64)
    writer.beginObject()
    writer.name("left open")
    writer.removeAll()
    writer.beginArray()
    writer.integer(1)
    writer.endArray()
    #expect(writer.bytes == Array("[1]".utf8))
    writer.removeAll(keepingCapacity: false)
    writer.null()
    #expect(writer.bytes == Array("null".utf8))
  }

  @Test func `a text that is dropped half-way leaves those before it, and room for the next`() {
    var writer = JSONWriter()
    writer.integer(1)
    let first = writer.endText()
    writer.beginObject()
    writer.name("a")
    writer.beginArray()
    writer.integer(2)
    writer.dropText()
    writer.beginObject()
    writer.name("b")
    writer.null()
    writer.endObject()
    let second = writer.endText()
    writer.dropText()
    #expect(String(decoding: writer.bytes[first], as: UTF8.self) == "1")
    #expect(String(decoding: writer.bytes[second], as: UTF8.self) == #"{"b":null}"#)
    #expect(writer.bytes == Array(#"1{"b":null}"#.utf8))
  }

  @Test func `texts stand one behind the other, each a whole value`() {
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("a")
    writer.integer(1)
    writer.endObject()
    let first = writer.endText()
    writer.integer(7)
    let second = writer.endText()
    writer.beginArray()
    writer.string("b")
    writer.bool(true)
    writer.endArray()
    let third = writer.endText()
    #expect(String(decoding: writer.bytes[first], as: UTF8.self) == #"{"a":1}"#)
    #expect(String(decoding: writer.bytes[second], as: UTF8.self) == "7")
    #expect(String(decoding: writer.bytes[third], as: UTF8.self) == #"["b",true]"#)
    #expect(writer.count == third.upperBound)
    writer.removeAll()
    writer.null()
    #expect(writer.endText() == 0..<4)
  }

  @Test func `sixty-four levels can be written and read back`() throws {
    var writer = JSONWriter()
    for level in 0..<64 {
      if level % 3 == 0 {
        writer.beginArray()
      } else {
        writer.beginObject()
        writer.name("n")
      }
    }
    writer.integer(7)
    for level in (0..<64).reversed() {
      if level % 3 == 0 { writer.endArray() } else { writer.endObject() }
    }
    let isComplete = writer.isComplete
    #expect(isComplete)
    #expect(throws: Never.self) { try JSONDocument.parse(writer.bytes) }
  }
}

/// Calls that would put a malformed line on stdout end the process instead.
@Suite struct WriterTrapTests {
  @Test func `a value without a name traps`() async {
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginObject()
      writer.integer(1)
    }
  }

  @Test func `a name in an array traps`() async {
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginArray()
      writer.name("a")
    }
  }

  @Test func `a name without a value traps at the object's end`() async {
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginObject()
      writer.name("a")
      writer.endObject()
    }
  }

  @Test func `the wrong end traps`() async {
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginArray()
      writer.endObject()
    }
  }

  @Test func `a second value traps`() async {
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.null()
      writer.null()
    }
  }

  @Test func `a text that is not complete cannot be ended`() async {
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginArray()
      _ = writer.endText()
    }
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      _ = writer.endText()
    }
  }

  @Test func `a sixty-fifth level traps`() async {
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      for _ in 0..<65 { writer.beginArray() }
    }
  }

  @Test func `a number that is none traps`() async {
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      JSONTree.number("1,2").write(to: &writer)
    }
  }
}
