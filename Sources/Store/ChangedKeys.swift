// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// The idempotency keys that entries have used or blocked since they were last folded: the hash of
/// each, and the entry.
///
/// Not the keys themselves: what a hash names is compared with the key in the journal, as it is
/// once it is folded.
package struct ChangedKeys: Sendable {
  package struct Item: Sendable {
    package let hash: Int64
    package let entry: EntryID
  }

  /// In the order of the entries.
  package private(set) var items: [Item] = []
  /// Places of items by hash, counted from one; zero, as in half of them at least, is none.
  private var slots: [UInt32] = []
  /// How far a product is shifted to the right to become a place among the slots.
  private var shift: UInt64 = 64
  private static let fewestSlots = 16

  package init() {}

  /// None yet, with room for about as many as `earlier` held.
  init(like earlier: ChangedKeys) {
    items.reserveCapacity(earlier.items.count)
    if !earlier.items.isEmpty { resize(to: earlier.slots.count) }
  }

  /// The entries whose keys have this hash, in ascending order.
  package func entries(_ hash: Int64) -> [EntryID] {
    guard !items.isEmpty else { return [] }
    var found: [EntryID] = []
    var place = start(of: hash)
    while slots[place] != 0 {
      let item = items[Int(slots[place]) - 1]
      if item.hash == hash { found.append(item.entry) }
      place = (place + 1) & (slots.count - 1)
    }
    return found.count < 2 ? found : found.sorted()
  }

  /// Notes that an entry has used or blocked a key with this hash.
  mutating func add(_ hash: Int64, by entry: EntryID) {
    if 2 * (items.count + 1) > slots.count { resize(to: max(Self.fewestSlots, 2 * slots.count)) }
    items.append(Item(hash: hash, entry: entry))
    enter(items.count - 1)
  }

  /// Adds those of later entries.
  mutating func append(_ newer: ChangedKeys) {
    for item in newer.items { add(item.hash, by: item.entry) }
  }

  private func start(of hash: Int64) -> Int {
    Int(truncatingIfNeeded: (UInt64(bitPattern: hash) &* 0x9E37_79B9_7F4A_7C15) >> shift)
  }

  private mutating func enter(_ index: Int) {
    var place = start(of: items[index].hash)
    while slots[place] != 0 { place = (place + 1) & (slots.count - 1) }
    slots[place] = UInt32(index + 1)
  }

  private mutating func resize(to size: Int) {
    slots = Array(repeating: 0, count: size)
    shift = UInt64(64 - size.trailingZeroBitCount)
    for index in items.indices { enter(index) }
  }
}
