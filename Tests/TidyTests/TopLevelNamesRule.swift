// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// The top level of the repository holds what is named here, and dot files; nothing gathers there.
enum TopLevelNamesRule {
  static let allowed: Set<String> = [
    "Package.swift", "Sources", "Tests", "Fuzz", "spec", "README.md", "README.zh-CN.md", "LICENSE",
    "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile",
  ]

  static func violations(in names: [String]) -> [Violation] {
    names.filter { !$0.hasPrefix(".") && !allowed.contains($0) }
      .map { Violation(path: $0, line: 1, message: "does not belong at the top level") }
  }
}

@Suite struct TopLevelNamesRuleTests {
  @Test func `a stranger is named, a dot file is not`() {
    let found = TopLevelNamesRule.violations(in: ["Makefile", ".ci", "notes.txt", "Scripts"])
    #expect(found.map(\.path) == ["notes.txt", "Scripts"])
  }

  @Test func `the repository keeps it`() {
    expectNone(TopLevelNamesRule.violations(in: Repository.this.topLevelNames))
  }
}
