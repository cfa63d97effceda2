// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Seeds
import Testing

/// `scrip backup` and `scrip restore` on a disk that fails, and killed on the way (T2, T4, T9).
///
/// What has its name is whole, and what has not is made good by the next run.
@Suite struct BackupFaultTests {
  private static let entries = 42

  /// A ledger with some entries, and a backup of it with its keys.
  private func ledger() throws -> CouponLedger {
    let shop = try CouponLedger()
    let engine = try shop.serve()
    _ = try shop.must(
      engine, "account.open", ["card_no": "C1", "topup": ["amount": 10_000, "tender": "cash"]])
    for _ in 2..<Self.entries {
      _ = try shop.must(engine, "debit.create", ["card_no": "C1", "amount": 1])
    }
    #expect(try engine.finish().exit == .code(0))
    let backup = try ScripBinary.run(
      ["backup", "--data", shop.ledger.data, shop.ledger.beside("good"), "--with-keyring"])
    #expect(backup.code == 0, "\(backup)")
    return shop
  }

  private enum Command: String, CaseIterable {
    case backup
    case restore

    func arguments(_ ledger: Ledger, _ target: String) -> [String] {
      switch self {
      case .backup: ["backup", "--data", ledger.data, target, "--with-keyring"]
      case .restore: ["restore", ledger.beside("good"), "--data", target]
      }
    }
  }

  private static let faults = [
    Fault(call: "pwrite64", error: "EIO"), Fault(call: "pwrite64", error: "ENOSPC", goesOn: true),
    Fault(call: "fsync", error: "EIO"), Fault(call: "fsync", error: "EIO", goesOn: true),
    Fault(call: "fdatasync", error: "EIO"), Fault(call: "ftruncate", error: "EIO"),
    Fault(call: "rename", error: "EIO"), Fault(call: "unlink", error: "EIO"),
    Fault(call: "mkdir", error: "ENOSPC"), Fault(call: "write", error: "ENOSPC", goesOn: true),
  ]

  @Test(
    .enabled(if: Tracer.path != nil, "strace is not installed, or may not trace here"),
    arguments: faults)
  func `a call that fails under a backup or a restore leaves what is whole, or nothing`(
    fault: Fault
  ) throws {
    let seed = Settings.seed(for: "backups with \(fault.testDescription)")
    let shop = try ledger()
    var tried = 0
    for command in Command.allCases {
      var number = 1 + Int(seed % UInt64(Settings.faultStride))
      while number <= 60 * Settings.faultStride {
        let target = shop.ledger.beside("\(command)-\(number)")
        let log = shop.ledger.beside("strace.log")
        unlink(log)
        let outcome = try ScripBinary.run(
          command.arguments(shop.ledger, target),
          through: Tracer.command(fault, at: number, log: log))
        tried += 1
        let failures = Tracer.failures(in: log)
        let place: Comment = "\(command), \(fault.testDescription) at \(number): \(outcome)"
        #expect(outcome.code != nil, "a trap: \(place)")
        if failures.isEmpty { #expect(outcome.code == 0, place) }
        try expectWhole(command, shop.ledger, target, claimed: outcome.code == 0, place)
        Files.removeTree(target)
        guard !failures.isEmpty else { break }
        number += Settings.faultStride
      }
    }
    counted("T2", tried, "calls of \(fault.testDescription) under backup and restore")
  }

  @Test
  func `a backup and a restore that are killed at any moment leave what is whole, or nothing`()
    throws
  {
    let seed = Settings.seed(for: "kills of backups and restores")
    var random = SplitMix64(seed: seed)
    let shop = try ledger()
    let kills = max(10, Settings.recoveryKills / 2)
    for number in 0..<kills {
      let command = Command.allCases[number % 2]
      let target = shop.ledger.beside("\(command)-\(number)")
      for _ in 0..<(1 + random.below(3)) {
        let child = try ChildProcess(
          ScripBinary.path(), command.arguments(shop.ledger, target))
        pause(seconds: random.seconds(upToMilliseconds: 120))
        try child.kill9()
      }
      try expectWhole(command, shop.ledger, target, claimed: false, "\(command) \(number)")
      Files.removeTree(target)
    }
    print("\(kills) backups and restores killed")
  }

  /// Expects all there is under a name to be whole, and what is not there to be made by another
  /// run.
  private func expectWhole(
    _ command: Command, _ ledger: Ledger, _ target: String, claimed: Bool, _ place: Comment
  ) throws {
    if !Files.names(in: target).contains("journal.db") {
      #expect(!claimed, "it ended well, and nothing is there: \(place)")
      let again = try ScripBinary.run(command.arguments(ledger, target))
      #expect(again.code == 0, "the next run: \(again), after \(place)")
    }
    var data = target
    if command == .backup {
      data = target + "-restored"
      let restored = try ScripBinary.run(["restore", target, "--data", data])
      #expect(
        restored.code == 0 && restored.output.contains("\(Self.entries) entries"),
        "\(restored), after \(place)")
    } else {
      // A restore that was cut short after it had put everything in its place has no state yet.
      let engine = try EngineProcess(["--data", data, "--test-clock", "2026-03-02T03:00:00Z"])
      #expect(
        try engine.request("system.info").int("/entries") == Int64(Self.entries), place)
      #expect(try engine.finish().exit == .code(0), place)
    }
    let check = try ScripBinary.run(["verify", "--data", data])
    #expect(check.code == 0, "\(check), after \(place)")
    if data != target { Files.removeTree(data) }
  }
}
