// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// Running processes take up what `scrip keys` has done (spec/qr-payload.md, Keys).
@Suite struct KeyRenewalTests {
  private func keys(_ arguments: String..., of ledger: TestLedger) throws {
    let outcome = try ScripBinary.run(["keys"] + arguments + ["--data", ledger.data])
    #expect(outcome.code == 0, "\(outcome)")
  }

  @Test func `a revoked coupon key is refused by till and scanner that were running`() throws {
    let counter = try CouponCounter()
    let shop = counter.shop
    let old = try counter.issue(2)
    let scanner = try counter.scanner()
    func scan(_ payload: String) throws -> JSONTree {
      try scanner.write("\(payload)\n".utf8)
      return try JSONTree(text: String(decoding: scanner.line() ?? [], as: UTF8.self))
    }
    #expect(try scan(old[0].payload)["valid"] == true)
    func verify(_ payload: String) throws -> Answer {
      try shop.ask("coupon.verify", ["payload": .string(payload)])
    }
    #expect(try verify(old[0].payload)["/valid"] == true)
    try keys("rotate", "--purpose", "coupon", of: shop.ledger)
    #expect(try verify(old[0].payload)["/valid"] == true)
    try keys("revoke", "--purpose", "coupon", "--id", "1", "--yes", of: shop.ledger)
    // Half a second, and room for a busy machine.
    let deadline = Deadline(in: 5)
    var refused = try verify(old[0].payload)
    while refused["/valid"] == true, !deadline.hasPassed {
      pause(seconds: 0.05)
      refused = try verify(old[0].payload)
    }
    #expect(refused["/reason"] == "unknown_key")
    pause(seconds: 0.6)
    #expect(try scan(old[0].payload)["reason"] == "unknown_key")
    expectRefusal(
      try shop.change("coupon.redeem", ["payload": .string(old[1].payload)]), "unknown_key")
    // The coupons live on, under the key that signs now.
    let renewed = try shop.ask("coupon.payload", ["coupon_id": .string(old[0].id)])
      .string("/payload")
    #expect(renewed != old[0].payload)
    #expect(try verify(renewed)["/valid"] == true)
    #expect(try scan(renewed)["valid"] == true)
    #expect(try scan(counter.issue()[0].payload)["valid"] == true)
    #expect(shop.engine.child.errors.contains("keyring has changed"))
    try counter.close()
  }

  @Test func `a rotated journal key is taken up by every process, whoever is first`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    var tills = [shop.engine, try shop.ledger.serve()]
    func debit(_ till: EngineProcess, _ key: String) throws -> Answer {
      try till.request(
        "debit.create",
        ["card_no": "C1", "amount": 1, "pin": "1234", "idempotency_key": .string(key)])
    }
    for round in 0..<3 {
      // Each has looked at the keyring just now, and none may look again before the next entry.
      for (index, till) in tills.enumerated() {
        expectResult(try debit(till, "a\(round)-\(index)"))
      }
      try keys("rotate", "--purpose", "journal", of: shop.ledger)
      tills.append(try shop.ledger.serve())
      for (index, till) in tills.enumerated().reversed() {
        expectResult(try debit(till, "b\(round)-\(index)"))
        // What another process made under the new key is answered again by this one.
        let again = try debit(tills[0], "b\(round)-\(index)")
        #expect(again.isReplayed, "\(again)")
      }
    }
    for till in tills.dropFirst() { #expect(try till.finish().exit == .code(0)) }
    let report = try shop.ask("ledger.verify")
    #expect(report["/ok"] == true, "\(report)")
    #expect(try shop.balance("C1") == 979)
    try shop.close()
  }

  @Test func `a rotated PIN key is taken up, and a revoked one refused`() throws {
    let shop = try Shop()
    for card in ["C1", "C2"] { try shop.open(card, topUp: 1000, pin: "1234") }
    try keys("rotate", "--purpose", "pin", of: shop.ledger)
    pause(seconds: 0.6)
    // C1 moves to the new key by its use; C2 stays under the old one.
    expectResult(try shop.debit("C1", 1, pin: "1234"))
    try keys("revoke", "--purpose", "pin", "--id", "1", "--yes", of: shop.ledger)
    pause(seconds: 0.6)
    expectRefusal(try shop.debit("C2", 1, pin: "1234"), "pin_key_missing")
    expectResult(try shop.debit("C1", 1, pin: "1234"))
    try shop.close()
  }

  @Test func `a keyring that is missing, damaged or another's is told and changes nothing`()
    throws
  {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    let path = shop.ledger.data + "/keyring.json"
    let own = try #require(Files.bytes(of: path))
    let stranger = try TestLedger()
    let other = try #require(Files.bytes(of: stranger.data + "/keyring.json"))
    var said = 0
    for bytes in [nil, Array("{}".utf8), [], other, own] {
      unlink(path)
      if let bytes {
        try Files.write(bytes, to: path)
        chmod(path, 0o600)
      }
      pause(seconds: 0.6)
      expectResult(try shop.debit("C1", 1, pin: "1234"))
      let complaints = shop.engine.child.errors.components(of: "stay in use")
      #expect(complaints == said + (bytes == own ? 0 : 1), "\(shop.engine.child.errors)")
      said = complaints
    }
    let errors = shop.engine.child.errors
    #expect(errors.contains("is not what has become of the one in use"), "\(errors)")
    try shop.close()
  }
}

extension String {
  /// How often a text stands in it.
  fileprivate func components(of text: String) -> Int {
    split(separator: text, omittingEmptySubsequences: false).count - 1
  }
}
