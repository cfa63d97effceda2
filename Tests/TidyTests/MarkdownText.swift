// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// A Markdown file with its code taken out, so that headings and links are what is left.
struct MarkdownText {
  /// The lines, numbered like the file's; fenced blocks and code spans are blank.
  let prose: [String]

  init(_ file: TextFile) {
    var fence: Substring?
    prose = file.lines.map { line in
      let mark = line.drop { $0 == " " }.prefix { $0 == "`" || $0 == "~" }
      if let open = fence {
        if mark.count >= open.count && mark.first == open.first { fence = nil }
        return ""
      }
      if mark.count >= 3 {
        fence = mark
        return ""
      }
      return Self.withoutCodeSpans(line)
    }
  }

  /// The headings of the first six levels with their lines.
  var headings: [(line: Int, level: Int, text: String)] {
    prose.enumerated().compactMap { index, line in
      let level = line.prefix { $0 == "#" }.count
      guard (1...6).contains(level), line.dropFirst(level).first == " " else { return nil }
      return (index + 1, level, String(line.dropFirst(level + 1)))
    }
  }

  /// The targets of inline links and of reference definitions, with their lines.
  var linkTargets: [(line: Int, target: String)] {
    prose.enumerated().flatMap { index, line in
      var targets: [(line: Int, target: String)] = []
      var rest = line[...]
      if let end = Self.range(of: "]:", in: rest), rest.first == "[" {
        targets.append((index + 1, Self.firstWord(of: rest[end.upperBound...])))
      }
      while let open = Self.range(of: "](", in: rest) {
        rest = rest[open.upperBound...]
        targets.append((index + 1, Self.firstWord(of: rest.prefix { $0 != ")" })))
      }
      return targets
    }
  }

  /// The anchors that headings are reached by: lower case, words joined by hyphens.
  static func anchors(of file: TextFile) -> Set<String> {
    var seen: [String: Int] = [:]
    var anchors: Set<String> = []
    // Code spans are part of a heading's anchor, so the file's own line is read.
    for heading in MarkdownText(file).headings {
      let text = file.lines[heading.line - 1].drop { $0 == "#" }.drop { $0 == " " }
      let slug = String(
        text.lowercased().compactMap { character -> Character? in
          if character == " " { return "-" }
          let stays = character.isLetter || character.isNumber || "-_".contains(character)
          return stays ? character : nil
        })
      let count = seen[slug, default: 0]
      seen[slug] = count + 1
      anchors.insert(count == 0 ? slug : "\(slug)-\(count)")
    }
    return anchors
  }

  private static func withoutCodeSpans(_ line: String) -> String {
    let parts = line.split(separator: "`", omittingEmptySubsequences: false)
    guard parts.count > 2 else { return line }
    return parts.enumerated().map { $0.offset.isMultiple(of: 2) ? String($0.element) : "" }
      .joined(separator: "`")
  }

  private static func firstWord(of text: Substring) -> String {
    String(text.drop { $0 == " " }.prefix { $0 != " " })
  }

  private static func range(of text: String, in line: Substring) -> Range<String.Index>? {
    line.indices.first { line[$0...].hasPrefix(text) }
      .map { $0..<line.index($0, offsetBy: text.count) }
  }
}

@Suite struct MarkdownTextTests {
  private let text = MarkdownText(
    TextFile(
      path: "a.md",
      text: """
        # One `#` two
        ```
        # not a heading, [not](a-link)
        ```
        ## Three
        [a](b.md#c) and `[not](this)` and [d](e.md "title")
        [f]: g.md
        """))

  @Test func `headings are read outside of code`() {
    #expect(text.headings.map(\.level) == [1, 2])
    #expect(text.headings.map(\.line) == [1, 5])
  }

  @Test func `links are read outside of code, definitions too`() {
    #expect(text.linkTargets.map(\.target) == ["b.md#c", "e.md", "g.md"])
    #expect(text.linkTargets.map(\.line) == [6, 6, 7])
  }

  @Test func `anchors follow the headings, Chinese ones too, and repeated ones are numbered`() {
    let file = TextFile(
      path: "a.md", text: "# PIN: `pin.set`, again\n## 本金 与 赠金\n## A\n## A\n## INV-1 Sum\n")
    let expected: Set = ["pin-pinset-again", "本金-与-赠金", "a", "a-1", "inv-1-sum"]
    #expect(MarkdownText.anchors(of: file) == expected)
  }
}
