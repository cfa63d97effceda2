// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// No type or file of the product is named for having no idea of its own: Manager, Helper, Util.
enum TypeNamesRule {
  static let empty: Set<String> = [
    "Manager", "Managers", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities",
  ]
  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "actor", "protocol", "typealias", "macro",
  ]

  static func violations(in file: TextFile) -> [Violation] {
    guard file.sourceTarget != nil else { return [] }
    var found: [Violation] = []
    if let word = emptyWord(in: file.name) {
      found.append(file.violation(line: 1, "a file named \(word)"))
    }
    for (index, line) in file.codeLines.enumerated() {
      let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
      for (kind, name) in zip(words, words.dropFirst()) where kinds.contains(kind) {
        guard let word = emptyWord(in: String(name)) else { continue }
        found.append(file.violation(line: index + 1, "\(name): a type named \(word)"))
      }
    }
    return found
  }

  /// The first part of a camel-case name that is on the list.
  private static func emptyWord(in name: String) -> String? {
    var words: [String] = []
    for character in name {
      if character.isUppercase || words.isEmpty { words.append("") }
      if !character.isLetter { words.append("") }
      words[words.count - 1].append(character)
    }
    return words.first { empty.contains($0) }
  }
}

@Suite struct TypeNamesRuleTests {
  private func lines(_ text: String, name: String = "A.swift") -> [Int] {
    TypeNamesRule.violations(in: TextFile(path: "Sources/Engine/\(name)", text: text)).map(\.line)
  }

  @Test(arguments: ["final class CardManager {}", "enum Utils {}", "struct JSONHelpers<T> {}"])
  func `an empty name is found`(text: String) {
    #expect(lines("\n" + text) == [2])
  }

  @Test(arguments: ["CardUtils.swift", "Helper+Cards.swift"])
  func `an empty file name is found`(name: String) {
    #expect(lines("", name: name) == [1])
  }

  @Test(arguments: [
    "struct Utilisation {}", "let manager = 1", "// class CardManager", "struct Managed {}",
  ])
  func `names that only look alike are left alone`(text: String) {
    #expect(lines(text).isEmpty)
  }

  @Test func `the repository keeps it`() {
    expectNone(Repository.this.sourceFiles.flatMap(TypeNamesRule.violations))
  }
}
