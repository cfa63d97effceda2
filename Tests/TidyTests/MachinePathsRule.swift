// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// No file names a directory of somebody's machine.
enum MachinePathsRule {
  /// Built from parts, so that this file passes its own rule.
  static let prefixes = ["work", "opt", "root", "home", "Users"].map { "/" + $0 + "/" }

  static func violations(in file: TextFile) -> [Violation] {
    file.lines.enumerated().flatMap { index, line in
      prefixes.filter { contains(line, $0) }
        .map { file.violation(line: index + 1, "`\($0)` is a place on one machine") }
    }
  }

  /// Whether the path starts in a line: behind a name it is a folder of that name.
  private static func contains(_ line: String, _ prefix: String) -> Bool {
    let line = Array(line.utf8)
    let prefix = Array(prefix.utf8)
    guard line.count >= prefix.count else { return false }
    return (0...line.count - prefix.count).contains { start in
      guard line[start] == prefix[0], line[start..<(start + prefix.count)].elementsEqual(prefix)
      else { return false }
      return start == 0 || !isNameByte(line[start - 1])
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    let scalar = Unicode.Scalar(byte)
    return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      || "._-})".unicodeScalars.contains(scalar)
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
