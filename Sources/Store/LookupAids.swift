// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What spares a working set lookups in its store.
package struct LookupAids: Sendable {
  /// All keys that were in the store at a moment after the aids were asked for.
  private let keys: KeyFilter
  /// Cards that were there.
  private let cards: CardDirectory

  package init(keys: KeyFilter, cards: CardDirectory) {
    self.keys = keys
    self.cards = cards
  }

  /// Both, and nothing of them stays here: what is kept twice is copied when it changes.
  consuming func parts() -> (keys: KeyFilter, cards: CardDirectory) { (keys, cards) }
}
