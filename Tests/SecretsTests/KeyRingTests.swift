// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Testing

@testable import Secrets

struct `Key ring` {
  @Test func `a fresh ring has one signing key of id 1 for each purpose, all different`() {
    let ring = KeyRing.fresh(at: 1000)
    #expect(ring.keys.map(\.purpose) == KeyRing.Purpose.allCases)
    for key in ring.keys {
      #expect(key.id == 1 && key.state == .signing)
      #expect(key.createdAt == 1000 && key.changedAt == 1000)
      #expect(ring.signing(key.purpose) == key)
      #expect(ring.key(key.purpose, id: 1) == key)
      #expect(ring.key(key.purpose, id: 2) == nil)
    }
    #expect(ring.signing(.pin).secret != ring.signing(.journal).secret)
    #expect(ring.signing(.pin).secret != ring.signing(.coupon).secret)
    #expect(ring.signing(.pin).secret != KeyRing.fresh(at: 1000).signing(.pin).secret)
  }

  @Test func `issuers have 24 bits and differ`() {
    let issuers = (0..<64).map { _ in KeyRing.fresh(at: 0).issuer }
    #expect(issuers.allSatisfy { $0 <= 0xFF_FFFF })
    #expect(Set(issuers).count > 60)
    #expect(issuers.contains { $0 > 0xFFFF })
  }

  @Test func `rotation adds a signing key and leaves the old one verifying`() throws {
    var ring = KeyRing.fresh(at: 1)
    let before = ring
    #expect(try ring.rotate(.pin, at: 2) == 2)
    #expect(ring.signing(.pin).id == 2)
    #expect(ring.signing(.pin).createdAt == 2)
    let old = try #require(ring.key(.pin, id: 1))
    #expect(old.state == .verifying && old.createdAt == 1 && old.changedAt == 2)
    #expect(old.secret == before.signing(.pin).secret)
    #expect(ring.signing(.pin).secret != old.secret)
    #expect(ring.keys(.journal) == before.keys(.journal))
    #expect(ring.keys(.coupon) == before.keys(.coupon))
    #expect(try ring.rotate(.pin, at: 3) == 3)
    #expect(ring.key(.pin, id: 1)?.changedAt == 2)
    #expect(ring.keys(.pin).map(\.state) == [.verifying, .verifying, .signing])
  }

  @Test func `a ring continues another when keys were added or revoked, and nothing else`() throws {
    let first = KeyRing.fresh(at: 1)
    var rotated = first
    try rotated.rotate(.coupon, at: 2)
    var revoked = rotated
    try revoked.revoke(.coupon, id: 1, at: 3)
    for (ring, earlier) in [
      (first, first), (rotated, first), (revoked, rotated), (revoked, first),
    ] {
      #expect(ring.continues(earlier))
    }
    for (ring, earlier) in [
      (first, rotated), (rotated, revoked), (first, revoked), (KeyRing.fresh(at: 1), first),
    ] {
      #expect(!ring.continues(earlier))
    }
    // Another key under the same id.
    var other = first
    try other.rotate(.coupon, at: 2)
    #expect(!other.continues(rotated))
  }

  @Test func `only a key that does not sign can be revoked, and only once`() throws {
    var ring = KeyRing.fresh(at: 1)
    #expect(throws: KeyRingError.signingKeyCannotBeRevoked(.pin, id: 1)) {
      try ring.revoke(.pin, id: 1, at: 2)
    }
    #expect(throws: KeyRingError.unknownKey(.pin, id: 9)) { try ring.revoke(.pin, id: 9, at: 2) }
    try ring.rotate(.pin, at: 3)
    try ring.revoke(.pin, id: 1, at: 4)
    #expect(ring.key(.pin, id: 1)?.state == .revoked)
    #expect(ring.key(.pin, id: 1)?.changedAt == 4)
    let once = ring
    try ring.revoke(.pin, id: 1, at: 5)
    #expect(ring == once)
    #expect(throws: KeyRingError.signingKeyCannotBeRevoked(.pin, id: 2)) {
      try ring.revoke(.pin, id: 2, at: 6)
    }
    #expect(ring == once)
  }

  @Test func `after 255 keys of a purpose no more are made, and nothing changes`() throws {
    var ring = KeyRing.fresh(at: 0)
    for id in UInt8(2)...255 { #expect(try ring.rotate(.coupon, at: Int64(id)) == id) }
    let full = ring
    #expect(throws: KeyRingError.exhausted(.coupon)) { try ring.rotate(.coupon, at: 999) }
    #expect(ring == full)
    #expect(ring.signing(.coupon).id == 255)
    #expect(try KeyRing(json: ring.json()) == ring)
    #expect(ring.json().count * 3 < KeyRingFile.sizeLimit)
  }
}

struct `Key ring as JSON` {
  private static let secret = String(repeating: "0f", count: 32)

  private func entry(
    _ purpose: String, id: String = "1", state: String = "signing", created: String = "5",
    changed: String = "6", secret: String = Self.secret, extra: String = ""
  ) -> String {
    #"{"purpose":"\#(purpose)","id":\#(id),"state":"\#(state)","created_at_ms":\#(created),"#
      + #""changed_at_ms":\#(changed),"secret":"\#(secret)"\#(extra)}"#
  }

  private func text(
    first: String? = nil, more: [String] = [], version: String = "1", issuer: String = "66051",
    extra: String = ""
  ) -> String {
    let keys = [first ?? entry("pin"), entry("coupon"), entry("journal")] + more
    return #"{"version":\#(version),"issuer":\#(issuer),"keys":["#
      + keys.joined(separator: ",") + "]\(extra)}"
  }

  private func refusal(_ text: String) -> KeyRingError? {
    do throws(KeyRingError) {
      _ = try KeyRing(json: Array(text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test func `a ring with history reads back as it was written, byte for byte`() throws {
    var ring = KeyRing.fresh(at: 1_790_000_000_000)
    for purpose in KeyRing.Purpose.allCases {
      try ring.rotate(purpose, at: 1_790_000_000_001)
      try ring.rotate(purpose, at: 1_790_000_000_002)
      try ring.revoke(purpose, id: 1, at: 1_790_000_000_003)
    }
    let json = ring.json()
    #expect(try KeyRing(json: json) == ring)
    #expect(try KeyRing(json: json).json() == json)
    #expect(json.last == UInt8(ascii: "\n") && json.count { $0 == UInt8(ascii: "\n") } == 1)
  }

  @Test func `the format is frozen`() throws {
    let ring = try KeyRing(json: Array(text().utf8))
    #expect(ring.issuer == 66051)
    #expect(ring.signing(.pin).createdAt == 5 && ring.signing(.pin).changedAt == 6)
    #expect(ring.signing(.pin).secret == SecretKey(bytes: [UInt8](repeating: 15, count: 32)))
    #expect(String(decoding: ring.json(), as: UTF8.self) == text() + "\n")
  }

  @Test func `order and white space do not matter`() throws {
    let ring = try KeyRing(json: Array(text().utf8))
    let shuffled =
      #"{ "keys" : ["# + [entry("journal"), entry("pin"), entry("coupon")].joined(separator: " , ")
      + #"], "version": 1, "issuer": 66051 }"#
    #expect(try KeyRing(json: Array(shuffled.utf8)) == ring)
  }

  @Test func `what is not strict JSON is refused`() {
    for broken in ["", "{", text() + "x", text(extra: ",\"version\":1"), text(extra: ","), "nul"] {
      #expect(refusal(broken) == .notJSON)
    }
  }

  @Test func `unknown, missing and ill-typed members are named`() {
    #expect(refusal("[]") == .invalidMember(""))
    #expect(refusal("{}") == .missingMember("/version"))
    #expect(refusal(text(extra: #","note":1"#)) == .unknownMember("/note"))
    #expect(refusal(text(version: "2")) == .invalidMember("/version"))
    #expect(refusal(text(version: "\"1\"")) == .invalidMember("/version"))
    #expect(refusal(text(issuer: "16777216")) == .invalidMember("/issuer"))
    #expect(refusal(text(issuer: "-1")) == .invalidMember("/issuer"))
    #expect(refusal(#"{"version":1,"issuer":1}"#) == .missingMember("/keys"))
    #expect(refusal(#"{"version":1,"issuer":1,"keys":{}}"#) == .invalidMember("/keys"))
    #expect(refusal(text(first: "7")) == .invalidMember("/keys/0"))
    #expect(refusal(text(more: ["{}"])) == .missingMember("/keys/3/purpose"))
    let noted = entry("pin", extra: #","x_note":1"#)
    #expect(refusal(text(first: noted)) == .unknownMember("/keys/0/x_note"))
  }

  @Test func `values of a key out of range are named`() {
    #expect(refusal(text(first: entry("PIN"))) == .invalidMember("/keys/0/purpose"))
    #expect(refusal(text(first: entry("pin", state: "old"))) == .invalidMember("/keys/0/state"))
    for id in ["0", "256", "-1", "1.0", "null", "\"1\""] {
      #expect(refusal(text(first: entry("pin", id: id))) == .invalidMember("/keys/0/id"))
    }
    for time in ["-1", "253402300800000", "1e3", "true"] {
      #expect(
        refusal(text(first: entry("pin", created: time)))
          == .invalidMember("/keys/0/created_at_ms"))
      #expect(
        refusal(text(first: entry("pin", changed: time)))
          == .invalidMember("/keys/0/changed_at_ms"))
    }
    let secret = Self.secret
    let wrong = [
      "", "0f", String(secret.dropLast()), String(secret.dropLast(2)), secret + "0f",
      secret + "0", secret.uppercased(), "0x" + secret.dropFirst(2), " " + secret.dropFirst(),
    ]
    for other in wrong {
      #expect(refusal(text(first: entry("pin", secret: other))) == .invalidMember("/keys/0/secret"))
    }
  }

  @Test func `rings that break the rules between keys are refused`() {
    #expect(
      refusal(text(more: [entry("pin", state: "revoked")])) == .duplicateID(.pin, id: 1))
    #expect(refusal(text(more: [entry("pin", id: "2")])) == .severalSigningKeys(.pin))
    #expect(refusal(text(first: entry("pin", state: "verifying"))) == .noSigningKey(.pin))
    #expect(refusal(text(first: entry("coupon", id: "2", state: "revoked"))) == .noSigningKey(.pin))
    #expect(refusal(#"{"version":1,"issuer":1,"keys":[]}"#) == .noSigningKey(.pin))
    #expect(refusal(text(more: [entry("pin", id: "2", state: "revoked")])) == nil)
  }

  @Test func `no truncation of a ring is a ring`() {
    let json = KeyRing.fresh(at: 0).json()
    for count in 0..<(json.count - 1) {
      #expect(throws: KeyRingError.notJSON) { try KeyRing(json: Array(json[..<count])) }
    }
  }
}
