// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// Invariants are numbered once, without gaps, and every number that is cited is defined.
///
/// A definition is a heading of `spec/invariants.md` that opens with the number. While there is
/// no such file nothing can be checked.
enum InvariantRule {
  static let definitionsPath = "spec/invariants.md"

  /// What is wrong with the definitions themselves: a number twice, or one left out.
  static func violations(inDefinitions file: TextFile) -> [Violation] {
    zip(definitions(in: file), 1...).compactMap { definition, expected in
      guard definition.number != expected else { return nil }
      return file.violation(
        line: definition.line, "INV-\(definition.number) stands where \(expected) is due")
    }
  }

  /// The citations in a file that no definition answers.
  static func violations(in file: TextFile, definitions: TextFile?) -> [Violation] {
    guard let definitions else { return [] }
    let defined = Set(Self.definitions(in: definitions).map(\.number))
    return citations(in: file.text).filter { !defined.contains($0.number) }
      .map { file.violation(line: $0.line, "INV-\($0.number) is not defined") }
  }

  private static func definitions(in file: TextFile) -> [(line: Int, number: Int)] {
    MarkdownText(file).headings.compactMap { heading in
      guard heading.text.hasPrefix("INV-") else { return nil }
      return citations(in: heading.text).first.map { (heading.line, $0.number) }
    }
  }

  /// The numbers cited in a text, with their lines.
  private static func citations(in text: String) -> [(line: Int, number: Int)] {
    guard !Occurrence.all(of: "INV-", in: text).isEmpty else { return [] }
    return TextFile(path: "", text: text).lines.enumerated().flatMap { index, line in
      line.split(separator: "INV-", omittingEmptySubsequences: false).dropFirst()
        .compactMap { Int($0.prefix { $0.isASCII && $0.isNumber }) }
        .map { (index + 1, $0) }
    }
  }
}

@Suite struct InvariantRuleTests {
  private let definitions = TextFile(
    path: "spec/invariants.md", text: "# Invariants\n## INV-1 One\n## INV-2 Two\n")

  private func cite(_ numbers: Int...) -> TextFile {
    TextFile(path: "Sources/A/A.swift", text: numbers.map { "// INV-\($0)\n" }.joined())
  }

  @Test func `a citation without a definition is named`() {
    let found = InvariantRule.violations(in: cite(1, 3, 2, 12), definitions: definitions)
    #expect(found.map(\.line) == [2, 4])
  }

  @Test func `nothing is asked of citations before there are definitions`() {
    #expect(InvariantRule.violations(in: cite(3), definitions: nil).isEmpty)
  }

  @Test func `a number twice and a number left out are named`() {
    #expect(InvariantRule.violations(inDefinitions: definitions).isEmpty)
    let heading = "## INV-"
    let twice = TextFile(path: "a.md", text: "\(heading)1 A\n\(heading)1 B\n")
    #expect(InvariantRule.violations(inDefinitions: twice).map(\.line) == [2])
    let gap = TextFile(path: "a.md", text: "\(heading)1 A\n\(heading)3 B\n")
    #expect(InvariantRule.violations(inDefinitions: gap).map(\.line) == [2])
  }

  @Test func `the repository keeps it`() {
    let repository = Repository.this
    let definitions = repository.file(at: InvariantRule.definitionsPath)
    expectNone(definitions.map(InvariantRule.violations(inDefinitions:)) ?? [])
    expectNone(
      repository.textFiles.flatMap { InvariantRule.violations(in: $0, definitions: definitions) })
  }
}
