// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Which account a card number names, as far as is known: a hint, by the number's hash.
///
/// Whoever follows it compares the account's number with the one that was asked for, so a hint that
/// is old, or another number's with the same hash, costs a lookup and no more.
package struct CardDirectory: Sendable {
  /// Twelve bytes, so that one is seldom in two lines of the processor's cache.
  private struct Slot {
    /// Other bits of the hash than those that say where the slot is.
    let tag: UInt32
    let high: UInt32
    let low: UInt32

    static let empty = Slot(tag: 0, high: 0, low: 0)
    var isEmpty: Bool { high == 0 && low == 0 }
    var account: AccountID? { AccountID(stored: Int64(high) << 32 | Int64(low)) }
  }

  private static let fewestSlots = 1 << 10
  /// 24 MiB; cards beyond what fits are looked up.
  private static let mostSlots = 1 << 21
  private var slots: [Slot]
  private var count = 0

  /// One that takes no room before the first card is noted.
  package init() { slots = [] }

  /// An empty directory with room for so many cards, and half as many to come.
  package init(for expected: Int) {
    slots = Array(
      repeating: .empty, count: max(Self.fewestSlots, min(2 * expected, Self.mostSlots)))
  }

  /// Whether it takes no more cards, and a larger one would.
  package var isFull: Bool { !hasRoom && !slots.isEmpty && slots.count < Self.mostSlots }

  /// An empty one with room for twice as many.
  var larger: CardDirectory { CardDirectory(for: slots.count) }

  /// Whether it takes more cards; searches are short while a quarter of the slots is empty.
  package var hasRoom: Bool { count < slots.count / 4 * 3 }

  package static func hash(of number: CardNumber) -> UInt64 { StableHash.of(number.text) }

  /// The account that a card number with this hash named when it was noted.
  package func find(_ hash: UInt64) -> AccountID? {
    slots.isEmpty ? nil : slots[place(of: hash)].account
  }

  /// Notes which account the number with this hash names from now on, if there is room.
  package mutating func note(_ account: AccountID, for hash: UInt64) {
    if slots.isEmpty { self = CardDirectory(for: 0) }
    let place = place(of: hash)
    if slots[place].isEmpty {
      guard hasRoom else { return }
      count += 1
    }
    slots[place] = Slot(
      tag: UInt32(truncatingIfNeeded: hash), high: UInt32(account.value >> 32),
      low: UInt32(truncatingIfNeeded: account.value))
  }

  /// Where the hash is, or the empty slot that ends the search for it.
  private func place(of hash: UInt64) -> Int {
    let tag = UInt32(truncatingIfNeeded: hash)
    var place = Int(hash.multipliedFullWidth(by: UInt64(slots.count)).high)
    while !slots[place].isEmpty, slots[place].tag != tag {
      place = place + 1 == slots.count ? 0 : place + 1
    }
    return place
  }
}
