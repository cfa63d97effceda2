// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

@testable import Secrets

/// One journal row as the chain sees it.
private struct Row {
  var seq: Int64 = 5
  var at: Int64 = 1_790_000_000_123
  var kind: UInt8 = 3
  var account: Int64 = 77
  var key = Array("till-1/0001".utf8)
  var body = [UInt8](0...255)

  func link(_ chain: HashChain, after previous: ChainLink) -> ChainLink {
    chain.next(
      after: previous, seq: seq, at: at, kind: kind, account: account, key: key.span.bytes,
      body: body.span.bytes)
  }

  func check(
    _ chain: HashChain, _ link: ChainLink, after previous: ChainLink
  ) -> HashChain.Check {
    chain.check(
      link, after: previous, seq: seq, at: at, kind: kind, account: account,
      key: key.span.bytes, body: body.span.bytes)
  }
}

struct `Hash chain` {
  private let ledger = Array("ledger".utf8)

  @Test func `an untouched row checks, and every single changed field breaks its link`() {
    let chain = HashChain(.fresh(at: 0))
    let first = chain.genesis(over: ledger)
    let row = Row()
    let link = row.link(chain, after: first)
    #expect(row.check(chain, link, after: first) == .intact)

    var changed = Array(repeating: row, count: 8)
    changed[0].seq += 1
    changed[1].at += 1
    changed[2].kind += 1
    changed[3].account += 1
    changed[4].key[0] ^= 1
    changed[5].body[255] ^= 1
    changed[6].key.append(changed[6].body.removeFirst())
    changed[7].body.insert(changed[7].key.removeLast(), at: 0)
    for other in changed {
      #expect(other.link(chain, after: first) != link)
      #expect(other.check(chain, link, after: first) == .broken)
    }
  }

  @Test func `every flipped bit of a link or of the one before is seen`() throws {
    let chain = HashChain(.fresh(at: 0))
    let first = chain.genesis(over: ledger)
    let row = Row()
    let link = row.link(chain, after: first)
    for bit in 8..<(ChainLink.byteCount * 8) {
      var bytes = link.bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(row.check(chain, try #require(ChainLink(bytes: bytes)), after: first) == .broken)
    }
    for bit in 0..<(ChainLink.byteCount * 8) {
      var bytes = first.bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let before = ChainLink(bytes: bytes) else { continue }
      #expect(row.check(chain, link, after: before) == .broken)
    }
  }

  @Test func `swapped, removed and repeated rows break the chain`() {
    let chain = HashChain(.fresh(at: 0))
    let rows = (1...4).map { Row(seq: $0, body: [UInt8($0)]) }
    var links = [chain.genesis(over: ledger)]
    for row in rows { links.append(row.link(chain, after: links[links.count - 1])) }
    for index in 0..<4 {
      #expect(rows[index].check(chain, links[index + 1], after: links[index]) == .intact)
    }
    #expect(rows[1].check(chain, links[2], after: links[2]) == .broken)
    #expect(rows[2].check(chain, links[3], after: links[1]) == .broken)
    #expect(rows[1].check(chain, links[3], after: links[1]) == .broken)
    #expect(rows[2].check(chain, links[2], after: links[1]) == .broken)
  }

  @Test func `the genesis link belongs to one ledger, one key and no row`() {
    let chain = HashChain(.fresh(at: 0))
    let first = chain.genesis(over: ledger)
    #expect(chain.check(genesis: first, over: ledger) == .intact)
    #expect(chain.check(genesis: first, over: Array("ledges".utf8)) == .broken)
    #expect(HashChain(.fresh(at: 0)).check(genesis: first, over: ledger) == .broken)
    let link = Row().link(chain, after: first)
    #expect(chain.check(genesis: link, over: ledger) == .broken)
  }

  @Test func `links outlive rotation and revocation, but not their key's absence`() throws {
    var ring = KeyRing.fresh(at: 0)
    let first = HashChain(ring).genesis(over: ledger)
    let link = Row().link(HashChain(ring), after: first)
    try ring.rotate(.journal, at: 1)
    let rotated = HashChain(ring)
    let second = Row().link(rotated, after: link)
    #expect(first.keyID == 1 && link.keyID == 1 && second.keyID == 2)
    #expect(Row().check(rotated, link, after: first) == .intact)
    try ring.revoke(.journal, id: 1, at: 2)
    let revoked = HashChain(ring)
    #expect(Row().check(revoked, link, after: first) == .intact)
    #expect(Row().check(revoked, second, after: link) == .intact)
    #expect(revoked.check(genesis: first, over: ledger) == .intact)
    #expect(Row().link(revoked, after: first).keyID == 2)
    let other = HashChain(.fresh(at: 0))
    #expect(Row().check(other, second, after: link) == .unknownKey(2))
    #expect(Row().check(other, link, after: first) == .broken)
  }

  // Computed from the documented layout by an independent implementation.
  @Test func `links are frozen`() throws {
    let chain = HashChain(try fixedRing())
    let first = chain.genesis(over: ledger)
    #expect(first.bytes == hex("01f746de593f3fc151aa5fb86685f928c3"))
    let body = [UInt8](0...255) + [UInt8](0...255) + [UInt8](0...255)
    let row = Row(
      seq: 1, at: 1_790_000_000_123, kind: 7, account: -2, key: Array("key-1".utf8), body: body)
    #expect(row.link(chain, after: first).bytes == hex("016912d5cdec2f652a3e06a204db06b693"))
  }

  @Test func `a stored link reads back, and no other length or key 0 does`() {
    let link = HashChain(.fresh(at: 0)).genesis(over: ledger)
    #expect(ChainLink(bytes: link.bytes) == link)
    #expect(link.bytes.count == ChainLink.byteCount)
    for count in [0, 1, 16, 18] {
      #expect(ChainLink(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }
    #expect(ChainLink(bytes: [0] + link.bytes.dropFirst()) == nil)
  }
}

struct `Request digest` {
  private func digest(
    _ digester: RequestDigester, _ member: String, _ key: String, _ bytes: String
  ) -> UInt64 {
    digester.digest(member: member, key: key.utf8.span.bytes, bytes: bytes.utf8.span.bytes)
  }

  @Test func `a digest depends on member, key and bytes, and on where one ends`() {
    let digester = RequestDigester(.fresh(at: 0))
    let digests = [
      digest(digester, "pin", "k1", "0123"), digest(digester, "pin", "k2", "0123"),
      digest(digester, "holder", "k1", "0123"), digest(digester, "pin", "k1", "123"),
      digest(digester, "pi", "nk1", "0123"), digest(digester, "pin", "k10", "123"),
      digest(digester, "pin", "", "k10123"),
    ]
    #expect(Set(digests).count == digests.count)
    #expect(digests[0] == digest(digester, "pin", "k1", "0123"))
    #expect(digests[0] != digest(RequestDigester(.fresh(at: 0)), "pin", "k1", "0123"))
  }

  @Test func `a retry after rotation is digested with the first request's key`() throws {
    var ring = KeyRing.fresh(at: 0)
    let first = digest(RequestDigester(ring), "pin", "k1", "0123")
    try ring.rotate(.journal, at: 1)
    try ring.revoke(.journal, id: 1, at: 2)
    let digester = RequestDigester(ring)
    #expect(digester.signingKeyID == 2)
    #expect(digest(digester, "pin", "k1", "0123") != first)
    let key = Array("k1".utf8)
    let pin = Array("0123".utf8)
    #expect(
      digester.digest(member: "pin", key: key.span.bytes, bytes: pin.span.bytes, keyID: 1) == first)
    #expect(
      digester.digest(member: "pin", key: key.span.bytes, bytes: pin.span.bytes, keyID: 3) == nil)
  }

  // Computed from the documented layout by an independent implementation.
  @Test func `digests are frozen`() throws {
    let digester = RequestDigester(try fixedRing())
    #expect(digest(digester, "pin", "key-1", "0123") == 0x672d_3c74_390c_9098)
  }
}
