// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// Every Swift file opens with the same two lines, which name its licence and its project.
enum LicenceHeaderRule {
  static let header = [
    "// SPDX-License-Identifier: Apache-2.0",
    "// Part of Scrip, the stored-value and coupon engine.",
  ]

  static func violations(in file: TextFile) -> [Violation] {
    // SwiftPM wants its own line first in a manifest.
    let isManifest = file.lines.first?.hasPrefix("// swift-tools-version") == true
    let start = isManifest ? 1 : 0
    guard Array(file.lines.dropFirst(start).prefix(2)) != header else { return [] }
    return [file.violation(line: start + 1, "the two lines of the licence header are missing")]
  }
}

@Suite struct LicenceHeaderRuleTests {
  private let header = LicenceHeaderRule.header.joined(separator: "\n")

  private func violations(_ text: String) -> [Violation] {
    LicenceHeaderRule.violations(in: TextFile(path: "A.swift", text: text))
  }

  @Test func `a file with the header passes, a manifest behind its tools version too`() {
    #expect(violations(header + "\n\nimport Glibc\n").isEmpty)
    #expect(violations("// swift-tools-version: 6.2\n" + header).isEmpty)
  }

  @Test(arguments: ["", "import Glibc\n", "// SPDX-License-Identifier: MIT\n// Part of Scrip.\n"])
  func `a file without the header, or with another, is named`(text: String) {
    #expect(violations(text).map(\.line) == [1])
    #expect(violations("\n" + header).map(\.line) == [1])
  }

  @Test func `the repository keeps it`() {
    expectNone(Repository.this.swiftFiles.flatMap(LicenceHeaderRule.violations))
  }
}
