// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What spares a working set lookups in its store.
package struct LookupAids: Sendable {
  /// All keys that were in the store at a moment after the aids were asked for.
  package let keys: KeyFilter
  /// Cards that were there.
  package let cards: CardDirectory

  package init(keys: KeyFilter, cards: CardDirectory) {
    self.keys = keys
    self.cards = cards
  }
}
