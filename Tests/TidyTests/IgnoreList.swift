// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Testing

/// The name patterns of a `.gitignore`, so that what git leaves out is left out here too.
///
/// Only patterns for a single name are understood, which is all this project needs: a pattern
/// with a slash inside is reported by `notUnderstood` instead of being misread.
struct IgnoreList {
  private let patterns: [Pattern]
  /// The lines that this reading of the format does not cover.
  let notUnderstood: [String]

  private struct Pattern {
    let glob: String
    let onlyDirectories: Bool
    let onlyAtRoot: Bool
  }

  init(gitignore: String) {
    var patterns: [Pattern] = []
    var notUnderstood: [String] = []
    for line in gitignore.split(separator: "\n") where !line.hasPrefix("#") {
      var glob = line
      let onlyDirectories = glob.hasSuffix("/")
      if onlyDirectories { glob.removeLast() }
      let onlyAtRoot = glob.hasPrefix("/")
      if onlyAtRoot { glob.removeFirst() }
      if glob.contains("/") || glob.hasPrefix("!") || glob.isEmpty {
        notUnderstood.append(String(line))
      } else {
        patterns.append(
          Pattern(
            glob: String(glob), onlyDirectories: onlyDirectories, onlyAtRoot: onlyAtRoot))
      }
    }
    self.patterns = patterns
    self.notUnderstood = notUnderstood
  }

  /// Whether an entry of a directory is left out.
  func ignores(_ name: String, isDirectory: Bool, atRoot: Bool) -> Bool {
    patterns.contains { pattern in
      (isDirectory || !pattern.onlyDirectories)
        && (atRoot || !pattern.onlyAtRoot)
        && fnmatch(pattern.glob, name, 0) == 0
    }
  }
}

@Suite struct IgnoreListTests {
  private let list = IgnoreList(gitignore: "# comment\n.build*/\n*.profraw\n/Package.resolved\n")

  @Test func `a pattern with a trailing slash ignores directories only`() {
    #expect(list.ignores(".build-release", isDirectory: true, atRoot: true))
    #expect(!list.ignores(".build-release", isDirectory: false, atRoot: true))
  }

  @Test func `a pattern with a leading slash ignores at the root only`() {
    #expect(list.ignores("Package.resolved", isDirectory: false, atRoot: true))
    #expect(!list.ignores("Package.resolved", isDirectory: false, atRoot: false))
  }

  @Test func `a star stands for any part of a name`() {
    #expect(list.ignores("default.profraw", isDirectory: false, atRoot: false))
    #expect(!list.ignores("profraw", isDirectory: false, atRoot: false))
  }

  @Test func `a path pattern is reported instead of being misread`() {
    #expect(IgnoreList(gitignore: "a/b\n!keep\n").notUnderstood == ["a/b", "!keep"])
    #expect(list.notUnderstood.isEmpty)
  }
}
