// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Seeds
import Testing

/// A kill during the recovery from a kill changes nothing (T4).
@Suite struct RecoveryKillTests {
  @Test func `an engine killed again and again while it recovers loses nothing`() throws {
    let seed = Settings.seed(for: "kills during recovery")
    var random = SplitMix64(seed: seed)
    let tills = try Tills(ledger: Ledger(), seed: seed, cards: 40, tag: "rec")
    try tills.begin()
    var kills = 0
    while kills < Settings.recoveryKills {
      let till = try tills.open()
      let enough = 100 + random.below(400)
      while till.answers < enough {
        try tills.fill(till, upTo: 64)
        try tills.gather(till, within: 30, enough: 1)
      }
      try tills.kill(till)
      // Without its state, recovery means to fold the whole journal.
      if random.once(in: 3) { removeState(of: tills.ledger) }
      for _ in 0..<(1 + random.below(5)) {
        let recovering = try tills.ledger.serve()
        pause(seconds: random.seconds(upToMilliseconds: 30))
        try recovering.kill9()
        kills += 1
      }
    }
    try tills.close()
    counted("T4", kills, "kills")
    print("recovery: \(tills.summary), \(kills) kills while recovering")
  }

  private func removeState(of ledger: Ledger) {
    for name in ["state.db", "state.db-wal", "state.db-shm"] { unlink(ledger.data + "/" + name) }
  }

  @Test func `an engine killed while it makes a ledger leaves what the next one makes good`() throws
  {
    let seed = Settings.seed(for: "kills while a ledger is made")
    var random = SplitMix64(seed: seed)
    for round in 0..<30 {
      let ledger = try Ledger()
      for _ in 0..<2 {
        let making = try ledger.serve()
        pause(seconds: random.seconds(upToMilliseconds: 25))
        try making.kill9()
      }
      let files = Files.names(in: ledger.data)
      let tills = Tills(ledger: ledger, seed: seed, cards: 2, tag: "made")
      let till = try tills.open()
      do {
        try tills.finishBacklog(till)
        try tills.fill(till, upTo: 20)
        try tills.settle(till)
        try tills.kill(till)
        try tills.close()
      } catch {
        Issue.record("round \(round), left by the kills: \(files): \(error)")
      }
    }
  }
}
