// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Testing

/// The files that belong to the package, read once for all rules.
///
/// Directories are walked rather than git asked, so that the rules also hold in an exported
/// archive. `.git` and what `.gitignore` names are left out.
struct Repository {
  /// Every file that is valid UTF-8, in path order.
  let textFiles: [TextFile]
  /// The paths of all files, text or not, and of all directories below the root.
  let paths: Set<String>
  /// The names directly below the root.
  let topLevelNames: [String]
  /// Lines of `.gitignore` that the walk could not follow.
  let unreadIgnorePatterns: [String]

  /// The package this test was built from.
  static let this = Repository(root: packageRoot())

  init(root: String) {
    let gitignore = Self.read(root + "/.gitignore").flatMap {
      String(validating: $0, as: UTF8.self)
    }
    let ignored = IgnoreList(gitignore: gitignore ?? "")
    var files: [String] = []
    var directories: [String] = []
    var queue = [""]
    while let directory = queue.popLast() {
      for (name, isDirectory) in Self.entries(of: root + "/" + directory) {
        let atRoot = directory.isEmpty
        if atRoot && name == ".git" { continue }
        if ignored.ignores(name, isDirectory: isDirectory, atRoot: atRoot) { continue }
        let path = atRoot ? name : directory + "/" + name
        if isDirectory {
          directories.append(path)
          queue.append(path)
        } else {
          files.append(path)
        }
      }
    }
    textFiles = files.sorted().compactMap { path in
      Self.read(root + "/" + path)
        .flatMap { String(validating: $0, as: UTF8.self) }
        .map { TextFile(path: path, text: $0) }
    }
    paths = Set(files).union(directories)
    topLevelNames = (files + directories).filter { !$0.contains("/") }.sorted()
    unreadIgnorePatterns = ignored.notUnderstood
  }

  /// The Swift files, wherever they lie.
  var swiftFiles: [TextFile] { textFiles.filter(\.isSwift) }
  /// The Swift files of the product.
  var sourceFiles: [TextFile] { swiftFiles.filter { $0.sourceTarget != nil } }
  /// The Markdown files.
  var markdownFiles: [TextFile] { textFiles.filter(\.isMarkdown) }

  /// The text file at a path; nil when there is none.
  func file(at path: String) -> TextFile? { textFiles.first { $0.path == path } }

  /// Three steps up from `Tests/TidyTests/Repository.swift`.
  private static func packageRoot(of file: String = #filePath) -> String {
    "/" + file.split(separator: "/").dropLast(3).joined(separator: "/")
  }

  private static func entries(of directory: String) -> [(name: String, isDirectory: Bool)] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var entries: [(name: String, isDirectory: Bool)] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      entries.append((name, isDirectory(directory + "/" + name)))
    }
    return entries
  }

  /// Whether a path is a directory itself; a link to one is not followed.
  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let stream = fopen(path, "r") else { return nil }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
      bytes += chunk[..<count]
    }
    return ferror(stream) == 0 ? bytes : nil
  }
}

@Suite struct RepositoryTests {
  @Test func `the walk finds the package and this very file`() {
    #expect(Repository.this.topLevelNames.contains("Package.swift"))
    #expect(Repository.this.file(at: "Tests/TidyTests/Repository.swift") != nil)
  }

  @Test func `the walk leaves out what git leaves out`() {
    #expect(!Repository.this.paths.contains { $0.hasPrefix(".git/") || $0.hasPrefix(".build/") })
    #expect(Repository.this.unreadIgnorePatterns.isEmpty)
  }
}
