// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// The recipes of spec/alert-recipes.md, as they are written there.
@Suite struct AlertRecipeTests {
  private static let page: String? = {
    let root = #filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/" + $1 }
    return Files.text(of: root + "/spec/alert-recipes.md")
  }()

  private static func has(_ command: String) -> Bool { access("/usr/bin/" + command, X_OK) == 0 }

  /// The text of the n-th code block in this language, for this ledger.
  private func block(_ number: Int, _ language: String, _ ledger: TestLedger) throws -> String {
    let page = try #require(Self.page)
    let blocks = page.components("```" + language + "\n").dropFirst()
    let text = try #require(blocks.dropFirst(number).first?.components("```").first)
    return text.replacing("DIR", with: ledger.data)
  }

  /// A shell script in which `scrip` is the binary under test.
  private func script(_ number: Int, _ ledger: TestLedger, before: String = "") throws -> String {
    "scrip() { '\(try ScripBinary.path())' \"$@\"; }\n" + before
      + (try block(number, "sh", ledger))
  }

  private func shop() throws -> Shop {
    let shop = try Shop(
      Watch.program(Watch.large(100)), serve: ["--store-id", "S1", "--terminal-id", "T1"])
    try shop.open("C1", topUp: 10_000)
    _ = try shop.spend("C1", 100)
    return shop
  }

  @Test(.enabled(if: has("jq"), "jq is not installed"))
  func `jq on the pipe, with a place that survives restarts`() throws {
    let shop = try shop()
    // What follows for ever is ended by SIGTERM, as a service manager does.
    let script = try script(0, shop.ledger).replacing("{ '", with: "{ timeout 5 '")
    func run() throws -> [String] {
      let pipe = try ChildProcess("/bin/sh", ["-c", script])
      let lines = try pipe.lines(within: 30)
      #expect(try pipe.wait() == .code(0))
      return lines.map { String(decoding: $0, as: UTF8.self) }
    }
    let first = try run()
    #expect(first.first?.contains("\tcritical\tlarge\tlarge: account acc_") == true)
    try expectResult(
      shop.set(["anomaly": ["rules": [Watch.large(200), low]]]))
    _ = try shop.spend("C1", 150)
    _ = try shop.spend("C1", 200)
    // What is not severe is left out, and what was told is not told again.
    let second = try run()
    #expect(second.count == 1 && second.first != first.first, "\(second)")
    try shop.close()
  }

  private let low: JSONTree = [
    "id": "minor", "kind": "amount", "on": ["debit"], "min": 150, "severity": "low",
  ]

  @Test(.enabled(if: has("logger"), "logger is not installed"))
  func `a FIFO to logger gets every alert whole, also of the next engine`() throws {
    let ledger = try TestLedger()
    let fifo = ledger.beside("fifo")
    let log = ledger.beside("log")
    // Names as long as they may be make the line longer than logger takes by default.
    let name = String(repeating: "n", count: 64)
    let stop = ledger.beside("stop")
    let logger = """
      logger() {
        if [ -e '\(stop)' ]; then exit; fi
        command logger --no-act --socket-errors=off --stderr "$@" 2>> '\(log)'
      }

      """
    defer { end(loopOf: fifo, by: stop) }
    let text = try script(1, ledger, before: logger)
      .replacing("/run/scrip-alerts", with: fifo)
      .replacing("scrip serve", with: "scrip serve --test-clock \(TestLedger.morning)")
    let pipe = try ChildProcess("/bin/sh", ["-c", text])
    let rule = Watch.burst(1).setting("/id", to: .string(name))
    let origin: JSONTree = [
      "store_id": .string(name), "terminal_id": .string(name), "operator_id": .string(name),
    ]
    var number = 0
    func ask(_ child: ChildProcess, _ method: String, _ params: JSONTree) throws {
      number += 1
      let key: JSONTree = ["idempotency_key": .string("\(number)")]
      let line = EngineProcess.line(method, params.merging(key), id: .integer(Int64(number)))
      try child.write("\(line)\n".utf8)
      expectResult(try Answer(try #require(try child.line())))
    }
    try ask(pipe, "program.set", ["program": Watch.program(rule)])
    try ask(pipe, "account.open", ["card_no": "C1", "topup": ["amount": 9000, "tender": "cash"]])
    for _ in 0..<12 {
      try ask(pipe, "debit.create", origin.merging(["card_no": "C1", "amount": 1]))
    }
    try pipe.closeInput()
    #expect(try pipe.wait() == .code(0))
    // The loop goes on when the engine has ended: another one finds a reader.
    let next = try ledger.serve(["--alerts-file", fifo])
    _ = try next.request(
      "debit.create", ["card_no": "C1", "amount": 1, "idempotency_key": "last"])
    let alerts = try Watch.tail(ledger)
    #expect(alerts.count == 13 && alerts.contains { $0.utf8.count > 1024 })
    let deadline = Deadline(in: 20)
    var missing = alerts
    while !missing.isEmpty, !deadline.hasPassed {
      pause(seconds: 0.1)
      let lines = Watch.lines(Files.text(of: log) ?? "")
      missing = alerts.filter { alert in !lines.contains { $0.hasSuffix("scrip-alert: " + alert) } }
    }
    #expect(missing.isEmpty, "\(missing.count) of \(alerts.count)")
    _ = try next.finish()
  }

  /// Ends the shell that reads a FIFO for ever, which waits for somebody who writes there.
  private func end(loopOf fifo: String, by stop: String) {
    try? Files.write("", to: stop)
    for _ in 0..<20 {
      let writer = open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      if writer >= 0 { close(writer) }
      pause(seconds: 0.05)
    }
  }

  @Test(.enabled(if: has("systemd-analyze"), "systemd is not installed"))
  func `the units are what systemd takes`() throws {
    let ledger = try TestLedger()
    let binary = try ScripBinary.path()
    let files = ["scrip-alerts.socket", "scrip-alerts@.service"]
    for (number, file) in files.enumerated() {
      let text = try block(number, "ini", ledger)
        .replacing("/usr/local/bin/scrip", with: binary)
      #expect(text.hasPrefix("# \(file)\n"))
      try Files.write(text, to: ledger.beside(file))
    }
    for file in files {
      let check = try ChildProcess("/usr/bin/systemd-analyze", ["verify", ledger.beside(file)])
      #expect(try check.wait() == .code(0), "\(check.errors)")
      #expect(check.errors.isEmpty, "\(check.errors)")
    }
  }

  @Test(.enabled(if: has("systemd-socket-activate"), "systemd is not installed"))
  func `a reader behind a socket gets what is new, connection by connection`() throws {
    let shop = try shop()
    let unit = try block(1, "ini", shop.ledger)
    #expect(try block(0, "ini", shop.ledger).contains("\nAccept=yes\n"))
    #expect(unit.contains("\nStandardOutput=socket\n"))
    let command = try #require(
      unit.components("\n").first { $0.hasPrefix("ExecStart=") }?.components("=").last)
    let words = command.components(" ").dropFirst()
    let path = shop.ledger.beside("alerts.sock")
    // What Accept=yes and StandardOutput=socket come to.
    let listener = try ChildProcess(
      "/usr/bin/systemd-socket-activate",
      ["--accept", "--inetd", "--listen=\(path)", try ScripBinary.path()] + words)
    var seen: [String] = []
    for number in 1...3 {
      let reader = try AlertReader(socket: path)
      reader.read(enough: 1)
      #expect(reader.lines.count == 1, "connection \(number): \(listener.errors)")
      seen += reader.lines
      // Its place moves on when it has taken the line.
      pause(seconds: 0.3)
      reader.close()
      _ = try shop.spend("C1", 100)
    }
    #expect(seen == Array(try Watch.tail(shop.ledger).prefix(3)))
    listener.send(signal: SIGTERM)
    _ = try listener.wait()
    try shop.close()
  }

  @Test(.enabled(if: has("jq"), "jq is not installed"))
  func `an array for Alertmanager, sent again until it has arrived`() throws {
    let shop = try shop()
    let sent = shop.ledger.beside("sent")
    func send(arrives: Bool) throws -> [JSONTree] {
      unlink(sent)
      let curl = "curl() { cat > '\(sent)'; return \(arrives ? 0 : 22); }\n"
      let script = try script(2, shop.ledger, before: curl)
      _ = try ChildProcess("/bin/sh", ["-c", script]).wait()
      return try JSONTree(text: Files.text(of: sent) ?? "").elements
    }
    #expect(try send(arrives: false).count == 1)
    let alert = try #require(try send(arrives: true).first)
    #expect(try send(arrives: true).isEmpty)
    let event = try #require(try Watch.tail(shop.ledger).first)
    let data = try Watch.data(event)
    #expect(alert["labels"]?["alertname"] == "large")
    #expect(alert["labels"]?["severity"] == "critical")
    #expect(alert["labels"]?["alert_id"] == data["alert_id"])
    #expect(alert["labels"]?["subject"] == (try JSONTree(text: event))["subject"])
    #expect(alert["labels"]?["store"] == "S1")
    #expect(alert["annotations"]?["summary"] == data["summary"]?["en"])
    #expect(alert["annotations"]?["count"] == "1")
    #expect(alert["startsAt"] == (try JSONTree(text: event))["time"])
    #expect(alert["generatorURL"] == "scrip:/scrip/S1/T1")
    _ = try shop.spend("C1", 100)
    #expect(try send(arrives: true).count == 1)
    try shop.close()
  }
}

extension String {
  /// The parts between occurrences of a separator.
  fileprivate func components(_ separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
  }

  fileprivate func replacing(_ text: String, with other: String) -> String {
    components(text).joined(separator: other)
  }
}
