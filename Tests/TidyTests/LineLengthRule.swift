// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// No line of Swift is longer than 100 characters, so that two files fit side by side.
enum LineLengthRule {
  static let limit = 100

  static func violations(in file: TextFile) -> [Violation] {
    file.lines.enumerated().compactMap { index, line in
      // Bytes are counted first: they are cheap, and never fewer than the characters.
      guard line.utf8.count > limit, line.count > limit else { return nil }
      return file.violation(line: index + 1, "\(line.count) characters, at most \(limit)")
    }
  }
}

@Suite struct LineLengthRuleTests {
  @Test func `a line over the limit is named`() {
    let long = String(repeating: "a", count: LineLengthRule.limit)
    let file = TextFile(path: "A.swift", text: "short\n\(long)\n\(long)b\n")
    #expect(LineLengthRule.violations(in: file).map(\.line) == [3])
  }

  @Test func `characters are counted, not bytes`() {
    let file = TextFile(
      path: "A.swift", text: String(repeating: "金", count: LineLengthRule.limit))
    #expect(LineLengthRule.violations(in: file).isEmpty)
  }

  @Test func `the repository keeps it`() {
    expectNone(Repository.this.swiftFiles.flatMap(LineLengthRule.violations))
  }
}
