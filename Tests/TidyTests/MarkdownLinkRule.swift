// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// Every relative link of a Markdown file leads to a file, and to a heading where it names one.
enum MarkdownLinkRule {
  /// - Parameters:
  ///   - file: The file whose links are followed.
  ///   - exists: Whether there is a file or a directory at a path from the root.
  ///   - markdown: The Markdown file at a path from the root, for its headings.
  static func violations(
    in file: TextFile, exists: (String) -> Bool, markdown: (String) -> TextFile?
  ) -> [Violation] {
    MarkdownText(file).linkTargets.compactMap { line, target in
      if isElsewhere(target) { return nil }
      let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      guard let path = resolve(String(parts[0]), from: file.path) else {
        return file.violation(line: line, "\(target) leads out of the repository")
      }
      guard exists(path) else { return file.violation(line: line, "\(target) is not there") }
      guard parts.count == 2, let destination = markdown(path) else { return nil }
      guard !MarkdownText.anchors(of: destination).contains(String(parts[1])) else { return nil }
      return file.violation(line: line, "\(target): no such heading")
    }
  }

  /// Whether a link has a scheme, as in `https:` and `mailto:`.
  private static func isElsewhere(_ target: String) -> Bool {
    guard let colon = target.firstIndex(of: ":") else { return false }
    return target[..<colon].allSatisfy { $0.isASCII && $0.isLetter }
  }

  /// The path from the root that a link in a file means; nil when it climbs out of the root.
  private static func resolve(_ target: String, from path: String) -> String? {
    guard !target.isEmpty else { return path }
    var parts = Array(path.split(separator: "/").dropLast())
    for part in target.split(separator: "/") where part != "." {
      guard part == ".." else {
        parts.append(part)
        continue
      }
      guard parts.popLast() != nil else { return nil }
    }
    return parts.joined(separator: "/")
  }
}

@Suite struct MarkdownLinkRuleTests {
  private func messages(_ text: String, path: String = "spec/a.md") -> [String] {
    let other = TextFile(path: "spec/b.md", text: "# B\n## Part two\n")
    let file = TextFile(path: path, text: text)
    let paths: Set = ["spec", "spec/a.md", "spec/b.md", "LICENSE"]
    return MarkdownLinkRule.violations(
      in: file, exists: paths.contains,
      markdown: { $0 == other.path ? other : $0 == file.path ? file : nil }
    ).map(\.message)
  }

  @Test(arguments: [
    "[x](b.md)", "[x](./b.md#part-two)", "[x](../LICENSE)", "[x](../spec/)", "# T\n[x](#t)",
    "[x](https://example.org/c.md)", "[x](mailto:a)", "`[x](c.md)`", "[x]: b.md",
  ])
  func `a link that leads somewhere passes`(text: String) {
    #expect(messages(text).isEmpty)
  }

  @Test(arguments: [
    ("[x](c.md)", "c.md is not there"), ("[x]: c.md", "c.md is not there"),
    ("[x](LICENSE)", "LICENSE is not there"),
    ("[x](../../b.md)", "../../b.md leads out of the repository"),
    ("[x](b.md#part-three)", "b.md#part-three: no such heading"),
    ("[x](#t)", "#t: no such heading"),
  ])
  func `a link that leads nowhere is named`(text: String, message: String) {
    #expect(messages(text) == [message])
  }

  @Test func `the repository keeps it`() {
    let repository = Repository.this
    expectNone(
      repository.markdownFiles.flatMap { file in
        MarkdownLinkRule.violations(
          in: file, exists: repository.paths.contains, markdown: repository.file(at:))
      })
  }
}
