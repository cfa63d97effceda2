// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// Why a campaign or a cart is refused: what is wrong, and the member that is.
package struct DocumentProblem: Error, Equatable, Sendable {
  /// JSON pointer from the document's root, such as `/validity/windows/0/from`.
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
