// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite

/// A sorted run of the index of idempotency keys: what one slice brought, or several merged.
///
/// Hashes are random, so an index in one tree has a page dirtied by nearly every key. A run is
/// written once, in order, and merged with others of its size; what a key costs is then a few
/// times its own 13 bytes (decision 0053). A run lies in `2^bits` rows of `key_pages`, each with
/// the items whose hashes begin with the row's number.
struct KeyRun {
  /// A key, by its hash, was used or blocked by an entry.
  struct Item: Comparable {
    let hash: UInt64
    let entry: Int64

    static func < (left: Item, right: Item) -> Bool {
      (left.hash, left.entry) < (right.hash, right.entry)
    }
  }

  /// The number it is known by; a later run has a higher one.
  let number: Int64
  /// How many leading bits of a hash say in which row it is.
  let bits: Int64
  /// How many items it holds.
  let count: Int64

  /// How many runs of a class may stand side by side before they become one.
  static let fanout = 16
  /// Runs from this class on are merged no more: it would take seconds at a time.
  static let lastClass = 4
  /// Runs of this class are merged, for a tenth of a second, only by a slice of a quiet hour: one
  /// of fewer items than these.
  static let heavyClass = 3
  static let quietItems = 2048
  /// The bits of a place below the run's number.
  static let placeBits: Int64 = 24
  private static let itemsPerRow: Int64 = 64
  private static let entryBytes = 5
  static let itemBytes = 8 + entryBytes

  /// How many rows' worth of bits a run of so many items has.
  static func bits(for count: Int) -> Int64 {
    var bits: Int64 = 0
    while Int64(count) >> bits > itemsPerRow { bits += 1 }
    return bits
  }

  /// Each class is sixteen times the one before: up to 255 items, 4,095, 65,535, 1,048,575, more.
  static func sizeClass(of count: Int64) -> Int {
    var rank = 0
    var limit: Int64 = 256
    while count >= limit, rank < lastClass {
      rank += 1
      limit *= Int64(fanout)
    }
    return rank
  }

  /// The row of a hash within a run of so many bits.
  static func row(of hash: UInt64, bits: Int64) -> Int64 {
    bits == 0 ? 0 : Int64(hash >> UInt64(64 - bits))
  }

  /// The places of the run's rows in `key_pages`.
  var places: ClosedRange<Int64> {
    let first = number << Self.placeBits
    return first...(first + (1 << bits) - 1)
  }

  /// What to throw where a run is not what was written.
  static func damage(_ reason: String) -> SQLiteError {
    SQLiteError(code: .corrupt, operation: "read the key index", detail: reason)
  }

  /// Whether the numbers can be those of a run.
  var isSound: Bool {
    (1..<(1 << 38)).contains(number) && (0...Self.placeBits).contains(bits) && count > 0
  }
}

extension KeyRun {
  /// Appends an item as it is stored: the hash and the entry, the highest byte first.
  static func append(_ item: Item, to bytes: inout [UInt8]) {
    precondition(item.entry >> (8 * entryBytes) == 0, "an entry's number has five bytes")
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: item.hash >> UInt64(shift)))
    }
    for shift in stride(from: 8 * (entryBytes - 1), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: item.entry >> Int64(shift)))
    }
  }

  /// The item with this index in a row's bytes.
  static func item(_ index: Int, of bytes: UnsafeRawBufferPointer) -> Item {
    let start = index * itemBytes
    var entry: Int64 = 0
    for byte in bytes[(start + 8)..<(start + itemBytes)] { entry = entry << 8 | Int64(byte) }
    return Item(hash: hash(index, of: bytes), entry: entry)
  }

  /// The hash of the item with this index in a row's bytes.
  static func hash(_ index: Int, of bytes: UnsafeRawBufferPointer) -> UInt64 {
    UInt64(
      bigEndian: bytes.loadUnaligned(fromByteOffset: index * itemBytes, as: UInt64.self))
  }

  /// The index of the first item in a row's bytes whose hash is this or greater.
  static func firstIndex(of hash: UInt64, in bytes: UnsafeRawBufferPointer) -> Int {
    var low = 0
    var high = bytes.count / itemBytes
    while low < high {
      let middle = (low + high) / 2
      if self.hash(middle, of: bytes) < hash { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
