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
    var found: [Violation] = []
    for word in words where !(word.executablesMay && executables.contains(target)) {
      let text = word.everywhere ? file.text : file.code
      for place in Occurrence.all(of: word.text, in: text) where isWhole(place, word.text) {
        found.append(file.violation(line: place.line, "`\(word.text)`: \(word.reason)"))
      }
    }
    return found
  }

  /// Whether the word stands for itself: neither in a longer one, nor as a member of that name.
  private static func isWhole(_ place: Occurrence, _ word: String) -> Bool {
    let endsInLetter = word.utf8.last.map(Occurrence.isWordByte) ?? false
    return !place.continuesBefore && place.before != UInt8(ascii: ".")
      && !(endsInLetter && place.continuesAfter)
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
