// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Processes that want a server's ledger at once get it in turn (decision 0056).
@Suite(.enabled(if: DatabaseServer.programs != nil), .serialized)
struct ServerLineTests {
  private static let processes = 24
  private static let turns = 40

  private func open(_ engine: EngineProcess, _ card: String) throws {
    _ = try engine.start(
      "account.open", ["card_no": .string(card), "idempotency_key": .string("open-" + card)])
  }

  /// Keeps one request in flight at each engine; whose each answer was, in the order they came.
  private func race(_ engines: [EngineProcess], tag: String) throws -> [Int] {
    var order: [Int] = []
    for (place, engine) in engines.enumerated() { try open(engine, "\(tag)-\(place)") }
    let limit = Deadline(in: 60)
    while order.count < Self.turns * engines.count {
      try #require(!limit.hasPassed, "after \(order.count) answers")
      for place in ChildProcess.written(of: engines.map(\.child), milliseconds: 1000) {
        for answer in try engines[place].answersSoFar(within: 0) {
          #expect(answer.result != nil, "\(answer)")
          order.append(place)
          try open(engines[place], "\(tag)-\(place)-\(order.count)")
        }
      }
    }
    for engine in engines { _ = try engine.answersSoFar(within: 5, enough: 1) }
    return order
  }

  /// How many answers others got between two of one's own, at most.
  private func longestWait(_ order: [Int]) -> Int {
    var last: [Int: Int] = [:]
    var longest = 0
    for (turn, place) in order.enumerated() {
      longest = max(longest, turn - (last[place] ?? 0))
      last[place] = turn
    }
    return longest
  }

  @Test func `nobody waits while others have their turns over and over`() throws {
    let server = try DatabaseServer()
    let ledger = try Ledger(onServer: server.target, forLoners: true)
    let engines = try (0..<Self.processes).map { _ in
      let engine = try ledger.serve()
      _ = try engine.request("system.ping")
      return engine
    }
    let longest = longestWait(try race(engines, tag: "line"))
    print("longest wait of \(Self.processes) processes: \(longest) turns of others")
    #expect(longest <= 3 * Self.processes)

    // What keeps the line is no part of the ledger: it goes on without, if less orderly.
    try server.run(sql: "DELETE FROM barriers WHERE id = 64")
    let without = longestWait(try race(engines, tag: "crowd"))
    print("longest wait without a line: \(without)")
    for engine in engines { #expect(try engine.finish().exit == .code(0)) }
    try ledger.expectSound()
  }
}
