// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

extension Audit {
  /// The violations found so far; those beyond a thousand are only counted.
  final class Findings {
    static let limit = 1000
    private var problems: [Problem] = []
    private var unlisted = 0

    /// How many there are, the unlisted ones included.
    var count: Int { problems.count + unlisted }

    /// The list for the report.
    var listed: [Problem] {
      guard unlisted > 0 else { return problems }
      let rest = Problem(
        entry: nil, invariant: nil, text: "\(unlisted) more problems are not listed")
      return problems + [rest]
    }

    /// Takes one violation down.
    func add(
      _ text: @autoclosure () -> String, at entry: EntryID? = nil, breaking invariant: Int? = nil
    ) {
      guard problems.count < Self.limit else {
        unlisted += 1
        return
      }
      problems.append(Problem(entry: entry, invariant: invariant, text: Self.line(text())))
    }

    /// The text as one line, since names in a damaged journal may hold anything at any length.
    private static func line(_ text: String) -> String {
      var line = String.UnicodeScalarView()
      for scalar in text.unicodeScalars.prefix(400) {
        line.append(scalar.properties.generalCategory == .control ? " " : scalar)
      }
      return String(line)
    }
  }
}
