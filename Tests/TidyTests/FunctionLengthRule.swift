// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// No function, initialiser, subscript or computed property is longer than 70 lines.
///
/// The length runs from the line of the keyword to the line of the closing brace. The scan
/// follows braces in the blanked code; it knows no grammar, only where a body may open.
enum FunctionLengthRule {
  static let limit = 70

  static func violations(in file: TextFile) -> [Violation] {
    var scan = BraceScan()
    for (index, line) in file.codeLines.enumerated() {
      scan.read(line, number: index + 1)
    }
    return scan.functions.filter { $0.length > limit }.sorted { $0.first < $1.first }
      .map { file.violation(line: $0.first, "a body of \($0.length) lines, at most \(limit)") }
  }
}

/// Follows braces and remembers which of them closed a function.
private struct BraceScan {
  struct Function {
    let first: Int
    let last: Int
    var length: Int { last - first + 1 }
  }

  /// A declaration whose body has not opened yet.
  private struct Pending {
    let line: Int
    let parentheses: Int
    /// A variable has a body only when a brace follows on its own line before any `=`.
    let isVariable: Bool
  }

  private static let opening: Set<Substring> = ["func", "init", "deinit", "subscript"]
  /// Words that start another declaration: one that is still pending then has no body, as in a
  /// protocol.
  private static let others: Set<Substring> = [
    "let", "case", "static", "struct", "class", "enum", "protocol", "extension", "actor",
    "typealias",
    "associatedtype", "mutating",
  ]

  private(set) var functions: [Function] = []
  private var braces: [Int?] = []
  private var parentheses = 0
  private var pending: Pending?

  mutating func read(_ line: String, number: Int) {
    if pending?.isVariable == true { pending = nil }
    var rest = line.utf8[...]
    var previous: UInt8?
    while let byte = rest.first {
      if Occurrence.isWordByte(byte) {
        let word = Substring(rest.prefix(while: Occurrence.isWordByte))
        // After a full stop the word is a member, as in `Card.init`.
        if previous != UInt8(ascii: ".") { see(word, line: number) }
        rest = rest.dropFirst(word.utf8.count)
      } else {
        see(byte, line: number)
        rest = rest.dropFirst()
      }
      if byte != UInt8(ascii: " ") { previous = byte }
    }
  }

  private mutating func see(_ word: Substring, line: Int) {
    if Self.opening.contains(word) {
      pending = Pending(line: line, parentheses: parentheses, isVariable: false)
    } else if word == "var" {
      pending = Pending(line: line, parentheses: parentheses, isVariable: true)
    } else if Self.others.contains(word), pending?.parentheses == parentheses {
      pending = nil
    }
  }

  private mutating func see(_ byte: UInt8, line: Int) {
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
    case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
    case UInt8(ascii: "=") where pending?.isVariable == true: pending = nil
    case UInt8(ascii: "{"):
      let opensBody = pending?.parentheses == parentheses
      braces.append(opensBody ? pending?.line : nil)
      if opensBody { pending = nil }
    case UInt8(ascii: "}"):
      // The end of a protocol; not that of a closure among the parameters.
      if pending?.parentheses == parentheses { pending = nil }
      if let first = braces.popLast() ?? nil {
        functions.append(Function(first: first, last: line))
      }
    default: break
    }
  }
}

@Suite struct FunctionLengthRuleTests {
  /// A declaration whose body brings it to so many lines.
  private func source(_ head: String, lines: Int, before: String = "") -> TextFile {
    let body = String(repeating: "  a()\n", count: lines - 2)
    return TextFile(path: "A.swift", text: "\(before)\(head) {\n\(body)}\n")
  }

  @Test(arguments: [
    "func f()", "func f(a: () -> Void = {}) -> [Int]", "private init?(x: Int) throws(E)",
    "func `a { in a name`()", "subscript(i: Int) -> Int", "var x: Int", "deinit",
    "static func < (a: A, b: A) -> Bool", "func f<T>(t: T) where T: P",
  ])
  func `a body over the limit is named by its first line`(head: String) {
    let limit = FunctionLengthRule.limit
    #expect(FunctionLengthRule.violations(in: source(head, lines: limit)).isEmpty)
    let long = source(head, lines: limit + 1, before: "struct S {\n")
    #expect(FunctionLengthRule.violations(in: long).map(\.line) == [2])
  }

  @Test(arguments: [
    "struct S", "extension S", "switch x", "let x = y.map", "var x = y.init(a).map",
    "protocol P { func f() }\nenum E", "protocol P { func f() -> Int; init() }\nstruct S",
    "@Suite struct S", "f(a) ", "@_silgen_name(\"f\") func f()\nstruct S",
  ])
  func `a long block that is no function is left alone`(head: String) {
    let file = source(head, lines: FunctionLengthRule.limit + 30)
    #expect(FunctionLengthRule.violations(in: file).isEmpty)
  }

  @Test func `a local function inside a call's closure is measured`() {
    let file = source("f(a { func g()", lines: FunctionLengthRule.limit + 1)
    #expect(FunctionLengthRule.violations(in: file).map(\.line) == [1])
  }

  @Test func `braces in strings and comments do not count`() {
    let file = source("func f() { // } {\n  a(\"}\")\nlet x =", lines: FunctionLengthRule.limit)
    let closed = TextFile(path: "A.swift", text: file.text + "}\n")
    #expect(FunctionLengthRule.violations(in: closed).map(\.line) == [1])
  }

  @Test func `the repository keeps it`() {
    expectNone(Repository.this.swiftFiles.flatMap(FunctionLengthRule.violations))
  }
}
