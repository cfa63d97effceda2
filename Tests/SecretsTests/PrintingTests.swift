// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

@testable import Secrets

struct `Printing` {
  /// Everything that the standard library can show of a value.
  private func shown(_ value: some Any) -> String {
    var dumped = ""
    dump(value, to: &dumped)
    dump([value], to: &dumped)
    return "\(value) \([value]) \(String(reflecting: value)) \(Optional(value) as Any) "
      + "\((value, 1)) \(dumped)"
  }

  /// Whether `text` holds `bytes` or a part of them, as hexadecimal, as decimals in an array, or
  /// as the 64-bit words they are held in.
  private func discloses(_ text: String, _ bytes: [UInt8]) -> Bool {
    for start in stride(from: 0, through: bytes.count - 8, by: 8) {
      let part = bytes[start..<start + 8]
      let little = part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let forms = [
        hexadecimal(part), part.map(String.init).joined(separator: ", "),
        String(little), String(little.byteSwapped),
        "\(part.first ?? 0)\n", String(little, radix: 16),
      ]
      if forms.contains(where: { text.lowercased().contains($0) }) { return true }
    }
    return false
  }

  @Test func `the test itself sees bytes that are shown`() {
    struct Open {
      let bytes: [UInt8]
    }
    struct Words {
      let words: (UInt64, UInt64)
    }
    let bytes = hex("f1e2d3c4b5a697880123456789abcdef")
    #expect(discloses(shown(Open(bytes: bytes)), bytes))
    #expect(
      discloses(shown(Words(words: (0xf1e2_d3c4_b5a6_9788, 0x0123_4567_89ab_cdef))), bytes))
    #expect(discloses(shown(hexadecimal(bytes)), bytes))
  }

  @Test func `no type of this module shows what it holds`() throws {
    let secret = hex("f1e2d3c4b5a69788f9eadbccbdae9f80f1e2d3c4b5a69788f9eadbccbdae9f80")
    let sixteen = try #require(Bytes16(secret[..<16]))
    let tag = Tag { $0.copyBytes(from: secret) }
    let entry = KeyRing.Key(
      purpose: .pin, id: 1, state: .signing, createdAt: 1, changedAt: 1, secret: key(secret))
    let ring = try KeyRing(
      issuer: 1,
      keys: KeyRing.Purpose.allCases.map { purpose in
        KeyRing.Key(
          purpose: purpose, id: 1, state: .signing, createdAt: 1, changedAt: 1,
          secret: key(secret))
      })
    let texts = [
      shown(key(secret)), shown(sixteen), shown(tag), shown(entry), shown(ring),
      shown(PINVerifier(scheme: .keyed, keyID: 1, salt: sixteen, tag: sixteen)),
      shown(ChainLink(keyID: 1, tag: sixteen)), shown(MessageAuthenticator(key: key(secret))),
      shown(PINHasher(ring)), shown(RequestDigester(ring)), shown(HashChain(ring)),
      shown(AuthenticatorSet(ring, .pin, includingRevoked: true)),
      shown(CouponSigner(ring, isTest: false)),
    ]
    for text in texts {
      #expect(!discloses(text, secret), "\(text)")
      #expect(!text.contains("words") && !text.contains("storage"), "\(text)")
    }
  }

  @Test func `descriptions say no more than which key it is`() throws {
    let ring = try fixedRing()
    #expect("\(SecretKey.random())" == "<secret>")
    #expect(String(reflecting: Bytes16.random()) == "<secret>")
    #expect("\(ring)" == "<secret>")
    #expect("\(ring.signing(.pin))" == "<pin key 1, signing>")
    #expect("\(HashChain(ring).genesis(over: []))" == "<link under journal key 1>")
    #expect(Mirror(reflecting: ring).children.isEmpty)
    #expect(Mirror(reflecting: ring.signing(.pin)).children.isEmpty)
  }
}
