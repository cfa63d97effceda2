// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

@testable import Secrets

struct `Coupon payload` {
  @Test func `a payload is 60 characters and says what was signed`() throws {
    var generator = SplitMix64(state: 1)
    for isTest in [false, true] {
      let signer = try CouponFixtures.signer(isTest: isTest)
      for number in 0..<500 {
        let keyID = UInt8(1 + number % 2)
        let high = UInt16.random(in: 0...(.max), using: &generator)
        let low = generator.next()
        let notAfter = number == 0 ? CouponToken.withoutEnd : UInt32(number) << 20
        let payload = try #require(
          signer.payload(serial: (high, low), notAfter: notAfter, keyID: keyID))
        #expect(payload.utf8.count == 60)
        #expect(payload.hasPrefix(isTest ? "SVT1" : "SVC1"))
        #expect(
          signer.read(payload).token
            == CouponToken(
              keyID: keyID, serialHigh: high, serialLow: low, notAfter: notAfter))
      }
    }
  }

  @Test func `a payload has no letter that is taken for a digit, and only 0-9 and A-Z`() throws {
    let payloads = CouponFixtures.payloads(200, by: try CouponFixtures.signer(), seed: 2)
    #expect(payloads.count == 200)
    for payload in payloads {
      #expect(payload.allSatisfy { "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains($0) })
    }
  }

  @Test func `the new key signs, and only keys held and not revoked do`() throws {
    let signer = try CouponFixtures.signer()
    #expect(signer.signingKeyID == 2)
    for keyID in UInt8(0)...255 {
      let payload = signer.payload(serial: (1, 2), notAfter: 3, keyID: keyID)
      #expect((payload != nil) == (keyID == 1 || keyID == 2))
    }
  }

  @Test func `codes outlive rotation, and end with their key's revocation`() throws {
    var ring = KeyRing.fresh(at: 0)
    let old = try #require(
      CouponSigner(ring, isTest: false).payload(serial: (7, 7), notAfter: 9, keyID: 1))
    try ring.rotate(.coupon, at: 1)
    let rotated = CouponSigner(ring, isTest: false)
    let new = try #require(rotated.payload(serial: (7, 7), notAfter: 9, keyID: 2))
    #expect(rotated.signingKeyID == 2)
    #expect(new != old)
    #expect(rotated.payload(serial: (7, 7), notAfter: 9, keyID: 1) == old)
    #expect(rotated.read(old).token?.keyID == 1)
    #expect(rotated.read(new).token?.keyID == 2)

    try ring.revoke(.coupon, id: 1, at: 2)
    let revoked = CouponSigner(ring, isTest: false)
    #expect(revoked.read(old).problem == .unknownKey)
    #expect(revoked.read(new).token?.keyID == 2)
    #expect(revoked.payload(serial: (7, 7), notAfter: 9, keyID: 1) == nil)
    // An engine that has not read the new ring yet does not know the new key.
    let behind = CouponSigner(KeyRing.fresh(at: 0), isTest: false)
    #expect(behind.read(new).problem == .unknownIssuer)
  }

  @Test func `255 rotations later the first code still reads`() throws {
    var ring = KeyRing.fresh(at: 0)
    let first = try #require(
      CouponSigner(ring, isTest: false).payload(serial: (1, 1), notAfter: 1, keyID: 1))
    for at in 1...254 { try ring.rotate(.coupon, at: Int64(at)) }
    let signer = CouponSigner(ring, isTest: false)
    #expect(signer.signingKeyID == 255)
    #expect(signer.read(first).token?.keyID == 1)
    let last = try #require(signer.payload(serial: (1, 1), notAfter: 1, keyID: 255))
    #expect(signer.read(last).token?.keyID == 255)
  }

  @Test func `the keyring's text keeps the issuer and the codes`() throws {
    let ring = KeyRing.fresh(at: 0)
    let payload = try #require(
      CouponSigner(ring, isTest: false).payload(serial: (1, 1), notAfter: 1, keyID: 1))
    let restored = try KeyRing(json: ring.json())
    #expect(CouponSigner(restored, isTest: false).read(payload).token != nil)
  }

  @Test func `another ledger's code, a test ledger's and another purpose's tag are refused`() throws
  {
    let signer = try CouponFixtures.signer()
    let test = try CouponFixtures.signer(isTest: true)
    let payload = try #require(signer.payload(serial: (1, 2), notAfter: 3, keyID: 2))
    #expect(test.read(payload).problem == .malformed)
    // The same keys: the prefix is under the tag too.
    #expect(test.read("SVT1" + payload.dropFirst(4)).problem == .badSignature)
    let other = CouponSigner(try CouponFixtures.ring(issuer: 0x8F_A2_C8), isTest: false)
    #expect(other.read(payload).problem == .unknownIssuer)
    // Key 1 of every purpose is the same here; what a `pin` key makes is another message.
    let hasher = PINHasher(try fixedRing())
    let verifier = hasher.makeVerifier(
      stretchedOrPlain: [1], accountID: 1, salt: .random(), scheme: .keyed)
    var bytes = couponBytes(payload)
    for (index, byte) in verifier.tag.bytes.enumerated() { bytes[19 + index] = byte }
    #expect(signer.read(CouponDigits.text(.real, bytes)).problem == .badSignature)
  }

  @Test func `fields do not slide into each other`() throws {
    let signer = try CouponFixtures.signer()
    let payloads = [
      signer.payload(serial: (1, 0), notAfter: 0, keyID: 2),
      signer.payload(serial: (0, 1 << 56), notAfter: 0, keyID: 2),
      signer.payload(serial: (0, 1), notAfter: 0, keyID: 2),
      signer.payload(serial: (0, 0), notAfter: 1 << 24, keyID: 2),
    ].compactMap { $0 }
    #expect(Set(payloads).count == 4)
    #expect(Set(payloads.map { $0.suffix(25) }).count == 4)
  }

  @Test func `judgement is form, issuer, key, tag, and then the kind`() throws {
    let signer = try CouponFixtures.signer()
    let payload = try #require(signer.payload(serial: (1, 2), notAfter: 3, keyID: 1))
    var bytes = couponBytes(payload)
    let kind = try #require(signer.payload(serial: (1, 2), notAfter: 3, keyID: 1, flags: 1))
    #expect(signer.read(kind).problem == .malformed)
    bytes[1] = 1
    #expect(signer.read(CouponDigits.text(.real, bytes)).problem == .badSignature)
    bytes[0] = 3
    #expect(signer.read(CouponDigits.text(.real, bytes)).problem == .unknownKey)
    bytes[2] ^= 1
    #expect(signer.read(CouponDigits.text(.real, bytes)).problem == .unknownIssuer)
    #expect(signer.read(CouponDigits.text(.test, bytes)).problem == .malformed)
    #expect(signer.read(CouponDigits.text(.real, bytes).dropLast() + "U").problem == .malformed)
  }

  @Test func `not-after is rounded up, and 32 bits of seconds are enough or taken as no end`() {
    #expect(CouponToken.notAfter(endingAt: nil) == .max)
    #expect(CouponToken.notAfter(endingAt: -1) == 0)
    #expect(CouponToken.notAfter(endingAt: 0) == 0)
    #expect(CouponToken.notAfter(endingAt: 1) == 1)
    #expect(CouponToken.notAfter(endingAt: 1_000) == 1)
    #expect(CouponToken.notAfter(endingAt: 1_001) == 2)
    #expect(CouponToken.notAfter(endingAt: 4_294_967_294_000) == 4_294_967_294)
    #expect(CouponToken.notAfter(endingAt: 4_294_967_294_001) == .max)
    #expect(CouponToken.notAfter(endingAt: 4_294_967_295_000) == .max)
    #expect(CouponToken.notAfter(endingAt: .max) == .max)
    #expect(CouponToken.notAfter(endingAt: .min) == 0)

    let token = CouponToken(keyID: 1, serialHigh: 0, serialLow: 0, notAfter: 2)
    #expect(!token.hasEnded(at: 1_999))
    #expect(token.hasEnded(at: 2_000))
    let endless = CouponToken(
      keyID: 1, serialHigh: 0, serialLow: 0, notAfter: CouponToken.withoutEnd)
    #expect(!endless.hasEnded(at: .max))
  }

  @Test func `the signer is never printed`() throws {
    #expect("\(try CouponFixtures.signer())" == "<secret>")
  }
}
