// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// `scrip scan` (contract §6).
@Suite struct ScanTests {
  private let malformed: JSONTree = [
    "valid": false, "reason": "malformed", "message": "券码无法识别 / not a coupon code",
  ]

  @Test func `a code is answered as coupon.verify answers it, and scanning changes nothing`() throws
  {
    let counter = try CouponCounter()
    let payload = try counter.issue()[0].payload
    let asked = try #require(
      try counter.shop.ask("coupon.verify", ["payload": .string(payload)]).result)
    #expect(asked["valid"] == true)
    let entries = try counter.shop.ask("system.info").int("/entries")
    let scanned = try counter.scan(String(repeating: payload + "\n", count: 300))
    #expect(scanned == Array(repeating: asked, count: 300))
    #expect(try counter.shop.ask("system.info").int("/entries") == entries)
    try counter.close()
  }

  @Test func `line ends, case, empty lines and an unterminated last line are taken as they come`()
    throws
  {
    let counter = try CouponCounter()
    let payload = try counter.issue()[0].payload
    let answers = try counter.scan(
      "\(payload)\r\n\n\r\n\u{FEFF} \(payload.lowercased())\t\n\(payload)")
    #expect(answers.count == 3 && answers.allSatisfy { $0["valid"] == true })
    #expect(try counter.scan("").isEmpty)
    #expect(try counter.scan("\n\n").isEmpty)
    try counter.close()
  }

  @Test func `garbage is malformed, one answer a line, and scanning goes on`() throws {
    let counter = try CouponCounter()
    let payload = try counter.issue()[0].payload
    let texts = [
      " ", "x", "{}", "\"", "\u{0}", String(payload.dropLast()), payload + "0", "SVC1",
      "svc1-\(payload)", String(repeating: "7", count: 4_096), String(repeating: "A", count: 4_097),
      String(repeating: "B", count: 300_000), payload.dropLast() + "U",
    ]
    var input = Array(texts.joined(separator: "\n").utf8)
    input += [0x0A, 0xFF, 0xFE, 0x0A, 0xC3, 0x28, 0x0A] + Array(payload.utf8) + [0x0A]
    let child = try counter.scanner()
    try child.write(input)
    try child.closeInput()
    for _ in 0..<texts.count + 2 {
      #expect(try JSONTree(text: String(decoding: child.line() ?? [], as: UTF8.self)) == malformed)
    }
    let last = try JSONTree(text: String(decoding: child.line() ?? [], as: UTF8.self))
    #expect(last["valid"] == true)
    #expect(try child.line() == nil)
    #expect(try child.wait() == .code(0))
    try counter.close()
  }

  @Test func `each code is answered before the next is scanned, and SIGTERM ends with 0`() throws {
    let counter = try CouponCounter()
    let child = try counter.scanner()
    for issued in try counter.issue(3) {
      try child.write("\(issued.payload)\n".utf8)
      let line = String(decoding: try #require(try child.line()), as: UTF8.self)
      #expect(try JSONTree(text: line)["valid"] == true)
    }
    child.send(signal: SIGTERM)
    #expect(try child.wait() == .code(0))
    try counter.close()
  }

  @Test func `with --redeem a code is used once, and the second time says when and where`() throws {
    let counter = try CouponCounter()
    let issued = try counter.issue(2)
    let input = issued.map { $0.payload + "\n" }.joined()
    let first = try counter.scan(
      input + "nonsense\n" + input, "--redeem", "--amount", "2000", "--store-id", "s1",
      "--terminal-id", "t1", "--operator-id", "o1")
    #expect(first.count == 5)
    for answer in first.prefix(2) {
      #expect(answer["valid"] != false)
      #expect(answer["redemption_id"]?.string != nil, "\(answer)")
    }
    #expect(first[2] == malformed)
    for answer in first.suffix(2) {
      #expect(answer["valid"] == false && answer["reason"] == "already_redeemed")
      #expect(answer["store_id"] == "s1" && answer["at"]?.string != nil)
    }
    #expect(first.suffix(2).map { $0["coupon_id"] } == issued.map { .string($0.id) })
    let verified = try counter.scan(input)
    #expect(verified.allSatisfy { $0["reason"] == "already_redeemed" })
    try counter.shop.ledger.expectSound()
    try counter.close()
  }

  @Test func `a use without a store is told without one`() throws {
    let counter = try CouponCounter()
    let code = try counter.issue(1)[0].payload + "\n"
    let answers = try counter.scan(code + code, "--redeem", "--amount", "2000")
    #expect(answers.last?["reason"] == "already_redeemed")
    #expect(answers.last?["store_id"] == .null && answers.last?["terminal_id"] == .null)
    try counter.close()
  }

  @Test func `a scanner without --amount says that a budget needs a price`() throws {
    let counter = try CouponCounter()
    let coupon = try counter.shop.coupon([
      "kind": "cash", "amount": 100, "caps": ["budget": 1000],
    ])
    let refused = try #require(try counter.scan(coupon.payload + "\n", "--redeem").first)
    #expect(refused["valid"] == false && refused["reason"] == "price_required")
    #expect(refused["message"]?.string?.contains("amount") == true)
    let used = try counter.scan(coupon.payload + "\n", "--redeem", "--amount", "2000").first
    #expect(used?["valid"] == true && used?["discount"] == 100)
    try counter.close()
  }

  @Test func `eight scanners redeem a hundred codes once each`() throws {
    let counter = try CouponCounter()
    let input = try counter.issue(100).map { $0.payload + "\n" }.joined()
    let children = try (0..<8).map { _ in try counter.scanner("--redeem") }
    for child in children {
      try child.write(input.utf8)
      try child.closeInput()
    }
    var redeemed = 0
    for child in children {
      var count = 0
      while let line = try child.line() {
        count += 1
        let answer = try JSONTree(text: String(decoding: line, as: UTF8.self))
        if answer["redemption_id"]?.string != nil, answer["valid"] != false {
          redeemed += 1
        } else {
          #expect(answer["reason"] == "already_redeemed", "\(answer)")
        }
      }
      #expect(count == 100)
      #expect(try child.wait() == .code(0))
    }
    #expect(redeemed == 100)
    try counter.close()
  }

  @Test func `typed codes are put right with --typed only`() throws {
    let counter = try CouponCounter()
    let payload = try counter.issue()[0].payload
    var typed = ""
    for (index, character) in payload.enumerated() {
      if index > 0, index.isMultiple(of: 4) { typed += index.isMultiple(of: 8) ? " " : "-" }
      typed += character == "1" ? "l" : character == "0" ? "o" : character.lowercased()
    }
    #expect(try counter.scan(typed + "\n") == [malformed])
    #expect(try counter.scan(typed + "\n", "--typed").first?["valid"] == true)
    try counter.close()
  }

  @Test func `ten typed lines are taken at once, and more in time`() throws {
    let counter = try CouponCounter()
    let payload = try counter.issue()[0].payload
    let answers = try counter.scan(String(repeating: payload + "\n", count: 12), "--typed")
    #expect(answers.prefix(10).allSatisfy { $0["valid"] == true })
    for answer in answers.suffix(2) {
      #expect(answer["valid"] == false && answer["reason"] == "rate_limited")
      #expect((1...1_000).contains(answer["retry_after_ms"]?.integer ?? 0))
    }
    try counter.close()
  }

  @Test(arguments: [
    ["--amount", "0"], ["--amount", "1.5"], ["--amount", "1000000000001"], ["--store-id", ""],
    ["--test-clock", "noon"], ["--fast"],
  ])
  func `wrong usage is 64`(options: [String]) throws {
    let ledger = try TestLedger()
    let outcome = try ScripBinary.run(["scan", "--data", ledger.data] + options)
    #expect(outcome.code == 64 && outcome.output.isEmpty)
  }
}
