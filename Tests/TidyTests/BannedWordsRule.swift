// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// Words that must not stand in the product's sources, each with its reason.
///
/// Tests are free of this rule: they may trap, and they must be able to write the words down.
enum BannedWordsRule {
  /// A word, where it is looked for, and why it is unwanted.
  struct Word {
    let text: String
    /// Whether comments and string literals are searched too.
    let everywhere: Bool
    /// Whether the executables may use it.
    let executablesMay: Bool
    let reason: String
  }

  static let words = [
    Word(
      text: "TODO", everywhere: true, executablesMay: false, reason: "finish it or file an issue"),
    Word(
      text: "FIXME", everywhere: true, executablesMay: false, reason: "fix it or file an issue"),
    Word(text: "XXX", everywhere: true, executablesMay: false, reason: "say what is meant"),
    Word(text: "try!", everywhere: false, executablesMay: false, reason: "handle the error"),
    Word(text: "as!", everywhere: false, executablesMay: false, reason: "cast with a condition"),
    Word(
      text: "fatalError", everywhere: false, executablesMay: false,
      reason: "a bug traps with precondition, anything else is an error"),
    Word(
      text: "print(", everywhere: false, executablesMay: true,
      reason: "standard output carries protocol only"),
  ]

  /// The targets that own a terminal.
  static let executables: Set<String> = ["scrip", "scrip-bench"]

  static func violations(in file: TextFile) -> [Violation] {
    guard let target = file.sourceTarget else { return [] }
    let code = SwiftCode(of: file.text).lines
    var found: [Violation] = []
    for word in words where !(word.executablesMay && executables.contains(target)) {
      let lines = word.everywhere ? file.lines : code
      for (index, line) in lines.enumerated() where contains(line, word.text) {
        found.append(file.violation(line: index + 1, "`\(word.text)`: \(word.reason)"))
      }
    }
    return found
  }

  /// Whether a line holds the word and not merely a longer one, nor a member of that name.
  private static func contains(_ line: String, _ word: String) -> Bool {
    let line = Array(line.utf8)
    let word = Array(word.utf8)
    guard line.count >= word.count else { return false }
    return (0...line.count - word.count).contains { start in
      let end = start + word.count
      guard line[start..<end].elementsEqual(word) else { return false }
      let before = start > 0 ? line[start - 1] : UInt8(ascii: " ")
      let after = end < line.count ? line[end] : UInt8(ascii: " ")
      let endsInWord = isWordByte(word[word.count - 1])
      return !isWordByte(before) && before != UInt8(ascii: ".")
        && !(endsInWord && isWordByte(after))
    }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || Unicode.Scalar(byte).properties.isAlphabetic
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

@Suite struct BannedWordsRuleTests {
  private func lines(_ text: String, target: String = "Engine") -> [Int] {
    BannedWordsRule.violations(in: TextFile(path: "Sources/\(target)/A.swift", text: text))
      .map(\.line)
  }

  @Test(arguments: [
    "// TODO: later", "let a = \"FIXME\"", "/* XXX */", "let a = try! f()", "let a = b as! C",
    "fatalError()", "fatalError(\"no\")", "print(a)", "let a = \"\\(b as! C)\"",
  ])
  func `each word is found`(text: String) {
    #expect(lines("\n" + text) == [2])
  }

  @Test(arguments: [
    "// a print( in prose", "let a = \"try! again\"", "debugPrint(a)", "receipt.print(a)",
    "let mastodon = TODOS", "let a = try? f()", "has!", "sprint(a)",
  ])
  func `words that only look alike are left alone`(text: String) {
    #expect(lines(text).isEmpty)
  }

  @Test func `the executables may print, and nothing else of it`() {
    #expect(lines("print(a)", target: "scrip").isEmpty)
    #expect(lines("try! f()", target: "scrip") == [1])
  }

  @Test func `files outside the sources are left alone`() {
    let file = TextFile(path: "Tests/EngineTests/A.swift", text: "try! f()")
    #expect(BannedWordsRule.violations(in: file).isEmpty)
  }

  @Test func `the repository keeps it`() {
    expectNone(Repository.this.sourceFiles.flatMap(BannedWordsRule.violations))
  }
}
