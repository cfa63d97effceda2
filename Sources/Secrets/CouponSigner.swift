// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Makes and reads coupon payloads under the `coupon` keys of a ring (contract §5, Payload).
///
/// A payload is `SVC1`, on test ledgers `SVT1`, and 56 digits of Crockford's Base32 for 35 bytes:
/// key id (1) · flags (1) · issuer (3) · serial (10) · not-after (4) · tag (16), integers the
/// highest byte first. The tag is the first half of the HMAC-SHA-256 over the prefix and the 19
/// bytes before it. The message has no label of its own: its keys serve no other purpose, and its
/// length is fixed. Not Sendable: each thread makes its own.
public struct CouponSigner: Unprintable {
  private static let signedCount = 19

  private let keys: AuthenticatorSet
  private let issuer: UInt32
  private let prefix: CouponDigits.Prefix

  /// Prepares the signing and verifying `coupon` keys of `ring`; revoked ones are left out.
  ///
  /// - Parameter isTest: whether the ledger is a test ledger, whose payloads no real one reads.
  public init(_ ring: KeyRing, isTest: Bool) {
    keys = AuthenticatorSet(ring, .coupon, includingRevoked: false)
    issuer = ring.issuer
    prefix = isTest ? .test : .real
  }

  /// The id of the key that coupons issued now are signed with.
  public var signingKeyID: UInt8 { keys.signingID }

  /// The payload of a coupon under one key; nil when the key is not held or is revoked.
  ///
  /// A coupon keeps the key it was issued under, so that its payload stays the same when keys
  /// rotate. `flags` other than 0 are signed, but no engine reads them yet. The text is as good as
  /// the coupon: it belongs into answers and pictures, never into logs.
  public func payload(
    serial: (high: UInt16, low: UInt64), notAfter: UInt32, keyID: UInt8, flags: UInt8 = 0
  ) -> String? {
    guard let authenticator = keys.authenticator(keyID) else { return nil }
    var bytes = CouponDigits.Bytes(repeating: 0)
    bytes[0] = keyID
    bytes[1] = flags
    Self.put(UInt64(issuer), 3, at: 2, of: &bytes)
    Self.put(UInt64(serial.high), 2, at: 5, of: &bytes)
    Self.put(serial.low, 8, at: 7, of: &bytes)
    Self.put(UInt64(notAfter), 4, at: 15, of: &bytes)
    tag(authenticator, bytes).withUnsafeBytes { tag in
      for index in 0..<Bytes16.byteCount { bytes[Self.signedCount + index] = tag[index] }
    }
    return CouponDigits.text(prefix, bytes)
  }

  /// Reads a payload as a scanner delivers it, in either case and with white space around it.
  ///
  /// Nothing else is put right, so that a coupon has one spelling. Judges form, then issuer, then
  /// key, then tag, the last in constant time. No data of the ledger is needed or touched.
  public func read(_ text: Span<UInt8>) -> Result<CouponToken, CouponToken.Problem> {
    read(CouponDigits.scanned(text))
  }

  /// Reads a payload as a scanner delivers it.
  public func read(_ text: String) -> Result<CouponToken, CouponToken.Problem> {
    read(text.utf8.span)
  }

  /// The payload as it is printed of what a person typed, to be read by `read(_:)`.
  ///
  /// Spaces, line ends and hyphens are left out wherever they stand, letters put in upper case, I
  /// and L read as 1 and O as 0. Any other text comes out as some text that is no payload.
  public static func typed(_ text: String) -> String {
    CouponDigits.typed(text.utf8.span)
  }

  private func read(
    _ characters: CouponDigits.Characters?
  ) -> Result<CouponToken, CouponToken.Problem> {
    guard let characters, let bytes = CouponDigits.bytes(prefix, characters) else {
      return .failure(.malformed)
    }
    guard Self.number(3, at: 2, of: bytes) == UInt64(issuer) else {
      return .failure(.unknownIssuer)
    }
    guard let authenticator = keys.authenticator(bytes[0]) else { return .failure(.unknownKey) }
    let isRight = withUnsafeBytes(of: bytes) { all in
      let found = UnsafeRawBufferPointer(rebasing: all[Self.signedCount...])
      return tag(authenticator, bytes) == Bytes16(prefixOf: found)
    }
    guard isRight else { return .failure(.badSignature) }
    // After the tag: so damage to this byte is called what it is, and only what a later engine
    // signed for some other use comes here.
    guard bytes[1] == 0 else { return .failure(.malformed) }
    return .success(
      CouponToken(
        keyID: bytes[0], flags: bytes[1],
        serialHigh: UInt16(truncatingIfNeeded: Self.number(2, at: 5, of: bytes)),
        serialLow: Self.number(8, at: 7, of: bytes),
        notAfter: UInt32(truncatingIfNeeded: Self.number(4, at: 15, of: bytes))))
  }

  private func tag(
    _ authenticator: MessageAuthenticator, _ bytes: CouponDigits.Bytes
  ) -> Bytes16 {
    authenticator.update(bigEndian: prefix.rawValue)
    withUnsafeBytes(of: bytes) {
      authenticator.update(UnsafeRawBufferPointer(rebasing: $0[..<Self.signedCount]))
    }
    return authenticator.finish().half
  }

  private static func put(
    _ value: UInt64, _ count: Int, at start: Int, of bytes: inout CouponDigits.Bytes
  ) {
    for index in 0..<count {
      bytes[start + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - index)))
    }
  }

  private static func number(
    _ count: Int, at start: Int, of bytes: CouponDigits.Bytes
  ) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<count { value = value << 8 | UInt64(bytes[start + index]) }
    return value
  }
}
