// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

@testable import Secrets

struct `Message authenticator` {
  // RFC 4231 §4. Keys of cases 6 and 7 are longer than a block, which HMAC replaces by their
  // SHA-256; that digest stands here in their place.
  static let vectors: [(key: [UInt8], message: [UInt8], tag: String)] = [
    (
      [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      Array(1...25), [UInt8](repeating: 0xcd, count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      [UInt8](repeating: 0x0c, count: 20), Array("Test With Truncation".utf8),
      "a3b6167473100ee06e0c796c2955552bfa6f7c0a6a8aef8b93f860aab0cd20c5"
    ),
    (
      hex("45ad4b37c6e2fc0a2cfcc1b5da524132ec707615c2cae1dbbc43c97aa521db81"),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      hex("45ad4b37c6e2fc0a2cfcc1b5da524132ec707615c2cae1dbbc43c97aa521db81"),
      Array(
        ("This is a test using a larger than block-size key and a larger than block-size data. "
          + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ]

  @Test(arguments: 0..<7)
  func `RFC 4231 vectors come out whole and truncated`(_ index: Int) {
    let vector = Self.vectors[index]
    let authenticator = MessageAuthenticator(key: key(vector.key))
    authenticator.update(vector.message)
    let tag = authenticator.finish()
    #expect(tag.withUnsafeBytes { hexadecimal($0) } == vector.tag)
    #expect(tag.truncated(to: 32) == hex(vector.tag))
    #expect(tag.truncated(to: 16) == Array(hex(vector.tag)[..<16]))
    #expect(tag.half.bytes == Array(hex(vector.tag)[..<16]))
  }

  @Test func `one authenticator serves message after message`() {
    let authenticator = MessageAuthenticator(key: key(Self.vectors[1].key))
    for _ in 0..<3 {
      authenticator.update(Self.vectors[1].message)
      #expect(authenticator.finish().truncated(to: 32) == hex(Self.vectors[1].tag))
    }
  }

  @Test func `reset forgets what was fed, both staged and handed on`() {
    let authenticator = MessageAuthenticator(key: key(Self.vectors[1].key))
    for count in [1, 512, 513, 2000] {
      authenticator.update([UInt8](repeating: 7, count: count))
      authenticator.reset()
      authenticator.update(Self.vectors[1].message)
      #expect(authenticator.finish().truncated(to: 32) == hex(Self.vectors[1].tag))
    }
  }

  @Test func `a tag does not depend on how its message is cut`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(state: seed)
    let whole = MessageAuthenticator(key: key(Self.vectors[0].key))
    let cut = MessageAuthenticator(key: key(Self.vectors[0].key))
    for _ in 0..<300 {
      let message = random.bytes(Int.random(in: 0...2200, using: &random))
      // Above the staging capacity a message goes to OpenSSL in one piece: the reference.
      whole.update([UInt8](repeating: 1, count: 600) + message)
      var rest = ([UInt8](repeating: 1, count: 600) + message)[...]
      while !rest.isEmpty {
        let count = Int.random(in: 0...min(rest.count, 700), using: &random)
        cut.update(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(whole.finish() == cut.finish(), "seed \(seed)")
    }
  }

  @Test func `integers are fed the highest byte first`() {
    let authenticator = MessageAuthenticator(key: .random())
    authenticator.update(byte: 0xFE)
    authenticator.update(bigEndian: UInt64(0x0102_0304_0506_0708))
    authenticator.update(bigEndian: Int64(-2))
    let fields = authenticator.finish()
    authenticator.update(
      [0xFE, 1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255, 255, 255, 255, 254])
    #expect(fields == authenticator.finish())
  }

  @Test func `tags are equal only when all 32 bytes are`() {
    let original = Tag { $0.copyBytes(from: 0..<32) }
    #expect(original == Tag { $0.copyBytes(from: 0..<32) })
    for index in 0..<32 {
      let other = Tag {
        $0.copyBytes(from: 0..<32)
        $0[index] ^= 0x80
      }
      #expect(original != other)
    }
  }
}
