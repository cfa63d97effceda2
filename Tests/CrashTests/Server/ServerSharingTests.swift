// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Seeds
import Testing

/// Engines of one machine that serve a server's ledger together (decision 0063).
@Suite(.enabled(if: DatabaseServer.programs != nil), .serialized)
struct ServerSharingTests {
  private func open(_ engine: EngineProcess, _ card: String) throws -> Int64 {
    try engine.start(
      "account.open",
      ["card_no": .string(card), "idempotency_key": .string("open-" + card)])
  }

  private func debit(_ engine: EngineProcess, _ card: String, key: String) throws -> Int64 {
    try engine.start(
      "debit.create",
      ["card_no": .string(card), "amount": 70, "idempotency_key": .string(key)])
  }

  /// Has the engine answer something, so that it has met its host or become one.
  private func settle(_ engines: [EngineProcess]) throws {
    for _ in 0..<3 {
      for engine in engines { _ = try engine.request("system.ping") }
      pause(seconds: 0.12)
    }
  }

  @Test func `what several are asked comes to the server by one of them`() throws {
    let server = try DatabaseServer()
    let ledger = try Ledger(onServer: server.target)
    let engines = try (0..<4).map { _ in try ledger.serve() }
    try settle(engines)
    pause(seconds: 0.5)
    for round in 0..<40 {
      let ids = try engines.indices.map { try open(engines[$0], "S\($0)-\(round)") }
      for (engine, id) in zip(engines, ids) {
        #expect(try engine.answer(to: id).result != nil)
      }
    }
    let busy = try server.run(
      sql: """
        SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
        AND pid <> pg_backend_pid() AND state_change > now() - interval '0.3 s'
        """)
    #expect(busy == "1")
    for engine in engines { #expect(try engine.finish().exit == .code(0)) }
    try ledger.expectSound()
  }

  @Test func `a host that is killed again and again loses nothing and doubles nothing`() throws {
    let seed = Settings.seed(for: "killed hosts")
    var random = SplitMix64(seed: seed)
    let server = try DatabaseServer()
    let tills = try Tills(
      ledger: Ledger(onServer: server.target), seed: seed, cards: 40, tag: "host-")
    try tills.begin()
    var open = try (0..<4).map { _ in try tills.open() }
    var kills = 0
    while kills < Settings.killedHosts {
      let busy = Deadline(in: 0.1 + random.seconds(upToMilliseconds: 300))
      let before = tills.answers
      try tills.keepBusy(open, inFlight: 8, within: 30) {
        busy.hasPassed && tills.answers >= before + 100
      }
      // The oldest is the host.
      if random.once(in: 4) {
        #expect(try tills.stop(open[0]) == .code(0))
      } else {
        try tills.kill(open[0])
      }
      kills += 1
      open.removeFirst()
      open.append(try tills.open())
    }
    for till in open { try RaceTests.end(till, of: tills) }
    print("killed hosts: \(tills.summary), \(kills) ends")
    try tills.close(repeatingOneIn: 4)
  }

  @Test func `a host that hangs holds nobody up for long, and does nothing late`() throws {
    let server = try DatabaseServer()
    let ledger = try Ledger(onServer: server.target)
    let host = try ledger.serve()
    try settle([host])
    let guest = try ledger.serve()
    try settle([host, guest])
    #expect(try guest.answer(to: open(guest, "H")).result != nil)

    host.child.send(signal: SIGSTOP)
    let asked = Deadline.now
    let refused = try guest.answer(to: debit(guest, "H", key: "late"))
    let seconds = Double(Deadline.now - asked) / 1e9
    #expect(refused.refusal == "insufficient_funds")
    // It was handed over: somebody waited for the host.
    #expect(seconds > 1.5 && seconds < 4, "\(seconds)")
    let topUp: JSONTree = [
      "card_no": "H", "amount": 100, "tender": "cash", "idempotency_key": "top-up",
    ]
    #expect(try guest.request("topup.create", topUp).result != nil)

    host.child.send(signal: SIGCONT)
    #expect(try host.request("system.ping").result != nil)
    pause(seconds: 0.5)
    let account = try guest.request("account.get", ["card_no": "H"])
    #expect(account.result?["balance"]?["principal"]?.integer == 100)
    for engine in [guest, host] { #expect(try engine.finish().exit == .code(0)) }
    try ledger.expectSound()
  }

  @Test func `guests go on when their host ends in good order`() throws {
    let server = try DatabaseServer()
    let ledger = try Ledger(onServer: server.target)
    let engines = try (0..<3).map { _ in
      let engine = try ledger.serve()
      try settle([engine])
      return engine
    }
    var ids: [[Int64]] = [[], [], []]
    for round in 0..<200 {
      for place in engines.indices where place > 0 || round < 100 {
        ids[place].append(try open(engines[place], "G\(place)-\(round)"))
      }
      if round == 99 { try engines[0].child.closeInput() }
    }
    for (engine, ids) in zip(engines, ids) {
      for id in ids { #expect(try engine.answer(to: id).result != nil) }
    }
    for engine in engines { #expect(try engine.finish().exit == .code(0)) }
    try ledger.expectSound()
  }
}
