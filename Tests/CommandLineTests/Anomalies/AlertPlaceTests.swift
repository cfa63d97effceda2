// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// Where `serve` writes alerts to, and what it must not touch there.
@Suite struct AlertPlaceTests {
  private let program = Watch.program(Watch.large(100))

  /// A shop that has raised one alert and was closed.
  private func alerted() throws -> Shop {
    let shop = try Shop(program)
    try shop.open("C1", topUp: 1_000)
    #expect(try shop.spend("C1", 100) == ["large"])
    try shop.close()
    return shop
  }

  @Test func `what somebody else left unended in the file stays`() throws {
    let shop = try alerted()
    let file = shop.ledger.beside("alerts.ndjson")
    try Files.write("a note\nanother, without its end", to: file)
    try shop.restartAfterEnd(["--alerts-file", file])
    try shop.close()
    let lines = Watch.lines(Files.text(of: file) ?? "")
    #expect(lines.prefix(2) == ["a note", "another, without its end"])
    #expect(Array(lines.dropFirst(2)) == (try Watch.tail(shop.ledger)))
  }

  @Test(arguments: [1, 2, 26, 200])
  func `a line of its own that was cut short is written anew`(length: Int) throws {
    let shop = try alerted()
    let file = shop.ledger.beside("alerts.ndjson")
    let line = try #require(try Watch.tail(shop.ledger).first)
    try Files.write("a note\n" + line.prefix(length), to: file)
    try shop.restartAfterEnd(["--alerts-file", file])
    try shop.close()
    #expect(Watch.lines(Files.text(of: file) ?? "") == ["a note", line])
  }

  @Test(arguments: ["keyring.json", "journal.db", "state.db-wal", "journal.lock", "a.cursor"])
  func `no file of the ledger is taken for alerts`(name: String) throws {
    let shop = try alerted()
    let before = Files.bytes(of: shop.ledger.data + "/" + name)
    for path in [shop.ledger.data + "/" + name, shop.ledger.data + "/../data/./" + name] {
      let outcome = try ScripBinary.run(
        ["serve", "--data", shop.ledger.data, "--alerts-file", path])
      #expect(outcome.exit == .code(64), "\(path)")
      #expect(outcome.errors.contains("--alerts-file"))
    }
    #expect(Files.bytes(of: shop.ledger.data + "/" + name) == before)
    try shop.ledger.expectSound()
  }

  @Test func `a place that the ledger has not come to is named, and one at its end is not`() throws
  {
    let shop = try alerted()
    let cursor = shop.ledger.beside("ops.cursor")
    func tail(_ options: [String]) throws -> (
      output: String, errors: String, exit: ChildProcess.Exit
    ) {
      let outcome = try ScripBinary.run(["alerts", "tail", "--data", shop.ledger.data] + options)
      return (outcome.output, outcome.errors, outcome.exit)
    }
    for (place, isBeyond) in [(0, false), (1, false), (2, true), (120, true)] {
      try Files.write("\(place)\n", to: cursor)
      for options in [["--cursor-file", cursor], ["--from-seq", "\(place + 1)"]] {
        let (output, errors, exit) = try tail(options)
        #expect(exit == .code(0))
        #expect(output.isEmpty == (place > 0), "\(place)")
        #expect(errors.isEmpty == !isBeyond, "\(place): \(errors)")
        if isBeyond {
          #expect(errors.contains("event \(place + 1), and the ledger has 1"), "\(errors)")
          #expect(errors.contains(options[0] == "--from-seq" ? "--from-seq" : cursor))
        }
      }
    }
    try Files.write("9223372036854775807\n", to: cursor)
    #expect(try tail(["--cursor-file", cursor]).exit == .code(65))
  }

  @Test func `one file has one place, however it is named, and two have two`() throws {
    let shop = try alerted()
    let long = String(repeating: "d", count: 90)
    let paths = ["one", "two"].map { shop.ledger.beside($0) }
    for path in paths { #expect(mkdir(path, 0o700) == 0 && mkdir(path + "/" + long, 0o700) == 0) }
    let files = paths.map { $0 + "/" + long + "/alerts.ndjson" }
    let other = paths[0] + "/../one/" + long + "/./alerts.ndjson"
    for file in files + [other] {
      try shop.restartAfterEnd(["--alerts-file", file])
      try shop.close()
    }
    let alerts = try Watch.tail(shop.ledger)
    for file in files { #expect(Watch.lines(Files.text(of: file) ?? "") == alerts, "\(file)") }
  }

  @Test(arguments: ["", String(repeating: "x", count: 65), "a\nb", "a\u{2028}b"])
  func `a name that no request could give is refused at the start`(name: String) throws {
    let ledger = try TestLedger()
    for option in ["--store-id", "--terminal-id"] {
      let outcome = try ScripBinary.run(["serve", "--data", ledger.data, option, name])
      #expect(outcome.exit == .code(64))
      #expect(outcome.errors.contains("\(option) takes 1 to 64 characters"))
    }
  }

  @Test func `a terminal of 64 Chinese characters has its alerts delivered`() throws {
    let shop = try alerted()
    let name = String(repeating: "店", count: 64)
    let out = shop.ledger.beside("out")
    let script = """
      exec "$0" serve --data "$1" --terminal-id "$2" --alerts-fd 3 3>"$3" </dev/null
      """
    let engine = try ChildProcess(
      "/bin/sh", ["-c", script, try ScripBinary.path(), shop.ledger.data, name, out])
    #expect(try engine.wait() == .code(0))
    #expect(Watch.lines(Files.text(of: out) ?? "") == (try Watch.tail(shop.ledger)))
  }
}
