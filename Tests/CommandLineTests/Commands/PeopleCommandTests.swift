// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// `scrip call`, `keys`, `doctor`, `demo`, and what every command has in common.
@Suite struct PeopleCommandTests {
  @Test func `call asks one thing of a ledger, also while a till has it open`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    func call(_ arguments: String..., input: String = "") throws -> ScripBinary.Outcome {
      try ScripBinary.run(
        ["call"] + arguments + ["--data", shop.ledger.data, "--test-clock", TestLedger.morning],
        input: input)
    }
    let get = try call("account.get", #"{"card_no":"C1"}"#)
    #expect(get.code == 0)
    #expect(try JSONTree(text: get.output).at("/balance/available") == 1000)
    let debit = try call(
      "debit.create", #"{"card_no":"C1","amount":30,"idempotency_key":"by-hand"}"#)
    #expect(debit.code == 0)
    #expect(try shop.balance("C1") == 970)
    let again = try call(
      "debit.create", #"{"card_no":"C1","amount":30,"idempotency_key":"by-hand"}"#)
    #expect(try JSONTree(text: again.output)["replayed"] == true)
    let piped = try call("account.get", "-", input: #"{"card_no":"C1"}"#)
    #expect(try JSONTree(text: piped.output).at("/balance/available") == 970)
    // A key is made up where none is given, and shown, so that it can be repeated.
    let keyless = try call("debit.create", #"{"card_no":"C1","amount":1}"#)
    let tree = try JSONTree(text: keyless.output)
    let key = try #require(tree.at("/entry/idempotency_key")?.string)
    #expect(keyless.errors.contains(key))
    let refused = try call("debit.create", #"{"card_no":"C1","amount":99999}"#)
    #expect(refused.code == 1 && refused.output.isEmpty)
    #expect(refused.errors.contains("insufficient_funds"))
    #expect(try call("nothing.at.all").code == 1)
    #expect(try call("account.get", #"{"card_no":"#).code == 64)
    #expect(try shop.balance("C1") == 969)
    try shop.close()
  }

  @Test func `keys are listed and never shown`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    try shop.engine.finish()
    let path = shop.ledger.data + "/keyring.json"
    func secrets() throws -> [String] {
      let text = try #require(Files.text(of: path))
      return text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && !"+/=_-".contains($0) })
        .map(String.init).filter { $0.count >= 40 }
    }
    #expect(try secrets().count >= 3)
    for arguments in [["list"], ["list", "--json"], ["rotate", "--purpose", "pin"], ["list"]] {
      let outcome = try ScripBinary.run(["keys"] + arguments + ["--data", shop.ledger.data])
      #expect(outcome.code == 0 && !outcome.output.isEmpty, "\(outcome)")
      for secret in try secrets() {
        #expect(!(outcome.output + outcome.errors).contains(secret), "\(arguments)")
      }
    }
    #expect(Files.mode(of: path) == 0o600)
  }

  @Test func `rotated keys leave everything working`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    let first = expectResult(try shop.debit("C1", 10, pin: "1234", ["idempotency_key": "before"]))
    for purpose in ["pin", "journal"] {
      try shop.engine.finish()
      let outcome = try ScripBinary.run(
        ["keys", "rotate", "--purpose", purpose, "--data", shop.ledger.data])
      #expect(outcome.code == 0, "\(outcome)")
      try shop.restartAfterEnd()
      expectRefusal(try shop.debit("C1", 1, pin: "4321"), "pin_incorrect")
      for _ in 0..<2 { expectResult(try shop.debit("C1", 1, pin: "1234")) }
      let again = try shop.debit("C1", 10, pin: "1234", ["idempotency_key": "before"])
      #expect(again.isReplayed && again.textWithoutReplayMark == first.resultText)
      try shop.ledger.expectSound()
    }
    #expect(try shop.balance("C1") == 986)
    try shop.close()
  }

  @Test func `the doctor finds a healthy ledger healthy`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let outcome = try ScripBinary.run(["doctor", "--data", shop.ledger.data])
    #expect(outcome.code == 0 && !outcome.output.isEmpty, "\(outcome)")
    let report = try ScripBinary.run(["doctor", "--json", "--data", shop.ledger.data])
    #expect(try JSONTree(text: report.output)["ok"] == true)
  }

  @Test func `the demo goes through`() throws {
    let outcome = try ScripBinary.run(["demo"], within: 60)
    #expect(outcome.code == 0, "\(outcome.errors)")
    for story in ["first_day_limit", "pin_incorrect", "debit.refund", "account.close", "verify"] {
      #expect(outcome.output.contains(story), "\(story)")
    }
  }

  @Test func `versions, help and wrong usage`() throws {
    let version = try ScripBinary.run(["--version"])
    #expect(version.code == 0 && version.output.hasPrefix("scrip "))
    let shop = try Shop()
    let said = try shop.ask("system.info").string("/version")
    #expect(version.output.contains(said))
    let json = try ScripBinary.run(["--version", "--json"])
    #expect(json.code == 0)
    #expect(try JSONTree(text: json.output)["version"] == .string(said))
    let commands = [
      "init", "serve", "verify", "rebuild", "keys", "doctor", "call", "demo", "journal",
    ]
    for command in commands {
      let help = try ScripBinary.run([command, "--help"])
      #expect(help.code == 0 && help.output.contains("USAGE"), "\(command)")
      let wrong = try ScripBinary.run([command, "--no-such-option"])
      #expect(wrong.code == 64 && wrong.output.isEmpty && !wrong.errors.isEmpty, "\(command)")
    }
    for wrong in [["fly"], ["serve"], ["init"], ["call"], ["keys", "rotate"], ["--data", "x"]] {
      #expect(try ScripBinary.run(wrong).code == 64, "\(wrong)")
    }
    for shell in ["bash", "zsh", "fish"] {
      let script = try ScripBinary.run(["--generate-completion-script", shell])
      #expect(script.code == 0 && script.output.contains("scrip"))
    }
  }
}
