// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// How much these tests do, and from which seed: what the environment says, else these sizes.
enum Settings {
  /// `kill -9` under load, over all ledgers.
  static let kills = number("SCRIP_CRASH_KILLS", 200)
  /// `kill -9` while an engine recovers from one.
  static let recoveryKills = number("SCRIP_RECOVERY_KILLS", 50)
  /// Cards that are guessed at, each with a kill after every guess.
  static let guessedCards = number("SCRIP_PIN_CARDS", 8)
  /// Operations of two processes together, and as many of four.
  static let raceOperations = number("SCRIP_RACE_OPERATIONS", 20_000)
  /// How many processes race together, in turn.
  static let raceProcesses = Array(Set([2, 4, number("SCRIP_RACE_PROCESSES", 4)])).sorted()
  /// Milliseconds between two kills while processes race, on average.
  static let raceKillInterval = number("SCRIP_RACE_KILL_MS", 400)
  /// Debits of one that race for a card of a hundred.
  static let hotDebits = number("SCRIP_HOT_DEBITS", 1000)
  /// Rounds in which one debit is refunded many times over.
  static let refundRounds = number("SCRIP_REFUND_ROUNDS", 50)
  /// Rounds in which one key is sent by all processes at once.
  static let keyRounds = number("SCRIP_KEY_ROUNDS", 100)
  /// Rounds in which one coupon is redeemed by all processes at once.
  static let couponRounds = number("SCRIP_COUPON_ROUNDS", 25)
  /// `kill -9` while checkouts with coupons are paid and taken back.
  static let couponKills = number("SCRIP_COUPON_KILLS", 40)
  /// Commits on a server that are cut off from their answers.
  static let cutCommits = number("SCRIP_CUT_COMMITS", 40)
  /// Times that a server is stopped at once under load.
  static let serverStops = number("SCRIP_SERVER_STOPS", 3)
  /// Hosts that are killed or ended, one after the other.
  static let killedHosts = number("SCRIP_KILLED_HOSTS", 12)
  /// Times that a standby takes over.
  static let failovers = number("SCRIP_FAILOVERS", 1)
  /// Disks after a power cut that are opened.
  static let powerCuts = number("SCRIP_POWER_CUTS", 40)
  /// Ledgers of which a file is damaged.
  static let damagedFiles = number("SCRIP_DAMAGED_FILES", 200)
  /// The most calls of one kind that are made to fail, one after the other.
  static let faults = number("SCRIP_FAULTS", 200)
  /// Of so many calls of a kind one is made to fail, where each takes an engine of its own;
  /// `SCRIP_ALL_FAULTS` fails every one of them.
  static let faultStride = number("SCRIP_ALL_FAULTS", 0) > 0 ? 1 : 7

  /// The seed that everything random in a test comes from; `SCRIP_SEED` repeats a run.
  ///
  /// Printed, because a run that fails is worth nothing if it cannot be run again.
  static func seed(for test: String) -> UInt64 {
    let seed = run
    print("seed of \(test): \(seed) (repeat with SCRIP_SEED=\(seed))")
    // Tests of one run must not all do the same.
    return test.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  private static let run: UInt64 = {
    if let text = getenv("SCRIP_SEED"), let seed = UInt64(String(cString: text)) { return seed }
    return UInt64.random(in: 1...999_999_999)
  }()

  private static func number(_ name: String, _ normal: Int) -> Int {
    guard let text = getenv(name), let value = Int(String(cString: text)), value > 0 else {
      return normal
    }
    return value
  }
}
