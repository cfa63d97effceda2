// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Seeds
import Testing

/// `kill -9` at any instant loses nothing that was answered, and applies nothing twice (T1).
@Suite struct KillLoopTests {
  /// When the engine is killed.
  private enum Moment {
    /// So many seconds after the burst began.
    case after(Double)
    /// Right after so many answers.
    case answers(Int)
    /// Right after so many requests were written, the last of them perhaps cut.
    case requests(Int, cutsLast: Bool)

    static func any(_ random: inout SplitMix64) -> Moment {
      switch random.below(4) {
      case 0: .answers(1 + random.below(150))
      case 1: .requests(1 + random.below(100), cutsLast: random.once(in: 2))
      default: .after(random.seconds(upToMilliseconds: 50))
      }
    }
  }

  private static let inFlight = 64

  @Test(arguments: 0..<4)
  func `what was answered before a kill stands once, what was not stands once when repeated`(
    ledger number: Int
  ) throws {
    let seed = Settings.seed(for: "the kill loop, ledger \(number)")
    var random = SplitMix64(seed: seed)
    let tills = try Tills(ledger: Ledger(), seed: seed, cards: 40, tag: "l\(number)")
    try tills.begin()
    let kills = max(1, (Settings.kills + number) / 4)
    for _ in 0..<kills {
      let till = try tills.open()
      _ = try till.engine.request("system.ping")
      try burst(tills, till, until: .any(&random))
      try tills.kill(till)
    }
    try tills.close()
    print("ledger \(number): \(tills.summary)")
    counted("T1", kills, "kills")
  }

  private func burst(_ tills: Tills, _ till: Tills.Till, until moment: Moment) throws {
    switch moment {
    case .after(let seconds):
      let end = Deadline(in: seconds)
      while !end.hasPassed {
        try tills.fill(till, upTo: Self.inFlight)
        try tills.gather(till, within: 0)
      }
    case .answers(let count):
      while till.answers < count {
        try tills.fill(till, upTo: Self.inFlight)
        try tills.gather(till, within: 30, enough: 1)
      }
    case .requests(let count, let cutsLast):
      while till.requests < count {
        if till.inFlight.count >= Self.inFlight { try tills.gather(till, within: 30, enough: 1) }
        try tills.sendNext(to: till)
      }
      if cutsLast { try till.engine.child.write("{\"jsonrpc\":\"2.0\",\"id\":0,\"meth".utf8) }
    }
  }
}
