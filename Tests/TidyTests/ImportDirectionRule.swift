// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// Targets import only what lies below them, and Foundation stays in the executables.
///
/// The table is the architecture. A target that is missing from it may not exist.
enum ImportDirectionRule {
  /// Which of our targets each target may import; an executable may import any.
  static let allowed: [String: Set<String>] = [
    "LedgerCore": [],
    "JSON": [],
    "CPostgreSQL": [],
    "CQREncode": [],
    "CSQLite": [],
    "CZlib": [],
    "COpenSSL": [],
    "JSONRPC": ["JSON"],
    "QRPicture": ["CQREncode", "CZlib"],
    "SQLite": ["CSQLite"],
    "PostgreSQL": ["CPostgreSQL"],
    "Secrets": ["COpenSSL", "JSON"],
    "StoredValue": ["LedgerCore"],
    "Coupons": ["JSON", "LedgerCore"],
    "Anomalies": ["LedgerCore"],
    "Program": ["Anomalies", "Coupons", "JSON", "LedgerCore", "StoredValue"],
    "Store": ["Anomalies", "Coupons", "LedgerCore", "StoredValue", "Program", "Secrets"],
    "StoreSQLite": [
      "Anomalies", "Coupons", "SQLite", "Store", "LedgerCore", "StoredValue", "Program", "Secrets",
    ],
    "StorePostgreSQL": [
      "Anomalies", "Coupons", "PostgreSQL", "Store", "LedgerCore", "StoredValue", "Secrets",
    ],
    "Engine": [
      "Anomalies", "Coupons", "JSON", "LedgerCore", "StoredValue", "Program", "Secrets", "Store",
    ],
    "EngineRPC": [
      "Anomalies", "Coupons", "Engine", "JSON", "JSONRPC", "Store", "LedgerCore", "StoredValue",
      "Program",
      "Secrets",
    ],
  ]

  static func violations(in file: TextFile) -> [Violation] {
    guard let target = file.sourceTarget, !BannedWordsRule.executables.contains(target) else {
      return []
    }
    guard let allowed = allowed[target] else {
      return [file.violation(line: 1, "the target \(target) is not in the import table")]
    }
    return imports(in: file).compactMap { line, module in
      if module.hasPrefix("Foundation") {
        return file.violation(line: line, "\(module) belongs in the executables only")
      }
      let isOurs = Self.allowed[module] != nil || BannedWordsRule.executables.contains(module)
      guard isOurs, module != target, !allowed.contains(module) else { return nil }
      return file.violation(line: line, "\(target) may not import \(module)")
    }
  }

  /// The modules a Swift file imports, with their lines.
  private static func imports(in file: TextFile) -> [(line: Int, module: String)] {
    let kinds: Set<Substring> = [
      "struct", "class", "enum", "protocol", "typealias", "func", "var", "let", "actor",
    ]
    let modifiers: Set<Substring> = [
      "public", "package", "internal", "fileprivate", "private",
    ]
    return file.codeLines.enumerated().flatMap { index, line in
      line.split(separator: ";").compactMap { statement -> (line: Int, module: String)? in
        let words = statement.split(separator: " ")
          .drop { $0.hasPrefix("@") || modifiers.contains($0) }
        guard words.first == "import" else { return nil }
        guard let path = words.dropFirst().first(where: { !kinds.contains($0) }) else { return nil }
        return (index + 1, String(path.prefix { $0 != "." }))
      }
    }
  }
}

@Suite struct ImportDirectionRuleTests {
  private func messages(_ text: String, target: String) -> [String] {
    ImportDirectionRule.violations(
      in: TextFile(path: "Sources/\(target)/A.swift", text: text)
    ).map(\.message)
  }

  @Test(arguments: [
    "import Engine", "package import Engine", "@testable import Engine", "import struct Engine.A",
    "import Glibc; import Engine", "  @_exported public import Engine",
  ])
  func `an import from above is named, however it is spelt`(text: String) {
    #expect(messages(text, target: "StoredValue") == ["StoredValue may not import Engine"])
  }

  @Test(arguments: [
    "import Foundation", "import FoundationEssentials", "import struct Foundation.URL",
  ])
  func `Foundation is kept out of the libraries`(text: String) {
    #expect(messages(text, target: "Engine").count == 1)
    #expect(messages(text, target: "scrip").isEmpty)
  }

  @Test(arguments: [
    "import LedgerCore", "import Glibc", "// import Engine", "let a = \"import Engine\"",
  ])
  func `imports from below and from elsewhere are left alone`(text: String) {
    #expect(messages(text, target: "StoredValue").isEmpty)
  }

  @Test func `a target without a row may not exist`() {
    #expect(messages("", target: "Novelty").count == 1)
  }

  @Test func `the table has no cycle and names only its own targets`() {
    var remaining = ImportDirectionRule.allowed
    while !remaining.isEmpty {
      let free = remaining.filter { $0.value.isDisjoint(with: remaining.keys) }.keys
      guard !free.isEmpty else {
        Issue.record("these import each other: \(remaining.keys.sorted())")
        return
      }
      for name in free { remaining[name] = nil }
    }
    let named = ImportDirectionRule.allowed.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    #expect(named.isSubset(of: ImportDirectionRule.allowed.keys))
  }

  @Test func `the repository keeps it`() {
    expectNone(Repository.this.sourceFiles.flatMap(ImportDirectionRule.violations))
  }
}
