// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Who asked for a change: store, terminal and operator, each 1–64 characters where given.
///
/// One reference, because each request hands its own on many times.
package struct Origin: Hashable, Sendable {
  private final class Names: Sendable {
    let store: String?
    let terminal: String?
    let `operator`: String?

    init(_ store: String?, _ terminal: String?, _ operator: String?) {
      self.store = store
      self.terminal = terminal
      self.operator = `operator`
    }
  }

  /// Nil where nothing is known.
  private let names: Names?

  package init(store: String? = nil, terminal: String? = nil, operator: String? = nil) {
    let isKnown = store != nil || terminal != nil || `operator` != nil
    names = isKnown ? Names(store, terminal, `operator`) : nil
  }

  package var store: String? { names?.store }
  package var terminal: String? { names?.terminal }
  package var `operator`: String? { names?.operator }

  package static func == (left: Origin, right: Origin) -> Bool {
    left.names === right.names
      || left.store == right.store && left.terminal == right.terminal
        && left.operator == right.operator
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(store)
    hasher.combine(terminal)
    hasher.combine(`operator`)
  }
}
