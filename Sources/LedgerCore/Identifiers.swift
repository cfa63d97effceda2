// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The number of an entry in the journal: 1, 2, 3 …, without gaps.
///
/// Also what `ent_…` names.
public struct EntryID: Hashable, Comparable, Sendable, FixedText {
  /// Its place in the journal, from 1; 0 before the first.
  public let sequence: Int64

  /// The entry at this place.
  public init(_ sequence: Int64) { self.sequence = sequence }

  /// Before the first entry.
  package static let none = EntryID(0)

  package var next: EntryID { EntryID(sequence + 1) }

  /// Whether it was appended earlier.
  public static func < (left: EntryID, right: EntryID) -> Bool { left.sequence < right.sequence }

  package static let textLength = 16

  /// `ent_` and twelve Base32 digits.
  package func write(to target: UnsafeMutableRawPointer) {
    writePrefixed("ent_", UInt64(sequence), digits: 12, to: target)
  }

  package init?(text: String) {
    guard let value = prefixed(text, "ent_"), value > 0 else { return nil }
    sequence = Int64(value)
  }
}

/// A hold, named after the entry that authorized it: `hld_…`.
public struct HoldID: Hashable, Sendable, FixedText {
  /// The entry that placed it.
  public let authorizedBy: EntryID

  /// The hold that this entry placed.
  public init(_ authorizedBy: EntryID) { self.authorizedBy = authorizedBy }

  package static let textLength = 16

  /// `hld_` and twelve Base32 digits.
  package func write(to target: UnsafeMutableRawPointer) {
    writePrefixed("hld_", UInt64(authorizedBy.sequence), digits: 12, to: target)
  }

  package init?(text: String) {
    guard let value = prefixed(text, "hld_"), value > 0 else { return nil }
    authorizedBy = EntryID(Int64(value))
  }
}

/// A lot: the n-th part of value that one top-up brought.
public struct LotID: Hashable, Sendable, FixedText {
  /// The entry of the top-up, also when a later clearing granted the lot.
  public let topUp: EntryID
  /// Which of the top-up's lots, from 0.
  public let index: UInt8

  /// The lot of this place among those of a top-up.
  public init(topUp: EntryID, index: UInt8) {
    self.topUp = topUp
    self.index = index
  }

  package static let textLength = 18

  /// `lot_`, twelve digits of the top-up and two of the index.
  package func write(to target: UnsafeMutableRawPointer) {
    writePrefixed("lot_", UInt64(topUp.sequence), digits: 12, to: target)
    Crockford.write(UInt64(index), digits: 2, to: target + 16)
  }
}

/// An account's name for life: 60 random bits, never zero.
///
/// `acc_…`.
public struct AccountID: Hashable, Comparable, Sendable, FixedText {
  /// The bits: 1 … 2^60 − 1.
  public let value: Int64

  /// The id from random bits; nil for the one value that is no id.
  package init?(random bits: UInt64) {
    let masked = bits & ((1 << 60) - 1)
    guard masked != 0 else { return nil }
    value = Int64(masked)
  }

  /// An id read back from where one was stored; nil outside 1 … 2^60 − 1.
  package init?(stored value: Int64) {
    guard value > 0, value < 1 << 60 else { return nil }
    self.value = value
  }

  /// By their bits.
  public static func < (left: AccountID, right: AccountID) -> Bool { left.value < right.value }

  package static let textLength = 16

  /// `acc_` and twelve Base32 digits.
  package func write(to target: UnsafeMutableRawPointer) {
    writePrefixed("acc_", UInt64(value), digits: 12, to: target)
  }

  package init?(text: String) {
    guard let value = prefixed(text, "acc_") else { return nil }
    self.init(stored: Int64(value))
  }
}

/// The number printed on a card: 1–64 printable ASCII characters without space.
public struct CardNumber: Hashable, Sendable {
  /// The number as it is printed.
  public let text: String

  /// The number of this text; nil where it is none.
  public init?(_ text: String) {
    var text = text
    guard text.withUTF8({ Self.isOne($0) }) else { return nil }
    self.text = text
  }

  /// Whether these bytes are a card number.
  public static func isOne(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard (1...64).contains(text.count) else { return false }
    for byte in text where byte <= 0x20 || byte >= 0x7F { return false }
    return true
  }
}

/// What a client calls one intended change: 1–128 printable ASCII characters, unique for ever.
package struct IdempotencyKey: Hashable, Sendable {
  package let text: String
  /// What the index of keys goes by; two keys may share it.
  package let hash: UInt64

  package init?(_ text: String) {
    var text = text
    let hash: UInt64? = text.withUTF8 { bytes in
      guard (1...128).contains(bytes.count) else { return nil }
      for byte in bytes where byte < 0x20 || byte >= 0x7F { return nil }
      var hash = StableHash()
      hash.add(bytes)
      return hash.finish()
    }
    guard let hash else { return nil }
    self.text = text
    self.hash = hash
  }

  package static func == (left: IdempotencyKey, right: IdempotencyKey) -> Bool {
    left.hash == right.hash && left.text == right.text
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

private func prefixed(_ text: String, _ prefix: String) -> UInt64? {
  guard text.utf8.count == 16, text.hasPrefix(prefix) else { return nil }
  return Crockford.decode(text.dropFirst(4))
}
