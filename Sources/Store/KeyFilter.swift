// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Tells of most idempotency keys that they were never used, without looking them up.
///
/// A Bloom filter with one word a hash: never wrong when it says that one is absent, as long as
/// every hash was inserted; wrong about once in sixty when it says that one may be there.
package struct KeyFilter: Sendable {
  /// How many hashes share a word when the filter is as full as it was made for.
  private static let hashesPerWord = 6
  private static let smallest = 1 << 16
  /// 16 MiB; a filter for more hashes than fit is wrong more often, and no larger.
  private static let mostWords = 1 << 21
  private var words: [UInt64]
  private var count = 0

  /// An empty filter for so many hashes and as many to come.
  package init(for expected: Int) {
    let wanted = (2 * max(expected, Self.smallest)) / Self.hashesPerWord
    words = Array(repeating: 0, count: min(wanted, Self.mostWords))
  }

  /// Whether it holds more than it was made for, and a larger one would be wrong less often.
  package var isOverfull: Bool {
    count > words.count * Self.hashesPerWord && words.count < Self.mostWords
  }

  package mutating func insert(_ hash: Int64) {
    let (word, bits) = place(UInt64(bitPattern: hash))
    words[word] |= bits
    count += 1
  }

  /// False only of a hash that was not inserted.
  package func mayContain(_ hash: Int64) -> Bool {
    let (word, bits) = place(UInt64(bitPattern: hash))
    return words[word] & bits == bits
  }

  /// The word by the hash's high bits, five bits of it by others, mixed.
  private func place(_ hash: UInt64) -> (word: Int, bits: UInt64) {
    let word = Int(hash.multipliedFullWidth(by: UInt64(words.count)).high)
    var rest = hash &* 0x9E37_79B9_7F4A_7C15
    rest ^= rest >> 29
    var bits: UInt64 = 0
    for _ in 0..<5 {
      bits |= 1 << (rest & 63)
      rest >>= 6
    }
    return (word, bits)
  }
}

/// What a working set knows of its store's keys: nothing at first, a filter once it has asked for
/// one.
struct KeyKnowledge {
  /// From how many lookups on something that spares them is worth what it takes.
  static let enoughLookups = 64
  private var filter: KeyFilter?
  /// Keys that have reached the store since a filter was asked for.
  private var arrived: [Int64]?
  private var lookups = 0

  var hasFilter: Bool { filter != nil }

  /// Whether a filter is being made.
  var awaitsFilter: Bool { arrived != nil }

  /// Whether a filter should be made, and none is being.
  var wantsFilter: Bool {
    !awaitsFilter && lookups >= Self.enoughLookups && filter?.isOverfull ?? true
  }

  /// False only of a key that is not in the store; counts as a lookup where it must be looked up.
  mutating func mayBeStored(_ hash: Int64) -> Bool {
    if let filter, !filter.mayContain(hash) { return false }
    lookups += 1
    return true
  }

  /// A filter of all that is in the store now or later is being made.
  mutating func beginFilter() { arrived = [] }

  /// No filter came of it; one may be asked for again after as many lookups.
  mutating func giveUpFilter() {
    arrived = nil
    lookups = 0
  }

  /// Takes the filter that was asked for.
  mutating func adopt(_ filter: consuming KeyFilter) {
    guard let arrived else { return }
    for hash in arrived { filter.insert(hash) }
    self.filter = filter
    self.arrived = nil
  }

  /// A key has reached the store.
  mutating func note(_ hash: Int64) {
    filter?.insert(hash)
    arrived?.append(hash)
  }
}
