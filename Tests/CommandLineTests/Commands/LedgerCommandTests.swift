// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Seeds
import Testing

/// `scrip init`, `serve`, `verify`, `rebuild` and `journal` from outside (contract §1, §8).
@Suite struct LedgerCommandTests {
  /// The exit codes of contract §1.
  static let exitCodes: Set<Int32> = [0, 1, 2, 64, 65, 69, 73, 74, 75, 78]

  private func run(_ arguments: String..., input: String = "") throws -> ScripBinary.Outcome {
    let outcome = try ScripBinary.run(arguments, input: input)
    #expect(Self.exitCodes.contains(outcome.code ?? -1), "\(arguments): \(outcome)")
    return outcome
  }

  @Test func `init makes a ledger once, and leaves one that stands as it is`() throws {
    let ledger = try TestLedger()
    let before = try ledger.files.map { try #require(Files.bytes(of: $0)) }
    for mode in [["--test-mode"], [], ["--currency", "EUR"]] {
      let outcome = try ScripBinary.run(["init", "--data", ledger.data] + mode)
      #expect(outcome.code == 73 && outcome.output.isEmpty && !outcome.errors.isEmpty)
    }
    #expect(try ledger.files.map { try #require(Files.bytes(of: $0)) } == before)
  }

  @Test func `init takes an empty directory, and refuses what it does not know`() throws {
    let scratch = try TemporaryDirectory()
    let data = scratch.file("data")
    for options in [
      ["--currency", "yuan"], ["--currency", "cny"], ["--timezone", "Mars/Olympus"],
      ["--timezone", ""], ["--day-start", "24:00"], ["--day-start", "4"], ["--day-start", "04:60"],
      ["--colour", "red"],
    ] {
      let outcome = try ScripBinary.run(["init", "--data", data] + options)
      #expect(outcome.code == 64 && outcome.output.isEmpty, "\(options): \(outcome)")
    }
    #expect(Files.names(in: data).isEmpty, "nothing is left behind")
    #expect(mkdir(data, 0o700) == 0)
    let options = ["--currency", "HKD", "--timezone", "Asia/Hong_Kong", "--day-start", "05:30"]
    #expect(try ScripBinary.run(["init", "--data", data] + options).code == 0)
    let engine = try EngineProcess(["--data", data])
    let info = try engine.request("system.info")
    #expect(info["/currency"] == "HKD" && info["/timezone"] == "Asia/Hong_Kong")
    #expect(info["/day_start"] == "05:30" && info["/entries"] == 0)
    #expect(info["/test_mode"] == false)
  }

  @Test func `the keys may stand elsewhere, and without them nothing is served`() throws {
    let scratch = try TemporaryDirectory()
    let (data, keys) = (scratch.file("data"), scratch.file("keys.json"))
    #expect(try run("init", "--data", data, "--keyring", keys, "--test-mode").code == 0)
    #expect(!Files.names(in: data).contains("keyring.json"))
    #expect(Files.mode(of: keys) == 0o600)
    #expect(try run("serve", "--data", data).code == 78)
    #expect(try run("verify", "--data", data).code == 78)
    let ping = EngineProcess.line("system.ping", id: 1) + "\n"
    let served = try run("serve", "--data", data, "--keyring", keys, input: ping)
    #expect(served.code == 0 && served.output.contains("\"result\""))
    #expect(try run("verify", "--data", data, "--keyring", keys).code == 0)
    // Another ledger's keys, keys that others can read, and what is no keyring.
    let other = try TestLedger()
    #expect(try run("serve", "--data", data, "--keyring", other.data + "/keyring.json").code != 0)
    #expect(chmod(keys, 0o644) == 0)
    #expect(try run("serve", "--data", data, "--keyring", keys).code == 78)
    try Files.write("{", to: scratch.file("broken.json"))
    #expect(try run("serve", "--data", data, "--keyring", scratch.file("broken.json")).code == 78)
  }

  @Test func `serve --init makes a ledger where there is none, and serves one that stands`() throws
  {
    let scratch = try TemporaryDirectory()
    let data = scratch.file("data")
    let open =
      EngineProcess.line(
        "account.open",
        ["idempotency_key": "o", "card_no": "C1", "topup": ["amount": 5, "tender": "cash"]], id: 1)
      + "\n"
    #expect(try run("serve", "--data", data, input: open).code != 0)
    #expect(Files.names(in: data).isEmpty)
    let first = try run("serve", "--data", data, "--init", input: open)
    #expect(first.code == 0 && first.output.contains("\"result\""))
    let second = try run("serve", "--data", data, "--init", input: open)
    #expect(second.code == 0 && second.output.contains("\"replayed\":true"))
    // A directory that holds something else is not taken over.
    let foreign = scratch.file("foreign")
    #expect(mkdir(foreign, 0o700) == 0)
    try Files.write("mine", to: foreign + "/notes.txt")
    #expect(try run("serve", "--data", foreign, "--init", input: open).code != 0)
    #expect(Files.names(in: foreign) == ["notes.txt"])
  }

  @Test func `several tills may make the ledger at once, and there is one`() throws {
    for _ in 0..<3 {
      let scratch = try TemporaryDirectory()
      let data = scratch.file("data")
      let tills = try (0..<4).map { _ in try EngineProcess(["--data", data, "--init"]) }
      for (number, till) in tills.enumerated() {
        let params: JSONTree = [
          "idempotency_key": .string("o\(number)"), "card_no": .string("C\(number)"),
        ]
        _ = try till.start("account.open", params)
      }
      // Each serves, or says that it is worth trying again, without a word on standard output.
      var opened = 0
      for till in tills {
        let end = try till.finish()
        opened += end.rest.count { $0.isResult }
        let code = if case .code(let code) = end.exit { code } else { Int32(-1) }
        #expect((code == 0 && end.rest.count == 1) || (code == 75 && end.rest.isEmpty), "\(code)")
      }
      #expect(opened >= 1)
      let report = try JSONTree(text: run("verify", "--json", "--data", data).output)
      #expect(report["ok"] == true && report["entries"] == .number(opened))
    }
  }

  @Test func `an init that was killed can be repeated`() throws {
    var random = SplitMix64(seed: 0x5C21_1111)
    for _ in 0..<12 {
      let scratch = try TemporaryDirectory()
      let data = scratch.file("data")
      let child = try ChildProcess(ScripBinary.path(), ["init", "--data", data])
      pause(seconds: Double(random.below(40)) / 1000)
      try child.kill9()
      let again = try run("init", "--data", data)
      #expect(again.code == 0 || again.code == 73)
      let ping = EngineProcess.line("system.ping", id: 1) + "\n"
      #expect(try run("serve", "--data", data, input: ping).code == 0)
      #expect(try run("verify", "--data", data).code == 0)
    }
  }

  @Test func `verify is silent when all is good`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    expectResult(try shop.debit("C1", 10, pin: "1234"))
    // While an engine runs, and after it was killed.
    try shop.ledger.expectSound()
    try shop.engine.kill9()
    try shop.ledger.expectSound()
    let report = try run("verify", "--json", "--data", shop.ledger.data)
    let tree = try JSONTree(text: report.output)
    #expect(report.code == 0 && tree["ok"] == true && tree["problems"] == [])
    #expect(tree["entries"]?.integer ?? 0 >= 3)
  }

  @Test func `an entry changed by hand is named`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let mark = "paid-by-the-book"
    let debit = expectResult(try shop.debit("C1", 10, ["reason": .string(mark)]))
    for _ in 0..<5 { expectResult(try shop.debit("C1", 1)) }
    try shop.engine.finish()
    // Whoever changes a ledger takes the log away, which would put the old pages back.
    for path in shop.ledger.files where path.contains("/journal.db-") { unlink(path) }
    let journal = shop.ledger.data + "/journal.db"
    let sound = try run("verify", "--data", shop.ledger.data)
    try #require(sound.code == 0, "a clean end leaves everything in journal.db")
    try #require(try overwrite(mark, with: "paid-by-the-hook", in: journal) > 0)
    for path in shop.ledger.files where path.contains("/journal.db-") { unlink(path) }
    let outcome = try run("verify", "--data", shop.ledger.data)
    #expect(outcome.code == 2 && !outcome.output.isEmpty, "\(outcome)")
    let id = try debit.string("/entry/entry_id")
    let number = try #require(debit.int("/entry/seq"))
    #expect(
      outcome.output.contains(id) || outcome.output.contains("\(number)"), "\(outcome.output)")
    let report = try run("verify", "--json", "--data", shop.ledger.data)
    let tree = try JSONTree(text: report.output)
    #expect(report.code == 2 && tree["ok"] == false && tree["problems"]?.elements.isEmpty == false)
  }

  /// Puts one text in place of another of the same length, wherever it stands in a file.
  private func overwrite(_ old: String, with new: String, in path: String) throws -> Int {
    var bytes = try #require(Files.bytes(of: path))
    let (old, new) = (Array(old.utf8), Array(new.utf8))
    var count = 0
    var place = 0
    while place + old.count <= bytes.count {
      if bytes[place] == old[0], bytes[place..<place + old.count].elementsEqual(old) {
        bytes.replaceSubrange(place..<place + old.count, with: new)
        count += 1
      }
      place += 1
    }
    let file = open(path, O_WRONLY | O_CLOEXEC)
    try #require(file >= 0)
    defer { close(file) }
    let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    try #require(written == bytes.count)
    return count
  }

  @Test func `the folded state can be thrown away`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234", ["holder": ["phone": "138"]])
    for number in 0..<20 { expectResult(try shop.debit("C1", 1 + number, pin: "1234")) }
    expectResult(try shop.hold("C1", 50, ["pin": "1234"]))
    let before = try shop.account("C1").resultText
    try shop.engine.finish()
    let rebuilt = try run("rebuild", "--data", shop.ledger.data)
    #expect(rebuilt.code == 0)
    try shop.restartAfterEnd()
    #expect(try shop.account("C1").resultText == before)
    try shop.engine.kill9()
    for path in shop.ledger.files where path.contains("/state.db") { unlink(path) }
    try shop.restartAfterEnd()
    #expect(try shop.account("C1").resultText == before)
    #expect(try shop.ask("account.find", ["phone": "138"])["/accounts"]?.elements.count == 1)
    try shop.close()
  }

  @Test func `the journal prints every entry once, oldest first`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    for _ in 0..<7 { expectResult(try shop.debit("C1", 3)) }
    let outcome = try run("journal", "--json", "--data", shop.ledger.data)
    let entries = try outcome.output.split(separator: "\n").map { try JSONTree(text: String($0)) }
    #expect(outcome.code == 0 && entries.count == 9)
    #expect(entries.map { $0["seq"]?.integer } == (1...9).map { Int64($0) })
    #expect(entries.last?["kind"] == "debit" && entries.last?["amount"] == 3)
    let part = try run("journal", "--json", "--from", "3", "--to", "5", "--data", shop.ledger.data)
    #expect(part.output.split(separator: "\n").count == 3)
  }

  @Test func `a ledger that is not there is no crash`() throws {
    let scratch = try TemporaryDirectory()
    let none = scratch.file("none")
    for command in ["serve", "verify", "rebuild", "journal", "doctor"] {
      let outcome = try run(command, "--data", none)
      #expect(outcome.code != 0 && !outcome.errors.isEmpty || command == "doctor", "\(command)")
    }
    #expect(try run("call", "system.ping", "--data", none).code != 0)
    #expect(try run("keys", "list", "--data", none).code != 0)
    #expect(Files.names(in: none).isEmpty)
  }
}
