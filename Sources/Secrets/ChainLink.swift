// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// One link of the journal's keyed hash chain: the key's id and a 128-bit tag, 17 bytes stored
/// with every entry.
///
/// Not secret, since the database holds it, yet not printed whole: a link in a log would help
/// whoever forges the entry before it.
public struct ChainLink: Sendable, Hashable, Unprintable {
  /// The stored length in bytes.
  public static let byteCount = 17

  /// The `journal` key that made the tag.
  public let keyID: UInt8
  /// The first 128 bits of the HMAC-SHA-256.
  public let tag: Bytes16

  init(keyID: UInt8, tag: Bytes16) {
    self.keyID = keyID
    self.tag = tag
  }

  /// Reads the 17 stored bytes; nil for any other count and for key id 0.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount, let keyID = bytes.first, keyID > 0,
      let tag = Bytes16(bytes.dropFirst())
    else { return nil }
    self.init(keyID: keyID, tag: tag)
  }

  /// The stored form: key id (1) · tag (16).
  public var bytes: [UInt8] { [keyID] + tag.bytes }

  /// Names the key only.
  public var description: String { "<link under journal key \(keyID)>" }
}
