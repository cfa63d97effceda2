// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// Alerts reach readers that are slow, stopped or killed, over engines that are (T92).
@Suite struct AlertDeliveryTests {
  /// How many alerts are raised; SCRIP_ALERTS asks for more.
  private static let alerts = getenv("SCRIP_ALERTS").flatMap { Int(String(cString: $0)) } ?? 400

  private static func raise(_ numbers: Range<Int>, at engine: EngineProcess) throws {
    let requests = numbers.map { number in
      (
        method: "debit.create",
        params: ["card_no": "C1", "amount": 100, "idempotency_key": .string("a\(number)")]
          as JSONTree
      )
    }
    for answer in try engine.pipeline(requests) { expectResult(answer) }
  }

  /// The alerts in this many parts.
  private static func parts(_ count: Int) -> [Range<Int>] {
    (0..<count).map { alerts * $0 / count..<alerts * ($0 + 1) / count }
  }

  private func shop(_ options: [String] = []) throws -> Shop {
    let shop = try Shop(Watch.program(Watch.large(100)), serve: options)
    try shop.open("C1", topUp: 10_000_000)
    return shop
  }

  /// The lines of a file once so many different ones are there, or have not come for a long time.
  private func written(to file: String, atLeast count: Int) -> [String] {
    let deadline = Deadline(in: 60)
    while true {
      let lines = Watch.lines(Files.text(of: file) ?? "")
      if Set(lines).count >= count || deadline.hasPassed { return lines }
      pause(seconds: 0.1)
    }
  }

  @Test func `what a slow reader of a FIFO left unread goes to the next one`() throws {
    let ledger = try TestLedger()
    let fifo = ledger.beside("alerts.fifo")
    #expect(mkfifo(fifo, 0o600) == 0)
    let shop = try shop(["--alerts-file", fifo])
    var sessions: [[String]] = []
    for part in Self.parts(4) {
      let reader = try AlertReader(fifo: fifo)
      try Self.raise(part, at: shop.engine)
      // The pipe fills up behind what it reads, and is gone with it.
      reader.read(enough: 10, bits: 100)
      pause(seconds: 0.4)
      reader.close()
      sessions.append(reader.lines)
      // Whoever opens the FIFO before it is noticed gets the rest of the line that was begun.
      pause(seconds: 0.4)
    }
    let last = try AlertReader(fifo: fifo)
    let missing = Self.alerts - (sessions.compactMap(\.last).compactMap(Self.number).max() ?? 0)
    last.read(enough: missing)
    last.read(enough: .max, patience: 0.3)
    sessions.append(last.lines)
    try shop.close()
    try Watch.expectAll(sessions, of: shop.ledger, count: Self.alerts)
  }

  private static func number(_ line: String) -> Int? {
    (try? Watch.data(line)["seq"]?.integer).flatMap { $0 }.map { Int($0) }
  }

  @Test func `a reader that is stopped holds up no till, and gets all when it goes on`() throws {
    let ledger = try TestLedger()
    let fifo = ledger.beside("alerts.fifo")
    #expect(mkfifo(fifo, 0o600) == 0)
    let shop = try shop(["--alerts-file", fifo])
    let reader = try ChildProcess("/bin/cat", [fifo])
    reader.send(signal: SIGSTOP)
    try Self.raise(0..<Self.alerts, at: shop.engine)
    reader.send(signal: SIGCONT)
    let lines = try reader.lines(within: 60, enough: Self.alerts)
      .map { String(decoding: $0, as: UTF8.self) }
    #expect(lines == (try Watch.tail(shop.ledger)))
    try shop.close()
  }

  @Test(arguments: AlertChannel.allCases)
  func `a channel handed over loses nothing over kills of the engine and of the reader`(
    channel: AlertChannel
  ) throws {
    let shop = try shop()
    try shop.close()
    var sessions: [[String]] = []
    for (round, part) in Self.parts(4).enumerated() {
      let (reader, writing) = try channel.ends()
      let engine = try EngineProcess(
        ["--data", shop.ledger.data, "--test-clock", TestLedger.morning, "--alerts-fd", "3"],
        third: writing)
      close(writing)
      try Self.raise(part, at: engine)
      reader.read(enough: 10, bits: 100)
      pause(seconds: 0.4)
      if round.isMultiple(of: 2) {
        try engine.kill9()
        reader.close()
      } else {
        reader.close()
        pause(seconds: 0.3)
        #expect(try engine.finish().exit == .code(0))
      }
      sessions.append(reader.lines)
    }
    let (reader, writing) = try channel.ends()
    let engine = try EngineProcess(
      ["--data", shop.ledger.data, "--test-clock", TestLedger.morning, "--alerts-fd", "3"],
      third: writing)
    close(writing)
    let reached = sessions.compactMap(\.last).compactMap(Self.number).max() ?? 0
    reader.read(enough: Self.alerts - reached)
    reader.read(enough: .max, patience: 0.3)
    sessions.append(reader.lines)
    #expect(try engine.finish().exit == .code(0))
    try Watch.expectAll(sessions, of: shop.ledger, count: Self.alerts)
  }

  @Test func `of two engines with one file one delivers, and the other when that one has died`()
    throws
  {
    let shop = try shop()
    try shop.close()
    let file = shop.ledger.beside("alerts.ndjson")
    let first = try shop.ledger.serve(["--alerts-file", file])
    let parts = Self.parts(4)
    try Self.raise(parts[0], at: first)
    let second = try shop.ledger.serve(["--alerts-file", file])
    try Self.raise(parts[1], at: second)
    // Longer than standing by takes to look again, and than a place in a file takes to be kept.
    pause(seconds: 1.5)
    try Self.raise(parts[2], at: first)
    let before = written(to: file, atLeast: parts[2].upperBound)
    #expect(before == (try Watch.tail(shop.ledger)))
    pause(seconds: 1.2)
    try first.kill9()
    try Self.raise(parts[3], at: second)
    _ = written(to: file, atLeast: Self.alerts)
    #expect(try second.finish().exit == .code(0))
    var seen: Set<String> = []
    let lines = Watch.lines(Files.text(of: file) ?? "")
    #expect(lines.filter { seen.insert($0).inserted } == (try Watch.tail(shop.ledger)))
    #expect(Set(lines).count == Self.alerts)
  }

  @Test(arguments: AlertChannel.allCases)
  func `a tail that follows ends when its reader has gone`(channel: AlertChannel) throws {
    let shop = try shop()
    try Self.raise(0..<1, at: shop.engine)
    let (reader, writing) = try channel.ends()
    let binary = try ScripBinary.path()
    let tail = try ChildProcess(
      "/bin/sh",
      ["-c", "exec \"$0\" alerts tail --follow --data \"$1\" >&3", binary, shop.ledger.data],
      third: writing)
    close(writing)
    reader.read(enough: 1)
    #expect(reader.lines.count == 1)
    reader.close()
    #expect(try tail.wait(Deadline(in: 20)) == .code(0))
    try shop.close()
  }

  @Test(.enabled(if: SmallDisk.isPossible, "file systems may not be mounted here"))
  func `on a full disk alerts wait for room, and no till waits for them`() throws {
    let disk = try SmallDisk(megabytes: 16)
    let file = disk.path + "/alerts.ndjson"
    let shop = try shop(["--alerts-file", file])
    try disk.fill(leaving: 24)
    let parts = Self.parts(2)
    try Self.raise(parts[0], at: shop.engine)
    pause(seconds: 1)
    // What is there ends within a line, or at the end of one; more does not fit.
    #expect(Watch.lines(Files.text(of: file) ?? "").count < parts[0].count)
    try shop.engine.kill9()
    try shop.restartAfterEnd(["--alerts-file", file])
    try Self.raise(parts[1], at: shop.engine)
    disk.empty()
    _ = written(to: file, atLeast: Self.alerts)
    try shop.close()
    var seen: Set<String> = []
    let firsts = Watch.lines(Files.text(of: file) ?? "").filter { seen.insert($0).inserted }
    #expect(firsts == (try Watch.tail(shop.ledger)))
    #expect(firsts.count == Self.alerts)
  }
}
