// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What an account stores to check a PIN: a tag under a key that is not in the database.
///
/// The database alone therefore confirms no guess. Compared in constant time, never printed.
public struct PINVerifier: Sendable, Equatable, Unprintable {
  /// What was done to the PIN before it was authenticated.
  public enum Scheme: Sendable, Hashable {
    /// Nothing: the tag is over the PIN itself.
    case keyed
    /// scrypt at this cost: the tag is over the stretched PIN.
    case scrypt(ScryptCost)
  }

  /// How the PIN was prepared.
  public let scheme: Scheme
  /// The `pin` key of the ring that made the tag.
  public let keyID: UInt8
  /// Random, new at every change of the PIN.
  public let salt: Bytes16
  /// The first 128 bits of the HMAC-SHA-256.
  public let tag: Bytes16
}

extension PINVerifier {
  private static let encodingVersion: UInt8 = 1

  /// The stored form, one spelling per verifier: version 1 · scheme · key id · salt (16) ·
  /// tag (16); 35 bytes for `keyed`, 38 for `scrypt`.
  public func encoded() -> [UInt8] {
    [Self.encodingVersion] + scheme.encoded + [keyID] + salt.bytes + tag.bytes
  }

  /// Reads the stored form; nil for any bytes that `encoded()` does not write.
  public init?(encoded: [UInt8]) {
    var rest = encoded[...]
    guard rest.popFirst() == Self.encodingVersion,
      let scheme = Scheme(consuming: &rest),
      let keyID = rest.popFirst(), keyID > 0,
      let salt = Bytes16(rest.prefix(Bytes16.byteCount)),
      let tag = Bytes16(rest.dropFirst(Bytes16.byteCount))
    else { return nil }
    self.init(scheme: scheme, keyID: keyID, salt: salt, tag: tag)
  }
}

extension PINVerifier.Scheme {
  /// 0 for `keyed`; 1, log2N, r and p for `scrypt`.
  ///
  /// Also part of what the tag is over, so that
  /// a row cannot be relabelled.
  var encoded: [UInt8] {
    switch self {
    case .keyed: [0]
    case .scrypt(let cost): [1, cost.log2N, cost.r, cost.p]
    }
  }

  /// Takes one scheme off the front of `bytes`; nil when there is none.
  init?(consuming bytes: inout ArraySlice<UInt8>) {
    switch bytes.popFirst() {
    case 0:
      self = .keyed
    case 1:
      guard let log2N = bytes.popFirst(), let r = bytes.popFirst(), let p = bytes.popFirst(),
        let cost = ScryptCost(log2N: log2N, r: r, p: p)
      else { return nil }
      self = .scrypt(cost)
    default:
      return nil
    }
  }
}
