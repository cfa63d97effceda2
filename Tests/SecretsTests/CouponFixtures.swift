// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

@testable import Secrets

/// A ring of the same three coupon keys in every run: 1 verifies, 2 signs, 3 is revoked.
struct CouponFixtures {
  static let issuer: UInt32 = 0x8F_A2_C9

  /// The keys' bytes by id; the second is all ones, the third counts down.
  static let secrets: [(id: UInt8, state: KeyRing.State, bytes: [UInt8])] = [
    (1, .verifying, Array(0..<32)),
    (2, .signing, [UInt8](repeating: 0xFF, count: 32)),
    (3, .revoked, (0..<32).reversed()),
  ]

  static func ring(
    issuer: UInt32 = issuer, revoked: KeyRing.State = .revoked
  ) throws -> KeyRing {
    var keys = try fixedRing().keys.filter { $0.purpose != .coupon }
    for secret in secrets {
      keys.append(
        KeyRing.Key(
          purpose: .coupon, id: secret.id, state: secret.state == .revoked ? revoked : secret.state,
          createdAt: 1, changedAt: 1, secret: key(secret.bytes)))
    }
    return try KeyRing(issuer: issuer, keys: keys)
  }

  static func signer(isTest: Bool = false) throws -> CouponSigner {
    CouponSigner(try ring(), isTest: isTest)
  }

  /// Payloads of random coupons, whatever keys 1 and 2 sign.
  static func payloads(_ count: Int, by signer: CouponSigner, seed: UInt64) -> [String] {
    var generator = SplitMix64(state: seed)
    return (0..<count).compactMap { _ in
      signer.payload(
        serial: (UInt16.random(in: 0...(.max), using: &generator), generator.next()),
        notAfter: UInt32.random(in: 0...(.max), using: &generator),
        keyID: UInt8.random(in: 1...2, using: &generator))
    }
  }
}

/// The 35 bytes of a payload.
func couponBytes(_ payload: String, _ prefix: CouponDigits.Prefix = .real) -> CouponDigits.Bytes {
  let characters = CouponDigits.scanned(payload.utf8.span)
  guard let characters, let bytes = CouponDigits.bytes(prefix, characters) else {
    preconditionFailure("a fixture is no payload")
  }
  return bytes
}

extension Result where Success == CouponToken, Failure == CouponToken.Problem {
  /// Why the text was not read; nil when it was.
  var problem: CouponToken.Problem? {
    if case .failure(let problem) = self { problem } else { nil }
  }

  /// What was read; nil when nothing was.
  var token: CouponToken? { try? get() }
}
