// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// No file names a directory of somebody's machine.
enum MachinePathsRule {
  /// Built from parts, so that this file passes its own rule.
  static let prefixes = ["work", "opt", "root", "home", "Users"].map { "/" + $0 + "/" }

  static func violations(in file: TextFile) -> [Violation] {
    prefixes.flatMap { prefix in
      Occurrence.all(of: prefix, in: file.text).filter { !isInsidePath($0) }
        .map { file.violation(line: $0.line, "`\(prefix)` is a place on one machine") }
    }
  }

  /// Whether a name stands in front: then it is a folder of that name further down.
  private static func isInsidePath(_ place: Occurrence) -> Bool {
    place.continuesBefore || place.before.map { "._-})".utf8.contains($0) } ?? false
  }
}

@Suite struct MachinePathsRuleTests {
  private func lines(_ text: String) -> [Int] {
    MachinePathsRule.violations(in: TextFile(path: "a.md", text: text)).map(\.line)
  }

  @Test(arguments: MachinePathsRule.prefixes)
  func `a path of one machine is found anywhere in a line`(prefix: String) {
    #expect(lines("\(prefix)a") == [1])
    #expect(lines("fine\ncd \(prefix)a && make") == [2])
    #expect(lines("data=\"\(prefix)a\"") == [1])
  }

  @Test func `paths that only look alike are left alone`() {
    #expect(lines("Tests" + MachinePathsRule.prefixes[0]).isEmpty)
    #expect(lines("${DIR}" + MachinePathsRule.prefixes[2]).isEmpty)
    #expect(lines("/var/lib/scrip").isEmpty)
  }

  @Test func `the repository keeps it`() {
    expectNone(Repository.this.textFiles.flatMap(MachinePathsRule.violations))
  }
}
