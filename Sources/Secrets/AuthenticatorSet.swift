// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Prepared authenticators of one purpose, by key id.
///
/// Not Sendable, as they are not.
struct AuthenticatorSet {
  /// The id of the key that signs.
  let signingID: UInt8
  /// The authenticator of the key that signs.
  let signing: MessageAuthenticator

  // A ring has a handful of keys: a scan is quicker than hashing an id.
  private let others: [(id: UInt8, authenticator: MessageAuthenticator)]

  /// Prepares the keys of `purpose`; revoked ones only if `includingRevoked`.
  init(_ ring: KeyRing, _ purpose: KeyRing.Purpose, includingRevoked: Bool) {
    let signingKey = ring.signing(purpose)
    signingID = signingKey.id
    signing = MessageAuthenticator(key: signingKey.secret)
    others = ring.keys(purpose).compactMap { key in
      guard key.id != signingKey.id, includingRevoked || key.state != .revoked else {
        return nil
      }
      return (key.id, MessageAuthenticator(key: key.secret))
    }
  }

  /// The authenticator of a key; nil when the set does not hold it.
  func authenticator(_ id: UInt8) -> MessageAuthenticator? {
    if id == signingID { return signing }
    return others.first { $0.id == id }?.authenticator
  }
}
