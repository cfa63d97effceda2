// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds
import Testing

/// Standard output carries protocol only: one JSON text a line, one answer a request (contract §1).
@Suite struct OutputTests {
  @Test func `every line of output is one answer, whatever the input`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 100_000, pin: "1234")
    var random = SplitMix64(seed: 0x5C21_9001)
    let good = [
      EngineProcess.line("system.info", id: 1),
      EngineProcess.line("account.get", ["card_no": "C1"], id: 2),
      EngineProcess.line("debit.create", shop.keyed(["card_no": "C1", "amount": 1]), id: 3),
      EngineProcess.line(
        "debit.create", shop.keyed(["card_no": "C1", "amount": 1, "pin": "1234"]), id: 4),
      EngineProcess.line("program.set", shop.keyed(["program": ["topup": ["max": 5]]]), id: 5),
      "[\(EngineProcess.line("system.ping", id: 6)),\(EngineProcess.line("entry.list", id: 7))]",
    ].map { Array($0.utf8) }
    let rounds = 1500
    var input: [UInt8] = []
    for _ in 0..<rounds {
      var line = good[random.below(good.count)]
      for _ in 0..<random.below(3) {
        let place = random.below(line.count)
        switch random.below(3) {
        case 0: line[place] = UInt8(random.below(256))
        case 1: line.remove(at: place)
        default: line.insert(UInt8(random.below(256)), at: place)
        }
      }
      input += line + [0x0A]
    }
    try shop.engine.child.write(input)
    try shop.engine.child.closeInput()
    var lines = 0
    while let line = try shop.engine.child.line() {
      lines += 1
      let answer = try Answer(line)
      for part in answer.elements.isEmpty ? [answer] : answer.elements {
        #expect(part.tree["jsonrpc"] == "2.0" && part.tree["id"] != nil)
        #expect((part.result == nil) != (part.error == nil))
      }
    }
    #expect(lines > rounds / 2)
    #expect(try shop.engine.child.wait() == .code(0))
    try shop.ledger.expectSound()
  }

  @Test func `a start that fails says so on standard error alone`() throws {
    let shop = try Shop()
    let starts = [
      ["serve", "--data", shop.ledger.beside("nothing")],
      ["serve", "--data", shop.ledger.data, "--test-clock", "soon"],
      ["serve", "--data", shop.ledger.data, "--keyring", shop.ledger.beside("nothing.json")],
      ["serve"],
    ]
    for arguments in starts {
      let outcome = try ScripBinary.run(arguments)
      #expect(outcome.code != 0 && outcome.code != nil)
      #expect(outcome.output.isEmpty && !outcome.errors.isEmpty)
    }
  }
}
