// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Who asked for a change: store, terminal and operator, each 1–64 characters where given.
package struct Origin: Hashable, Sendable {
  package var store: String?
  package var terminal: String?
  package var `operator`: String?

  package init(store: String? = nil, terminal: String? = nil, operator: String? = nil) {
    self.store = store
    self.terminal = terminal
    self.operator = `operator`
  }
}
