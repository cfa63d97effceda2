// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// `scrip backup`, `restore`, `head` and `verify --against` from outside.
@Suite struct BackupTests {
  private let ledger: TestLedger

  init() throws { ledger = try TestLedger() }

  private func run(_ arguments: String...) throws -> ScripBinary.Outcome {
    try ScripBinary.run(arguments)
  }

  /// Opens a card and debits it so often; a key is used once over all calls.
  private func trade(_ debits: Int, from first: Int = 1) throws {
    let engine = try ledger.serve()
    if first == 1 {
      let topUp: JSONTree = ["amount": 1_000_000, "tender": "cash"]
      let holder: JSONTree = ["name": "Ada"]
      _ = try engine.request(
        "account.open",
        ["idempotency_key": "open", "card_no": "1", "topup": topUp, "holder": holder])
    }
    for number in first..<(first + debits) {
      let answer = try engine.request(
        "debit.create",
        ["idempotency_key": .string("debit-\(number)"), "card_no": "1", "amount": 10])
      #expect(answer.error == nil)
    }
    #expect(try engine.finish().exit == .code(0))
  }

  private func head(of data: String) throws -> JSONValue {
    let outcome = try run("head", "--data", data)
    #expect(outcome.code == 0)
    return try JSONDocument.parse(Array(outcome.output.utf8)).root
  }

  @Test func `a backup restores to the same ledger, which verifies against its head`() throws {
    try trade(20)
    let (backup, data) = (ledger.beside("backup"), ledger.beside("restored"))
    let outcome = try run("backup", "--data", ledger.data, backup)
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome)")
    #expect(Files.names(in: backup) == ["head.json", "journal.db"], "the keyring stays apart")
    #expect(Files.mode(of: backup) == 0o700 && Files.mode(of: backup + "/journal.db") == 0o600)
    #expect(try run("restore", backup, "--data", data).code == 78, "without keys")
    let keys = ledger.data + "/keyring.json"
    let restored = try run("restore", backup, "--data", data, "--keyring", keys)
    #expect(restored.code == 0 && restored.output.contains("22 entries"), "\(restored)")
    let check = try run(
      "verify", "--data", data, "--keyring", keys, "--against", backup + "/head.json")
    #expect(check.code == 0 && check.output.isEmpty && check.errors.isEmpty, "\(check)")
    #expect(try head(of: data).rawText == head(of: ledger.data).rawText)
    let clock = ["--test-clock", TestLedger.morning]
    let engine = try EngineProcess(["--data", data, "--keyring", keys] + clock)
    let repeated = try engine.request(
      "debit.create", ["idempotency_key": "debit-7", "card_no": "1", "amount": 10])
    #expect(repeated["/replayed"] == true, "keys of before are still used")
  }

  @Test func `nothing is written over, and what was cut short is taken up`() throws {
    try trade(3)
    let backup = ledger.beside("backup")
    #expect(try run("backup", "--data", ledger.data, backup, "--with-keyring").code == 0)
    let before = Files.bytes(of: backup + "/journal.db")
    #expect(try run("backup", "--data", ledger.data, backup).code == 73)
    #expect(Files.bytes(of: backup + "/journal.db") == before)
    let own = Files.bytes(of: ledger.data + "/journal.db")
    #expect(try run("restore", backup, "--data", ledger.data).code == 73)
    #expect(Files.bytes(of: ledger.data + "/journal.db") == own)
    // What a killed restore leaves.
    let data = ledger.beside("restored")
    #expect(mkdir(data, 0o700) == 0 && mkdir(data + "/.scrip-copying", 0o700) == 0)
    try Files.write("half", to: data + "/.scrip-copying/journal.db.new")
    #expect(try run("restore", backup, "--data", data).code == 0, "with the backup's own keyring")
    #expect(try run("verify", "--data", data).code == 0)
    #expect(!Files.names(in: data).contains(".scrip-copying"))
  }

  @Test func `a backup without its head is restored, and that nothing shows its end is said`()
    throws
  {
    try trade(2)
    let backup = ledger.beside("backup")
    #expect(try run("backup", "--data", ledger.data, backup, "--with-keyring").code == 0)
    let whole = try run("restore", backup, "--data", ledger.beside("whole"))
    #expect(whole.code == 0 && whole.errors.isEmpty, "\(whole)")
    let heads = Files.text(of: backup + "/head.json") ?? ""
    try Files.write("", to: backup + "/head.json")
    let empty = try run("restore", backup, "--data", ledger.beside("empty"))
    #expect(empty.code == 0 && empty.errors.contains("head.json"), "\(empty)")
    unlink(backup + "/head.json")
    let none = try run("restore", backup, "--data", ledger.beside("none"))
    #expect(none.code == 0 && none.errors.contains("head.json"), "\(none)")
    let kept = ledger.beside("heads")
    try Files.write(heads, to: kept)
    let against = try run("restore", backup, "--data", ledger.beside("kept"), "--against", kept)
    #expect(against.code == 0 && against.errors.isEmpty, "\(against)")
  }

  @Test func `what is missing against a later head is named`() throws {
    try trade(5)
    let (backup, data) = (ledger.beside("backup"), ledger.beside("restored"))
    #expect(try run("backup", "--data", ledger.data, backup, "--with-keyring").code == 0)
    try trade(4, from: 6)
    let heads = ledger.beside("heads")
    try Files.write(try run("head", "--data", ledger.data).output, to: heads)
    let outcome = try run("restore", backup, "--data", data, "--against", heads)
    #expect(outcome.code == 2 && outcome.output.contains("entries 8 to 11 are missing"))
    #expect(outcome.output.contains("restored 7 entries"))
    let check = try run("verify", "--data", data, "--against", heads)
    #expect(check.code == 2 && check.output.contains("entries 8 to 11 are missing"), "\(check)")
    #expect(try run("verify", "--data", data).code == 0)
  }

  @Test func `a ledger can be restored as it stood after any entry`() throws {
    try trade(6)
    let backup = ledger.beside("backup")
    #expect(try run("backup", "--data", ledger.data, backup, "--with-keyring").code == 0)
    for last in 0...8 {
      let data = ledger.beside("to-\(last)")
      let outcome = try run("restore", backup, "--data", data, "--to-seq", "\(last)")
      if last == 1 {
        // The opening and its top-up are one request, and half a request never stood there.
        #expect(outcome.code == 2 && !Files.names(in: data).contains("journal.db"))
        print(outcome.output)
        continue
      }
      #expect(outcome.code == (last == 8 ? 0 : 2), "entry \(last): \(outcome)")
      let check = try run("verify", "--data", data)
      #expect(check.code == 0 && check.output.isEmpty, "entry \(last): \(check)")
      let engine = try EngineProcess(["--data", data, "--test-clock", TestLedger.morning])
      #expect(try engine.request("system.info")["/entries"]?.integer == Int64(last))
      if last >= 2 {
        let balance = try engine.request("account.get", ["card_no": "1"])["/balance/principal"]
        #expect(balance?.integer == 1_000_000 - 10 * Int64(last - 2))
      }
    }
  }

  @Test func `a backup that was tampered with is named and not restored`() throws {
    try trade(8)
    let backup = ledger.beside("backup")
    #expect(try run("backup", "--data", ledger.data, backup, "--with-keyring").code == 0)
    let path = backup + "/journal.db"
    let whole = try #require(Files.bytes(of: path))
    // The key of a debit stands in the file as it is.
    let place = try #require(
      whole.indices.first { whole[$0...].starts(with: "debit-5".utf8) })
    var changed = whole
    changed[place + 6] = UInt8(ascii: "9")
    try Files.write(changed, to: path)
    let data = ledger.beside("restored")
    let outcome = try run("restore", backup, "--data", data)
    #expect(outcome.code == 2 && outcome.output.contains("entry 7"), "\(outcome)")
    #expect(!Files.names(in: data).contains("journal.db"))
    try Files.write(Array(whole.prefix(whole.count / 2)), to: path)
    let cut = try run("restore", backup, "--data", data)
    #expect(cut.code != 0 && !Files.names(in: data).contains("journal.db"), "\(cut)")
  }

  @Test func `history that was written anew does not verify against a head`() throws {
    // Two ledgers under one keyring stand for one whose owner wrote its history anew.
    try trade(3)
    let other = ledger.beside("other")
    #expect(mkdir(other, 0o700) == 0)
    let keys = try #require(Files.bytes(of: ledger.data + "/keyring.json"))
    try Files.write(keys, to: other + "/keyring.json")
    let backup = ledger.beside("backup")
    #expect(try run("backup", "--data", ledger.data, backup).code == 0)
    #expect(try run("restore", backup, "--data", other, "--to-seq", "3").code == 2)
    for (data, amount) in [(ledger.data, 11), (other, 12)] as [(String, Int64)] {
      let engine = try EngineProcess(["--data", data, "--test-clock", TestLedger.morning])
      for number in 1...3 {
        let key = JSONTree.string("more-\(number)")
        _ = try engine.request(
          "debit.create", ["idempotency_key": key, "card_no": "1", "amount": .integer(amount)])
      }
      #expect(try engine.finish().exit == .code(0))
    }
    let heads = ledger.beside("heads")
    try Files.write(try run("head", "--data", ledger.data).output, to: heads)
    #expect(try run("verify", "--data", other).code == 0, "the chain is unbroken")
    let check = try run("verify", "--data", other, "--against", heads)
    #expect(check.code == 2 && check.output.contains("missing") == true, "\(check)")
    let engine = try EngineProcess(["--data", other, "--test-clock", TestLedger.morning])
    for number in 4...6 {
      let key = JSONTree.string("more-\(number)")
      _ = try engine.request(
        "debit.create", ["idempotency_key": key, "card_no": "1", "amount": 1])
    }
    #expect(try engine.finish().exit == .code(0))
    let again = try run("verify", "--data", other, "--against", heads)
    #expect(again.code == 2 && again.output.contains("is not the one whose head"), "\(again)")
    #expect(try run("verify", "--data", ledger.data, "--against", heads).code == 0)
  }

  @Test func `the method answers the head that the command prints`() throws {
    try trade(2)
    let engine = try ledger.serve()
    let answer = try engine.request("ledger.head")
    #expect(try engine.finish().exit == .code(0))
    let head = try head(of: ledger.data)
    #expect(answer["/seq"]?.integer == 4 && head["seq"]?.integer == 4)
    #expect(answer["/fingerprint"]?.string == head["fingerprint"]?.string)
  }

  @Test func `backups made while a till debits are each a moment of the ledger`() throws {
    try trade(1)
    let engine = try ledger.serve()
    var sent = 0
    for round in 0..<5 {
      for _ in 0..<200 {
        sent += 1
        let key = JSONTree.string("busy-\(sent)")
        _ = try engine.start(
          "debit.create", ["idempotency_key": key, "card_no": "1", "amount": 1])
      }
      let backup = ledger.beside("backup-\(round)")
      #expect(try run("backup", "--data", ledger.data, backup, "--with-keyring").code == 0)
      let data = ledger.beside("restored-\(round)")
      #expect(try run("restore", backup, "--data", data).code == 0)
      #expect(try run("verify", "--data", data).code == 0)
    }
    #expect(try engine.finish().rest.count == sent)
    let last = try head(of: ledger.data)["seq"]?.integer
    #expect(last == 3 + Int64(sent))
  }

  @Test func `a backup that is killed is no backup, and the next one is whole`() throws {
    try trade(300)
    let backup = ledger.beside("backup")
    var killed = 0
    for delay in stride(from: 1000, through: 60_000, by: 4000) {
      let child = try ChildProcess(
        ScripBinary.path(), ["backup", "--data", ledger.data, backup])
      usleep(useconds_t(delay))
      try child.kill9()
      if Files.names(in: backup).contains("journal.db") { break }
      killed += 1
    }
    if !Files.names(in: backup).contains("journal.db") {
      #expect(try run("backup", "--data", ledger.data, backup).code == 0)
    }
    let data = ledger.beside("restored")
    let keys = ledger.data + "/keyring.json"
    let outcome = try run("restore", backup, "--data", data, "--keyring", keys)
    #expect(outcome.code == 0 && outcome.output.contains("302 entries"), "\(killed): \(outcome)")
  }
}
