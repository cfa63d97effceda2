// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The text of one tracked file, as the rules see it.
struct TextFile {
  /// Path relative to the package root, with `/` between its parts.
  let path: String
  let text: String
  /// The lines without their line feeds; a line feed at the end opens no further line.
  let lines: [String]
  /// A Swift file without comments and the contents of literals; empty for other files.
  let code: String
  /// The lines of `code`, numbered like the file's.
  let codeLines: [String]

  init(path: String, text: String) {
    self.path = path
    self.text = text
    lines = Self.lines(of: text)
    code = path.hasSuffix(".swift") ? SwiftCode(of: text).text : ""
    codeLines = Self.lines(of: code)
  }

  /// Splits by bytes: the tests are built without optimisation, and characters cost ten times more.
  private static func lines(of text: String) -> [String] {
    var parts = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if parts.last?.isEmpty == true { parts.removeLast() }
    return parts.map { String(Substring($0)) }
  }

  var isSwift: Bool { path.hasSuffix(".swift") }
  var isMarkdown: Bool { path.hasSuffix(".md") }

  /// The name of the target under `Sources` that the file belongs to; nil elsewhere.
  var sourceTarget: String? {
    let parts = path.split(separator: "/")
    guard parts.count >= 3, parts[0] == "Sources" else { return nil }
    return String(parts[1])
  }

  /// The last part of the path.
  var name: String { String(path.split(separator: "/").last ?? "") }

  /// A violation at a line of this file, counted from 1.
  func violation(line: Int, _ message: String) -> Violation {
    Violation(path: path, line: line, message: message)
  }
}
