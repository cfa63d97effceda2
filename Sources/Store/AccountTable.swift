// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// Values by account, each beside its key.
///
/// A search touches one line of the processor's cache, where a dictionary's touches three, and
/// nothing is hashed at length: accounts' ids are random, and given out by this engine.
struct AccountTable<Value: Sendable>: Sendable {
  private struct Slot: Sendable {
    /// The two halves of the id: in one piece it would take more room beside a small value.
    var high: UInt32
    var low: UInt32
    var value: Value

    var key: Int64 { Int64(high) << 32 | Int64(low) }
    var isEmpty: Bool { high == 0 && low == 0 }
  }

  private static var fewestSlots: Int { 16 }
  /// As many as a power of two; a quarter of them at least is empty.
  private var slots: [Slot] = []
  /// How far a product is shifted to the right to become a place.
  private var shift: UInt64 = 64
  /// What stands in empty slots.
  private let filler: Value
  private(set) var count = 0

  init(filler: Value) { self.filler = filler }

  /// Makes room for so many, unless some are there already.
  mutating func reserve(_ expected: Int) {
    guard count == 0, expected > 0 else { return }
    resize(to: Self.fewestSlots)
    while slots.count / 4 * 3 <= expected { resize(to: 2 * slots.count) }
  }

  @inline(__always)
  subscript(id: AccountID) -> Value? {
    guard count > 0 else { return nil }
    let place = place(of: id.value)
    return slots[place].isEmpty ? nil : slots[place].value
  }

  /// Puts a value in the place of the one there was, and answers that.
  @discardableResult
  mutating func update(_ value: Value, for id: AccountID) -> Value? {
    if count >= slots.count / 4 * 3 { resize(to: max(Self.fewestSlots, 2 * slots.count)) }
    let place = place(of: id.value)
    guard slots[place].isEmpty else {
      defer { slots[place].value = value }
      return slots[place].value
    }
    slots[place] = Slot(
      high: UInt32(truncatingIfNeeded: id.value >> 32), low: UInt32(truncatingIfNeeded: id.value),
      value: value)
    count += 1
    return nil
  }

  /// Takes a value away, and answers it.
  mutating func remove(_ id: AccountID) -> Value? {
    guard count > 0 else { return nil }
    var gap = place(of: id.value)
    guard !slots[gap].isEmpty else { return nil }
    let removed = slots[gap].value
    // Whatever was put behind its own place because that was taken moves up.
    var next = (gap + 1) & (slots.count - 1)
    while !slots[next].isEmpty {
      let distance = (next - start(of: slots[next].key)) & (slots.count - 1)
      if distance >= (next - gap) & (slots.count - 1) {
        slots[gap] = slots[next]
        gap = next
      }
      next = (next + 1) & (slots.count - 1)
    }
    slots[gap] = Slot(high: 0, low: 0, value: filler)
    count -= 1
    return removed
  }

  /// All of them, in no order.
  func visit(_ body: (AccountID, Value) -> Void) {
    for slot in slots where !slot.isEmpty {
      guard let id = AccountID(stored: slot.key) else { preconditionFailure("keys are ids") }
      body(id, slot.value)
    }
  }

  /// Whose they are, in ascending order.
  var ids: [AccountID] {
    var ids: [AccountID] = []
    ids.reserveCapacity(count)
    visit { id, _ in ids.append(id) }
    return ids.sorted()
  }

  private func start(of key: Int64) -> Int {
    Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15) >> shift)
  }

  /// Where the id is, or the empty slot that ends the search for it.
  @inline(__always)
  private func place(of key: Int64) -> Int {
    var place = start(of: key)
    while !slots[place].isEmpty, slots[place].key != key { place = (place + 1) & (slots.count - 1) }
    return place
  }

  private mutating func resize(to size: Int) {
    let old = slots
    slots = Array(repeating: Slot(high: 0, low: 0, value: filler), count: size)
    shift = UInt64(64 - size.trailingZeroBitCount)
    for slot in old where !slot.isEmpty { slots[place(of: slot.key)] = slot }
  }
}
