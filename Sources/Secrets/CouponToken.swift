// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What a coupon's payload says once its tag has been found right.
///
/// Nothing in it is secret, and it is no proof by itself: whether the coupon may be used is what
/// the ledger says of its serial.
public struct CouponToken: Sendable, Hashable {
  /// Why a text is not a payload of this ledger, in the order in which it is judged.
  public enum Problem: String, Error, Sendable, CaseIterable {
    /// Another length, prefix or character than a payload's, or a kind that is not known here.
    case malformed
    /// Signed for another ledger, as far as it says.
    case unknownIssuer = "unknown_issuer"
    /// Its key is not held, or is revoked.
    case unknownKey = "unknown_key"
    /// Not what the key signed: damaged or forged.
    case badSignature = "bad_signature"
  }

  /// The not-after of a coupon without an end.
  public static let withoutEnd = UInt32.max

  /// The `coupon` key that signed it.
  public let keyID: UInt8
  /// Kind and flags; 0, a coupon, is the only value there is so far.
  public let flags: UInt8
  /// The upper 16 of the serial's 80 bits.
  public let serialHigh: UInt16
  /// The lower 64 of the serial's 80 bits.
  public let serialLow: UInt64
  /// When the coupon ends, in seconds since 1970; `withoutEnd` if it does not.
  public let notAfter: UInt32

  /// A token of these facts.
  public init(
    keyID: UInt8, flags: UInt8 = 0, serialHigh: UInt16, serialLow: UInt64, notAfter: UInt32
  ) {
    self.keyID = keyID
    self.flags = flags
    self.serialHigh = serialHigh
    self.serialLow = serialLow
    self.notAfter = notAfter
  }

  /// The not-after of a coupon that ends at this time in milliseconds since 1970, or never.
  ///
  /// Rounded up to the second, so that it never ends a coupon early; a time that 32 bits cannot
  /// hold (from 2106 on) is written as no end. The ledger's record of the coupon is exact.
  public static func notAfter(endingAt milliseconds: Int64?) -> UInt32 {
    guard let milliseconds, milliseconds < Int64(withoutEnd) * 1000 else { return withoutEnd }
    return UInt32((max(0, milliseconds) + 999) / 1000)
  }

  /// Whether the coupon has certainly ended at this time in milliseconds since 1970.
  ///
  /// False says little: the ledger's record may end it up to a second sooner.
  public func hasEnded(at milliseconds: Int64) -> Bool {
    notAfter != Self.withoutEnd && milliseconds >= Int64(notAfter) * 1000
  }
}
