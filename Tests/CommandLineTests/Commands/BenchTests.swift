// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// `scrip bench run`, on ledgers so small that only its own doing is tested.
@Suite struct BenchTests {
  private static func run(_ workloads: String, cards: Int = 100) throws -> ScripBinary.Outcome {
    let scratch = try TemporaryDirectory()
    defer { withExtendedLifetime(scratch) {} }
    return try ScripBinary.run(
      [
        "bench", "run", "--work", scratch.file("work"), "--cards", String(cards),
        "--history", "200", "--rounds", "2", "--seconds", "0.05", "--only", workloads, "--json",
      ], within: 300)
  }

  @Test(arguments: [
    ("debit", ["debit 1", "debit 8", "debit 64", "S(64)", "J(64)", "F"]),
    ("day,hot,get", ["mixed day 64", "one card 64", "random cards 64", "account.get 64"]),
    ("verify", ["coupon.verify 64", "echo 64"]),
    ("rules,alerts,session", ["no rules 64", "default rules 64", "alerts unread 64"]),
    ("report,issue", ["debit 64 beside verify", "debit 64 beside backtest", "debit 8, no issue"]),
    ("scrypt", ["scrypt 8"]),
    ("growth,sustained", ["young ledger 64", "grown ledger 64", "debit 64, sustained"]),
  ])
  func `each workload measures what it is for, in every round`(
    workloads: String, names: [String]
  ) throws {
    let outcome = try Self.run(workloads)
    try #require(outcome.exit == .code(0), "\(outcome.errors)")
    let report = try JSONDocument.parse(Array(outcome.output.utf8)).root
    for name in names {
      let series = report["series"]?.elements.first { $0["name"]?.string == name }
      let rounds = try #require(series?["rounds"]?.elements, "no \(name)").map { $0 }
      #expect(rounds.count == 2)
      #expect(rounds.allSatisfy { Self.number($0["per_second"]) > 0 })
    }
  }

  @Test func `start-up and memory are figures of their own`() throws {
    let outcome = try Self.run("start,memory,counts")
    try #require(outcome.exit == .code(0), "\(outcome.errors)")
    let report = try JSONDocument.parse(Array(outcome.output.utf8)).root
    for (name, count) in [
      ("first answer after a clean end", 6), ("first answer after kill -9", 2), ("RSS idle", 6),
      ("RSS after the debits", 1),
    ] {
      let figure = report["figures"]?.elements.first { $0["name"]?.string == name }
      let values = try #require(figure?["values"]?.elements, "no \(name)").map(Self.number)
      #expect(values.count == count && values.allSatisfy { $0 > 0 }, "\(name): \(values)")
    }
  }

  @Test func `goals say what they were held to, and nothing is claimed that was not measured`()
    throws
  {
    let outcome = try Self.run("hot")
    let report = try JSONDocument.parse(Array(outcome.output.utf8)).root
    let goals = try #require(report["goals"]?.elements).map { $0 }
    let measured = goals.filter { $0["measured"]?.rawText != "null" }
    #expect(measured.map { $0["name"]?.string } == ["one card 64: rate"])
    #expect(
      goals.filter { $0["measured"]?.rawText == "null" }
        .allSatisfy { $0["verdict"]?.string == "not measured" })
    let ratio = Self.number(measured[0]["measured"]?["median"])
    let verdict = ratio >= 1 ? "aim reached" : ratio >= 0.9 ? "must reached" : "missed"
    #expect(measured[0]["verdict"]?.string == verdict)
  }

  @Test func `the ledgers are kept and the copies that were used up are not`() throws {
    let scratch = try TemporaryDirectory()
    defer { withExtendedLifetime(scratch) {} }
    let arguments = [
      "bench", "run", "--work", scratch.file("work"), "--cards", "64", "--history", "0",
      "--rounds", "1", "--seconds", "0.05", "--only", "get",
    ]
    let first = try ScripBinary.run(arguments, within: 300)
    #expect(first.exit == .code(0), "\(first.errors)")
    #expect(first.errors.contains("making a ledger"))
    #expect(Files.names(in: scratch.file("work")) == ["ledger-64-0"])
    let second = try ScripBinary.run(arguments, within: 300)
    #expect(second.exit == .code(0), "\(second.errors)")
    #expect(!second.errors.contains("making a ledger"))
  }

  @Test func `answers that are refusals fail the run`() throws {
    let scratch = try TemporaryDirectory()
    defer { withExtendedLifetime(scratch) {} }
    let work = scratch.file("work")
    var arguments = [
      "bench", "run", "--work", work, "--cards", "64", "--history", "0", "--rounds", "1",
      "--seconds", "0.05", "--only",
    ]
    #expect(try ScripBinary.run(arguments + ["get"], within: 300).exit == .code(0))
    // The cards that are debited are not in the ledger that is believed to hold more of them.
    arguments[5] = "1000"
    let ledger = work + "/ledger-64-0"
    #expect(rename(ledger, work + "/ledger-1000-0") == 0)
    let outcome = try ScripBinary.run(arguments + ["get"], within: 300)
    #expect(outcome.exit == .code(65))
    #expect(outcome.errors.contains("not_found"))
  }

  @Test(arguments: [["--only", "nothing"], ["--cards", "3"], ["--rounds", "0"]])
  func `wrong usage is told as such`(arguments: [String]) throws {
    #expect(try ScripBinary.run(["bench", "run"] + arguments).exit == .code(64))
  }

  private static func number(_ value: JSONValue?) -> Double { Double(value?.rawText ?? "") ?? 0 }
}
