// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// The code of a Swift file: comments and the contents of string literals become blanks.
///
/// Every byte keeps its place, so that lines and columns still match the file. What stands in
/// an interpolation is code and stays. Bare regular-expression literals are not recognised; the
/// extended form `#/…/#` is.
struct SwiftCode {
  /// The blanked text, as many bytes as the file has.
  let text: String

  init(of text: String) {
    var scanner = Scanner(source: Array(text.utf8))
    self.text = String(decoding: scanner.blanked(), as: UTF8.self)
  }

  /// What the scanner is inside of, innermost last; plain code when there is nothing.
  private enum Frame {
    case string(hashes: Int, isMultiline: Bool)
    case interpolation(parentheses: Int)
  }

  private struct Scanner {
    let source: [UInt8]
    var output: [UInt8] = []
    var frames: [Frame] = []

    mutating func blanked() -> [UInt8] {
      output.reserveCapacity(source.count)
      while output.count < source.count {
        if case .string(let hashes, let isMultiline) = frames.last {
          stepInString(hashes: hashes, isMultiline: isMultiline)
        } else {
          stepInCode()
        }
      }
      return output
    }

    private mutating func stepInCode() {
      switch source[output.count] {
      case UInt8(ascii: "/") where starts(with: "//"): blank(until: "\n")
      case UInt8(ascii: "/") where starts(with: "/*"): blankBlockComment()
      case UInt8(ascii: "`"): blankBetween("`")
      case UInt8(ascii: "\""): openString(hashes: 0)
      case UInt8(ascii: "#"): stepAtHash()
      case UInt8(ascii: "("):
        shiftInterpolation(by: 1)
        keep(1)
      case UInt8(ascii: ")"):
        shiftInterpolation(by: -1)
        keep(1)
      default: keep(1)
      }
    }

    private mutating func stepAtHash() {
      var hashes = 1
      while starts(with: "#", ahead: hashes) { hashes += 1 }
      if starts(with: "\"", ahead: hashes) {
        openString(hashes: hashes)
      } else if starts(with: "/", ahead: hashes) {
        blank(hashes + 1)
        blank(until: "/" + String(repeating: "#", count: hashes))
        blank(hashes + 1)
      } else {
        keep(hashes)
      }
    }

    private mutating func openString(hashes: Int) {
      let isMultiline = starts(with: "\"\"\"", ahead: hashes)
      keep(hashes + (isMultiline ? 3 : 1))
      frames.append(.string(hashes: hashes, isMultiline: isMultiline))
    }

    private mutating func stepInString(hashes: Int, isMultiline: Bool) {
      let marks = String(repeating: "#", count: hashes)
      let end = (isMultiline ? "\"\"\"" : "\"") + marks
      let escape = "\\" + marks
      if starts(with: escape + "(") {
        blank(escape.utf8.count)
        keep(1)
        frames.append(.interpolation(parentheses: 1))
      } else if starts(with: escape) {
        blank(escape.utf8.count + 1)
      } else if starts(with: end) {
        keep(end.utf8.count)
        frames.removeLast()
      } else if starts(with: "\n") && !isMultiline {
        // Not valid Swift; going on as code keeps the rest of the file readable.
        frames.removeLast()
      } else {
        blank(1)
      }
    }

    private mutating func shiftInterpolation(by step: Int) {
      guard case .interpolation(let parentheses) = frames.last else { return }
      frames.removeLast()
      if parentheses + step > 0 {
        frames.append(.interpolation(parentheses: parentheses + step))
      }
    }

    private mutating func blankBlockComment() {
      var depth = 0
      repeat {
        if starts(with: "/*") {
          depth += 1
          blank(2)
        } else if starts(with: "*/") {
          depth -= 1
          blank(2)
        } else {
          blank(1)
        }
      } while depth > 0 && output.count < source.count
    }

    private mutating func blankBetween(_ mark: String) {
      keep(1)
      blank(until: mark)
      keep(1)
    }

    private func starts(with text: String, ahead: Int = 0) -> Bool {
      source[min(output.count + ahead, source.count)...].starts(with: text.utf8)
    }

    private mutating func blank(until text: String) {
      while output.count < source.count && !starts(with: text) { blank(1) }
    }

    private mutating func blank(_ count: Int) {
      for byte in source[output.count...].prefix(count) {
        output.append(byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
      }
    }

    private mutating func keep(_ count: Int) {
      output += source[output.count...].prefix(count)
    }
  }
}

@Suite struct SwiftCodeTests {
  @Test(arguments: [
    ("a // { b", "a       "),
    ("a /* { /* } */ */ b", "a                 b"),
    (#"f("{") }"#, #"f(" ") }"#),
    (##"f(#"{""#) }"##, ##"f(#"  "#) }"##),
    (##"f(#"\("{")"#) }"##, ##"f(#"      "#) }"##),
    (#"f("\"{") }"#, #"f("   ") }"#),
    (#"f("a\(b { "{" })c") }"#, #"f("  (b { " " }) ") }"#),
    (#"f("\(g(a) { "{" })}") }"#, #"f(" (g(a) { " " }) ") }"#),
    ("func `a { b`() {", "func `     `() {"),
    ("f(#/{\"/#) }", "f(      ) }"),
    ("x = \"\"\"\n  \"{\"\n  \"\"\"; y", "x = \"\"\"\n     \n  \"\"\"; y"),
    ("a \"open {\nb {", "a \"      \nb {"),
    ("#if os(Linux)", "#if os(Linux)"),
  ])
  func `comments and literals are blanked and code is kept`(source: String, expected: String) {
    let code = SwiftCode(of: source)
    #expect(code.text == expected)
    #expect(code.text.utf8.count == source.utf8.count)
  }

  @Test(arguments: ["/* open", "\"\\", "#", "`open", "\"\\(", "#/open", "/*/"])
  func `a file that ends in the middle of something is scanned to its end`(source: String) {
    #expect(SwiftCode(of: source).text.utf8.count == source.utf8.count)
  }
}
