// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

@testable import Secrets

struct `PIN verifier` {
  private let pin = Array("0123".utf8)
  private let salt = Bytes16.random()

  @Test func `the right PIN matches and others do not`() {
    let hasher = PINHasher(.fresh(at: 0))
    let verifier = hasher.makeVerifier(
      stretchedOrPlain: pin, accountID: 7, salt: salt, scheme: .keyed)
    #expect(hasher.matches(verifier, stretchedOrPlain: pin, accountID: 7))
    for other in ["123", "0124", "01230", "00123", "", "0123\0", " 0123"] {
      #expect(!hasher.matches(verifier, stretchedOrPlain: Array(other.utf8), accountID: 7))
    }
  }

  @Test func `one PIN gives different tags on two cards, with two salts and with two schemes`() {
    let hasher = PINHasher(.fresh(at: 0))
    let schemes: [PINVerifier.Scheme] = [.keyed, .scrypt(.standard)]
    var tags: Set<Bytes16> = []
    for account in [7, 8] as [UInt64] {
      for salt in [salt, .random()] {
        for scheme in schemes {
          tags.insert(
            hasher.makeVerifier(
              stretchedOrPlain: pin, accountID: account, salt: salt, scheme: scheme
            ).tag)
        }
      }
    }
    #expect(tags.count == 8)
  }

  @Test func `a verifier moved to another account, salt, scheme or key matches no more`() throws {
    var ring = KeyRing.fresh(at: 0)
    try ring.rotate(.pin, at: 1)
    let hasher = PINHasher(ring)
    let made = hasher.makeVerifier(
      stretchedOrPlain: pin, accountID: 7, salt: salt, scheme: .keyed)
    #expect(made.keyID == 2)
    #expect(!hasher.matches(made, stretchedOrPlain: pin, accountID: 8))
    let moved = [
      PINVerifier(scheme: .scrypt(.standard), keyID: 2, salt: salt, tag: made.tag),
      PINVerifier(scheme: .keyed, keyID: 1, salt: salt, tag: made.tag),
      PINVerifier(scheme: .keyed, keyID: 3, salt: salt, tag: made.tag),
      PINVerifier(scheme: .keyed, keyID: 2, salt: .random(), tag: made.tag),
    ]
    for verifier in moved {
      #expect(!hasher.matches(verifier, stretchedOrPlain: pin, accountID: 7))
    }
  }

  @Test func `an old key verifies until it is revoked, and its verifiers ask for renewal`() throws {
    var ring = KeyRing.fresh(at: 0)
    let verifier = PINHasher(ring).makeVerifier(
      stretchedOrPlain: pin, accountID: 7, salt: salt, scheme: .keyed)
    #expect(PINHasher(ring).isCurrent(verifier, scheme: .keyed))
    #expect(!PINHasher(ring).isCurrent(verifier, scheme: .scrypt(.standard)))
    try ring.rotate(.pin, at: 1)
    #expect(PINHasher(ring).matches(verifier, stretchedOrPlain: pin, accountID: 7))
    #expect(PINHasher(ring).holdsKey(of: verifier))
    #expect(!PINHasher(ring).isCurrent(verifier, scheme: .keyed))
    try ring.revoke(.pin, id: 1, at: 2)
    #expect(!PINHasher(ring).matches(verifier, stretchedOrPlain: pin, accountID: 7))
    #expect(!PINHasher(ring).holdsKey(of: verifier))
  }

  @Test func `without the ring's key nothing matches`() {
    let verifier = PINHasher(.fresh(at: 0)).makeVerifier(
      stretchedOrPlain: pin, accountID: 7, salt: salt, scheme: .keyed)
    let stranger = PINHasher(.fresh(at: 0))
    #expect(!stranger.matches(verifier, stretchedOrPlain: pin, accountID: 7))
  }

  // Computed from the documented layout by an independent implementation.
  @Test func `tags are frozen`() throws {
    let hasher = PINHasher(try fixedRing())
    let salt = try #require(Bytes16(UInt8(0x10)..<0x20))
    let keyed = hasher.makeVerifier(
      stretchedOrPlain: pin, accountID: 42, salt: salt, scheme: .keyed)
    #expect(keyed.tag.bytes == hex("9050dedfdbed66029bcf7e26eba0698a"))
    let cost = try #require(ScryptCost(log2N: 4, r: 1, p: 1))
    let stretched = hasher.makeVerifier(
      stretchedOrPlain: stretch(pin: pin, accountID: 42, cost: cost), accountID: 42,
      salt: salt, scheme: .scrypt(cost))
    #expect(stretched.tag.bytes == hex("f6d374114153a010cba1f2430a7581df"))
    #expect(
      keyed.encoded()
        == hex("010001101112131415161718191a1b1c1d1e1f9050dedfdbed66029bcf7e26eba0698a"))
    #expect(
      stretched.encoded()
        == hex("010104010101101112131415161718191a1b1c1d1e1ff6d374114153a010cba1f2430a7581df"))
  }

  @Test func `the stored form reads back, and no other length or version does`() {
    let hasher = PINHasher(.fresh(at: 0))
    for scheme in [PINVerifier.Scheme.keyed, .scrypt(.standard)] {
      let verifier = hasher.makeVerifier(
        stretchedOrPlain: pin, accountID: 7, salt: salt, scheme: scheme)
      let encoded = verifier.encoded()
      #expect(PINVerifier(encoded: encoded) == verifier)
      #expect(PINVerifier(encoded: encoded)?.encoded() == encoded)
      for count in 0..<encoded.count {
        #expect(PINVerifier(encoded: Array(encoded[..<count])) == nil)
      }
      #expect(PINVerifier(encoded: encoded + [0]) == nil)
      for version in [0, 2, 255] as [UInt8] {
        #expect(PINVerifier(encoded: [version] + encoded.dropFirst()) == nil)
      }
    }
  }

  @Test func `a stored form of unknown scheme, without key or of absurd cost is refused`() {
    let rest = [UInt8](repeating: 9, count: 32)
    #expect(PINVerifier(encoded: [1, 0, 1] + rest) != nil)
    #expect(PINVerifier(encoded: [1, 2, 1] + rest) == nil)
    #expect(PINVerifier(encoded: [1, 0, 0] + rest) == nil)
    #expect(PINVerifier(encoded: [1, 1, 14, 8, 1, 1] + rest) != nil)
    #expect(PINVerifier(encoded: [1, 1, 30, 8, 1, 1] + rest) == nil)
    #expect(PINVerifier(encoded: [1, 1, 14, 0, 1, 1] + rest) == nil)
  }
}
