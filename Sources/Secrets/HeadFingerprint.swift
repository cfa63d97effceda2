// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The fingerprint of a journal up to an entry, to be kept where its owner cannot reach.
///
/// Whoever holds the journal keys can write another history with an unbroken chain; one that ends
/// in the same fingerprint he cannot find. Needs no key, so that anybody may compare. It is the
/// HMAC-SHA-256, under a key of 32 zero bytes, over label "scrip.head.v1" · ledger id behind its
/// length (4) · sequence number (8) · link (17); the link itself is not given away.
public enum HeadFingerprint {
  /// The fingerprint in 64 lower-case hexadecimal digits.
  public static func text(ledger: String, sequence: Int64, link: [UInt8]) -> String {
    guard let key = SecretKey(bytes: [UInt8](repeating: 0, count: SecretKey.byteCount)) else {
      preconditionFailure("a key of the right length")
    }
    let authenticator = MessageAuthenticator(key: key)
    authenticator.update(label: "scrip.head.v1")
    authenticator.update(field: ledger.utf8.span.bytes)
    for shift in stride(from: Int64(56), through: 0, by: -8) {
      authenticator.update(byte: UInt8(truncatingIfNeeded: sequence >> shift))
    }
    authenticator.update(link)
    return authenticator.finish().truncated(to: 32).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}
