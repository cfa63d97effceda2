// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The keyed hash chain over a journal: each entry's link covers the entry and the link before.
///
/// Changing, removing or reordering entries breaks it for everyone who lacks the `journal` key.
/// Cutting off its end does not: that is found by comparing with the last link known elsewhere.
/// A link's tag is over label "scrip.journal.v1" · previous link (17) · sequence (8) · time (8) ·
/// kind (1) · account (8) · length (4) and key · length (4) and body; that of the first link's
/// predecessor over label "scrip.journal.genesis.v1" · length (4) and bytes. Integers are two's
/// complement, the highest byte first. Not Sendable: each thread makes its own.
public struct HashChain: Unprintable {
  private let keys: AuthenticatorSet

  /// What checking one link found.
  public enum Check: Sendable, Equatable {
    /// The link belongs to the entry and to the link before it.
    case intact
    /// It does not.
    case broken
    /// The ring does not hold the link's key, so nothing can be said.
    case unknownKey(UInt8)
  }

  /// Prepares every `journal` key of `ring`.
  ///
  /// Revoked ones still verify, never sign: what they
  /// signed before stays checkable.
  public init(_ ring: KeyRing) {
    keys = AuthenticatorSet(ring, .journal, includingRevoked: true)
  }

  /// The link before the first entry, over what identifies the ledger.
  public func genesis(over bytes: [UInt8]) -> ChainLink {
    ChainLink(keyID: keys.signingID, tag: genesisTag(keys.signing, bytes))
  }

  /// A name for where those meet who hold this ring and agree in these bytes; says nothing of
  /// either to anybody else.
  public func meetingName(over bytes: [UInt8]) -> String {
    keys.signing.update(label: "scrip.meeting.v1")
    keys.signing.update(byte: keys.signingID)
    keys.signing.update(field: bytes.span.bytes)
    return keys.signing.finish().half.withUnsafeBytes { hexadecimal($0) }
  }

  /// The link of the entry that follows `link`, under the signing key.
  ///
  /// - Parameters:
  ///   - at: ledger time in milliseconds since 1970.
  ///   - key: the idempotency key; empty when the entry has none.
  ///   - body: the encoded entry.
  public func next(
    after link: ChainLink, seq: Int64, at: Int64, kind: UInt8, account: Int64,
    key: RawSpan, body: RawSpan
  ) -> ChainLink {
    let tag = tag(keys.signing, link, seq, at, kind, account, key, body)
    return ChainLink(keyID: keys.signingID, tag: tag)
  }

  /// Checks the first link's predecessor.
  public func check(genesis link: ChainLink, over bytes: [UInt8]) -> Check {
    guard let authenticator = keys.authenticator(link.keyID) else {
      return .unknownKey(link.keyID)
    }
    return genesisTag(authenticator, bytes) == link.tag ? .intact : .broken
  }

  /// Checks that `link` belongs to the entry with these fields and follows `previous`.
  public func check(
    _ link: ChainLink, after previous: ChainLink, seq: Int64, at: Int64, kind: UInt8,
    account: Int64, key: RawSpan, body: RawSpan
  ) -> Check {
    guard let authenticator = keys.authenticator(link.keyID) else {
      return .unknownKey(link.keyID)
    }
    let tag = tag(authenticator, previous, seq, at, kind, account, key, body)
    return tag == link.tag ? .intact : .broken
  }

  private func genesisTag(_ authenticator: MessageAuthenticator, _ bytes: [UInt8]) -> Bytes16 {
    authenticator.update(label: "scrip.journal.genesis.v1")
    authenticator.update(field: bytes.span.bytes)
    return authenticator.finish().half
  }

  private func tag(
    _ authenticator: MessageAuthenticator, _ previous: ChainLink, _ seq: Int64, _ at: Int64,
    _ kind: UInt8, _ account: Int64, _ key: RawSpan, _ body: RawSpan
  ) -> Bytes16 {
    authenticator.update(label: "scrip.journal.v1")
    authenticator.update(byte: previous.keyID)
    authenticator.update(previous.tag)
    authenticator.update(bigEndian: seq)
    authenticator.update(bigEndian: at)
    authenticator.update(byte: kind)
    authenticator.update(bigEndian: account)
    authenticator.update(field: key)
    authenticator.update(field: body)
    return authenticator.finish().half
  }
}
