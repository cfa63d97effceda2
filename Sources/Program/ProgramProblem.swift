// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// Why a program is refused: what is wrong, and the member that is.
package struct ProgramProblem: Error, Equatable, Sendable {
  /// JSON pointer from the document's root, such as `/topup/bonus_rules/0/grant/amount`; empty for
  /// the document as a whole.
  package let field: String
  /// What is allowed, or what contradicts the member; short English.
  package let message: String

  package init(field: String, message: String) {
    self.field = field
    self.message = message
  }

  init(_ place: JSONPointer, _ message: String) {
    self.init(field: place.description, message: message)
  }
}
