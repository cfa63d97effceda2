// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// Every Markdown file has one title, and it is the first heading.
enum MarkdownHeadingRule {
  static func violations(in file: TextFile) -> [Violation] {
    let headings = MarkdownText(file).headings
    let titles = headings.filter { $0.level == 1 }
    guard let first = headings.first, !titles.isEmpty else {
      return [file.violation(line: 1, "no title (a heading of the first level)")]
    }
    if first.level != 1 {
      return [file.violation(line: first.line, "a heading stands before the title")]
    }
    return titles.dropFirst().map { file.violation(line: $0.line, "a second title") }
  }
}

@Suite struct MarkdownHeadingRuleTests {
  @Test(arguments: [
    ("# A\n## B\n", []), ("text\n", [1]), ("# A\ntext\n# B\n# C\n", [3, 4]), ("## A\n# B\n", [1]),
    ("# A\n```\n# in code\n```\n", []),
  ])
  func `one title and no other is allowed`(text: String, lines: [Int]) {
    let file = TextFile(path: "a.md", text: text)
    #expect(MarkdownHeadingRule.violations(in: file).map(\.line) == lines)
  }

  @Test func `the repository keeps it`() {
    expectNone(Repository.this.markdownFiles.flatMap(MarkdownHeadingRule.violations))
  }
}
