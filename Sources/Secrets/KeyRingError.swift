// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Why a key ring was not read or not changed.
///
/// Never carries a key.
public enum KeyRingError: Error, Sendable, Equatable {
  /// The text is not strict JSON.
  case notJSON
  /// A member that the format does not have, by JSON pointer.
  case unknownMember(String)
  /// A member that must be there and is not, by JSON pointer.
  case missingMember(String)
  /// A member of the wrong type, length or range, by JSON pointer; "" is the whole text.
  case invalidMember(String)
  /// Two keys of one purpose share an id.
  case duplicateID(KeyRing.Purpose, id: UInt8)
  /// More than one key of the purpose signs.
  case severalSigningKeys(KeyRing.Purpose)
  /// No key of the purpose signs.
  case noSigningKey(KeyRing.Purpose)
  /// All 255 ids of the purpose are used.
  case exhausted(KeyRing.Purpose)
  /// No key of the purpose has this id.
  case unknownKey(KeyRing.Purpose, id: UInt8)
  /// The key signs; rotate before revoking it.
  case signingKeyCannotBeRevoked(KeyRing.Purpose, id: UInt8)
}
