// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Makes and checks PIN verifiers under the `pin` keys of a ring.
///
/// What it is given is the PIN's bytes for the scheme `keyed`, and `stretch(pin:accountID:cost:)`
/// of them for `scrypt`; it never stretches by itself, because that takes 50 ms. The tag is over
/// label "scrip.pin.v1" · scheme · salt (16) · account id (8) · length (4) · bytes, integers the
/// highest byte first. Not Sendable: each thread makes its own.
public struct PINHasher: Unprintable {
  private let keys: AuthenticatorSet

  /// Prepares the signing and verifying `pin` keys of `ring`.
  ///
  /// Revoked ones are left out: a PIN
  /// under a revoked key must be set anew.
  public init(_ ring: KeyRing) {
    keys = AuthenticatorSet(ring, .pin, includingRevoked: false)
  }

  /// A verifier under the signing key.
  ///
  /// `salt` must be new and random at every change of the PIN.
  public func makeVerifier(
    stretchedOrPlain secret: [UInt8], accountID: UInt64, salt: Bytes16,
    scheme: PINVerifier.Scheme
  ) -> PINVerifier {
    let tag = tag(keys.signing, secret.span.bytes, accountID, salt, scheme)
    return PINVerifier(scheme: scheme, keyID: keys.signingID, salt: salt, tag: tag)
  }

  /// Whether the PIN is the one that `verifier` was made of, judged in constant time; false too
  /// when the ring does not hold its key, which `holdsKey(of:)` tells apart.
  public func matches(
    _ verifier: PINVerifier, stretchedOrPlain secret: [UInt8], accountID: UInt64
  ) -> Bool {
    matches(verifier, stretchedOrPlain: secret.span.bytes, accountID: accountID)
  }

  /// As `matches(_:stretchedOrPlain:accountID:)` of an array.
  public func matches(
    _ verifier: PINVerifier, stretchedOrPlain secret: RawSpan, accountID: UInt64
  ) -> Bool {
    guard let authenticator = keys.authenticator(verifier.keyID) else { return false }
    return tag(authenticator, secret, accountID, verifier.salt, verifier.scheme) == verifier.tag
  }

  /// Whether the key of `verifier` is here and not revoked.
  ///
  /// If not, no PIN can match: that is the
  /// operator's fault and should not be counted as a customer's wrong attempt.
  public func holdsKey(of verifier: PINVerifier) -> Bool {
    keys.authenticator(verifier.keyID) != nil
  }

  /// Whether `verifier` is what would be made today; if not, a correct PIN should replace it.
  public func isCurrent(_ verifier: PINVerifier, scheme: PINVerifier.Scheme) -> Bool {
    verifier.keyID == keys.signingID && verifier.scheme == scheme
  }

  private func tag(
    _ authenticator: MessageAuthenticator, _ secret: RawSpan, _ accountID: UInt64,
    _ salt: Bytes16, _ scheme: PINVerifier.Scheme
  ) -> Bytes16 {
    authenticator.update(label: "scrip.pin.v1")
    authenticator.update(scheme.encoded)
    authenticator.update(salt)
    authenticator.update(bigEndian: accountID)
    authenticator.update(field: secret)
    return authenticator.finish().half
  }
}
