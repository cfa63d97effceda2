// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds
import Testing

/// Servers that stop and connections that are cut: nothing that was answered is lost, and nothing
/// is carried out twice.
@Suite(.enabled(if: DatabaseServer.programs != nil), .serialized)
struct ServerLossTests {
  private static let inFlight = 8

  @Test(arguments: [false, true])
  func `commits cut off from their answers are carried out once or not at all`(
    loners: Bool
  ) throws {
    let seed = Settings.seed(for: loners ? "cut lone commits" : "cut commits")
    let server = try DatabaseServer()
    let proxy = try CuttingProxy(to: server.port, mark: "cut-", seed: seed)
    let ledger = try Ledger(
      onServer: "postgresql://scrip@127.0.0.1:\(proxy.port)/postgres", forLoners: loners)
    let tills = Tills(ledger: ledger, seed: seed, cards: 30, tag: "cut-")
    try tills.begin()
    let open = try (0..<3).map { _ in try tills.open() }
    proxy.cut(oneIn: 8)
    try tills.keepBusy(open, inFlight: Self.inFlight, within: 60 + Double(Settings.cutCommits)) {
      proxy.cuts >= Settings.cutCommits
    }
    proxy.cut(oneIn: 0)
    for till in open {
      try tills.finishBacklog(till)
      try RaceTests.end(till, of: tills)
    }
    print("cut commits: \(tills.summary), \(proxy.cuts) cut")
    try tills.close(repeatingOneIn: 4)
    proxy.stop()
  }

  @Test func `what waits for its standby is not answered, and holds up nobody else`() throws {
    let server = try DatabaseServer()
    let ledger = try Ledger(onServer: server.target, forLoners: true)
    let engines = try (0..<3).map { _ in try ledger.serve() }
    func open(_ engine: EngineProcess, _ card: String) throws -> Int64 {
      let key = JSONTree.string("open-" + card)
      return try engine.start(
        "account.open",
        .object([.init("card_no", .string(card)), .init("idempotency_key", key)]))
    }
    let first = try open(engines[0], "W0")
    #expect(try engines[0].answer(to: first).result != nil)
    for engine in engines { _ = try engine.request("ledger.head") }
    // A standby that is not there: whoever insists on it waits.
    try server.run(sql: "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    try server.run(sql: "SELECT pg_reload_conf()")
    pause(seconds: 0.5)
    let asked = try (0..<2).map { try open(engines[$0], "W\($0 + 1)") }
    let patience = Deadline(in: 5)
    // Both are in the journal, one on top of the other.
    while try server.run(sql: "SELECT count(*) FROM journal") != "3" {
      try #require(!patience.hasPassed, "one waits for the other")
      pause(seconds: 0.05)
    }
    let looked = try engines[2].start("ledger.head")
    for engine in engines {
      #expect(try engine.answersSoFar(within: 0.3, enough: 1).isEmpty)
    }
    try server.run(sql: "ALTER SYSTEM RESET synchronous_standby_names")
    try server.run(sql: "SELECT pg_reload_conf()")
    for (engine, id) in zip(engines, asked + [looked]) {
      #expect(try engine.answer(to: id).result != nil)
      try engine.finish()
    }
  }

  @Test func `a server stopped at once under load loses nothing that was answered`() throws {
    let seed = Settings.seed(for: "stopped servers")
    var random = SplitMix64(seed: seed)
    let server = try DatabaseServer()
    let tills = try Tills(
      ledger: Ledger(onServer: server.target), seed: seed, cards: 30, tag: "stop-")
    try tills.begin()
    let open = try (0..<2).map { _ in try tills.open() }
    // An engine that begins while there is no server ends with 75.
    for till in open { _ = try till.engine.request("system.ping") }
    for _ in 0..<Settings.serverStops {
      let busy = Deadline(in: random.seconds(upToMilliseconds: 600))
      try tills.keepBusy(open, inFlight: Self.inFlight, within: 60) { busy.hasPassed }
      try server.stopImmediately()
      // Everything is refused meanwhile, and nothing hangs.
      let before = tills.answers
      let away = Deadline(in: 0.3)
      try tills.keepBusy(open, inFlight: Self.inFlight, within: 20) {
        away.hasPassed && tills.answers > before
      }
      try server.start()
      let after = tills.history.acknowledged.count
      try tills.keepBusy(open, inFlight: Self.inFlight, within: 60) {
        tills.history.acknowledged.count > after
      }
    }
    for till in open {
      try tills.finishBacklog(till)
      try RaceTests.end(till, of: tills)
    }
    print("stopped servers: \(tills.summary), \(Settings.serverStops) stops")
    try tills.close(repeatingOneIn: 4)
  }

  @Test func `a standby that takes over has all that was answered`() throws {
    let seed = Settings.seed(for: "failover")
    let settings = "synchronous_standby_names = '*'\nhot_standby = on"
    // The first primary gets its standby before anything may be answered.
    var primary = try DatabaseServer(settings: settings)
    var standby = try DatabaseServer(standbyOf: primary, settings: settings)
    var ports = [primary.port, standby.port]
    var tills: Tills?
    for round in 0..<Settings.failovers {
      let hosts = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
      let target = "postgresql://scrip@\(hosts)/postgres"
      let work: Tills
      if let known = tills {
        work = known
        work.ledger.moveServer(to: target)
      } else {
        work = try Tills(
          ledger: Ledger(onServer: target), seed: seed, cards: 30, tag: "over-")
        try work.begin()
      }
      tills = work
      let open = try (0..<2).map { _ in try work.open() }
      for till in open { _ = try till.engine.request("system.ping") }
      let busy = Deadline(in: 1.5)
      try work.keepBusy(open, inFlight: Self.inFlight, within: 60) { busy.hasPassed }
      primary.kill()
      try standby.promote()
      primary = standby
      standby = try DatabaseServer(standbyOf: primary, settings: settings)
      let before = work.history.acknowledged.count
      try work.keepBusy(open, inFlight: Self.inFlight, within: 90) {
        work.history.acknowledged.count > before + 20
      }
      // The next failover needs tills that know the new standby.
      for till in open {
        try work.settle(till)
        #expect(try work.end(till) == .code(0), "round \(round)")
      }
      ports = [primary.port, standby.port]
    }
    guard let tills else { return }
    let hosts = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
    tills.ledger.moveServer(to: "postgresql://scrip@\(hosts)/postgres")
    print("failover: \(tills.summary), \(Settings.failovers) failovers")
    try tills.close(repeatingOneIn: 4)
  }
}
