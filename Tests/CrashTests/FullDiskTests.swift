// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Testing

/// A full disk is answered with "try again", and nothing else suffers (T5).
@Suite(.enabled(if: SmallDisk.isPossible, "file systems may not be mounted here"))
struct FullDiskTests {
  @Test(arguments: [0, 8, 24, 64, 160])
  func `on a full disk reads are served, and writing goes on once there is room`(
    kilobytes: Int
  ) throws {
    let seed = Settings.seed(for: "a disk with \(kilobytes) kB left")
    let disk = try SmallDisk(megabytes: 8)
    let ledger = Ledger(at: disk.path + "/data")
    let tills = Tills(ledger: ledger, seed: seed, cards: 10, tag: "disk")
    try tills.begin()
    let till = try tills.open()
    try serve(tills, till, requests: 200)

    try disk.fill(leaving: kilobytes)
    let first = tills.history.attempts.count
    // What is refused is sent again and again, until nothing fits any more.
    while tills.history.attempts.suffix(50).count(where: \.isToBeRepeated) < 40 {
      try serve(tills, till, requests: 50)
      try #require(tills.history.attempts.count < first + 5000, "the disk does not fill up")
    }
    try expectReads(tills, till)
    try expectNoWrites(tills, till)
    // An engine that is killed now must come up again and serve what it served before. It may
    // find room to write in the log that it has.
    try tills.kill(till)
    let second = try tills.open()
    try expectReads(tills, second)

    disk.empty()
    try tills.finishBacklog(second)
    try serve(tills, second, requests: 200)
    #expect(tills.backlog.isEmpty)
    #expect(try tills.end(second) == .code(0))
    try tills.close()
  }

  private func serve(_ tills: Tills, _ till: Tills.Till, requests: Int) throws {
    let end = till.requests + requests
    while till.requests < end {
      try tills.fill(till, upTo: 16)
      try tills.settle(till)
    }
  }

  private func expectReads(_ tills: Tills, _ till: Tills.Till) throws {
    let cards = tills.cardNumbers
    let first = tills.history.attempts.count
    for card in cards { try tills.ask(card, .account, "", of: till) }
    try tills.ask("", .trialBalance, "", of: till)
    try tills.settle(till)
    for attempt in tills.history.attempts[first...] where attempt.isToBeRepeated {
      Issue.record("\(tills.history.operation(of: attempt)) was not served")
    }
  }

  /// Expects that not even the smallest write fits any more, now or after a few.
  private func expectNoWrites(_ tills: Tills, _ till: Tills.Till) throws {
    for number in 0..<20 {
      try tills.ask("extra-\(number)", .open(pin: nil, topUp: nil), "extra-\(number)", of: till)
      try tills.settle(till)
      if case .again(let code)? = tills.history.attempts.last?.outcome {
        #expect(code == "storage_full")
        return
      }
    }
    Issue.record("the disk is not full")
  }
}
