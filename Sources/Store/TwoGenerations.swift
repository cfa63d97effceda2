// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Records read lately, in two generations: when the young one is full the old one is dropped.
struct TwoGenerations<Key: Hashable, Value> {
  /// How many records one generation keeps.
  private let capacity: Int
  private var young: [Key: Value] = [:]
  private var old: [Key: Value] = [:]
  /// The record that was found or kept last, which is often asked for next.
  private var last: (key: Key, value: Value)?

  init(capacity: Int = 8192) { self.capacity = capacity }

  mutating func find(_ key: Key) -> Value? {
    if let last, last.key == key { return last.value }
    if let value = young[key] {
      last = (key, value)
      return value
    }
    guard let value = old[key] else { return nil }
    keep(value, for: key)
    return value
  }

  mutating func keep(_ value: Value, for key: Key) {
    if young.count >= capacity {
      old = young
      young = [:]
    }
    young[key] = value
    last = (key, value)
  }
}
