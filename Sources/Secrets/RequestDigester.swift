// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Digests secret members of a request (a PIN, a holder), so that a retried request can be
/// compared with the first without the journal holding them.
///
/// Keyed, because a plain hash of a four-digit PIN is the PIN; and bound to the idempotency key,
/// so that equal PINs of two requests leave no equal digests. It is the first eight bytes, as an
/// integer with the highest first, of the tag over label "scrip.request.v1" · member · key ·
/// bytes, each of the three behind its length (4). Not Sendable: each thread makes its own.
public struct RequestDigester: Unprintable {
  private let keys: AuthenticatorSet

  /// Prepares every `journal` key of `ring`, revoked ones too: old entries stay comparable.
  public init(_ ring: KeyRing) {
    keys = AuthenticatorSet(ring, .journal, includingRevoked: true)
  }

  /// The id of the key that `digest(member:key:bytes:)` uses.
  ///
  /// A retried request must be digested
  /// with the key of the first, which the link of its entry names.
  public var signingKeyID: UInt8 { keys.signingID }

  /// The digest under the signing key.
  ///
  /// `key` is the idempotency key.
  public func digest(member: String, key: RawSpan, bytes: RawSpan) -> UInt64 {
    digest(keys.signing, member, key, bytes)
  }

  /// The digest under an earlier key; nil when the ring does not hold it.
  public func digest(
    member: String, key: RawSpan, bytes: RawSpan, keyID: UInt8
  ) -> UInt64? {
    guard let authenticator = keys.authenticator(keyID) else { return nil }
    return digest(authenticator, member, key, bytes)
  }

  private func digest(
    _ authenticator: MessageAuthenticator, _ member: String, _ key: RawSpan, _ bytes: RawSpan
  ) -> UInt64 {
    authenticator.update(label: "scrip.request.v1")
    authenticator.update(field: member.utf8.span.bytes)
    authenticator.update(field: key)
    authenticator.update(field: bytes)
    let word = authenticator.finish().withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    return UInt64(bigEndian: word)
  }
}
