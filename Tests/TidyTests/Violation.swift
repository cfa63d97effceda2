// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

/// One place in a tracked file that breaks a house rule.
struct Violation: Equatable, CustomStringConvertible {
  /// Path relative to the package root.
  let path: String
  /// Line number, from 1.
  let line: Int
  let message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// Records each violation as a failure of the running test, so that all of them are seen at once.
func expectNone(
  _ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation
) {
  for violation in violations {
    Issue.record(Comment(rawValue: violation.description), sourceLocation: sourceLocation)
  }
}
