// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// No Swift file is longer than 400 lines; one idea seldom needs 300.
enum FileLengthRule {
  static let limit = 400

  static func violations(in file: TextFile) -> [Violation] {
    guard file.lines.count > limit else { return [] }
    return [file.violation(line: limit + 1, "\(file.lines.count) lines, at most \(limit)")]
  }
}

@Suite struct FileLengthRuleTests {
  @Test func `a file over the limit is named, one at the limit is not`() {
    let atLimit = String(repeating: "\n", count: FileLengthRule.limit)
    #expect(FileLengthRule.violations(in: TextFile(path: "A.swift", text: atLimit)).isEmpty)
    let over = FileLengthRule.violations(in: TextFile(path: "A.swift", text: atLimit + "a"))
    #expect(over.map(\.line) == [FileLengthRule.limit + 1])
  }

  @Test func `the repository keeps it`() {
    expectNone(Repository.this.swiftFiles.flatMap(FileLengthRule.violations))
  }
}
