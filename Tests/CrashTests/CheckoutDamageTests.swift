// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds
import Testing

/// T7 for coupons, checkouts, alerts and the keyring.
///
/// What is damaged is made anew, or refused and named; never a trap, and never another balance.
@Suite struct CheckoutDamageTests {
  @Test(arguments: ["state.db", "journal.db", "keyring.json"])
  func `a damaged file changes no answer in silence`(file: String) throws {
    let seed = Settings.seed(for: "checkouts on a damaged \(file)")
    var random = SplitMix64(seed: seed)
    let day = try CheckoutDay()
    let due = try play(day, day.files).standing
    #expect(!due.isEmpty)
    var (served, refused) = (0, 0)
    let rounds = max(1, Settings.damagedFiles / 12)
    for round in 0..<rounds {
      var files = day.files
      let damage = Damage.any(&random)
      files[file] = damage.done(to: files[file] ?? [], &random)
      let (standing, exit, errors) = try play(day, files)
      let name: Comment = "round \(round), \(damage) in \(file): \(exit), \(errors)"
      switch exit {
      case .code(0) where standing == due: served += 1
      // Another key for coupons or PINs is none that can be told from the right one.
      case .code(0) where file == "keyring.json": served += 1
      case .code(65), .code(74), .code(78):
        refused += 1
        #expect(!errors.isEmpty, name)
      default: Issue.record("\(name), \(standing)")
      }
      if file == "state.db" { #expect(exit == .code(0), name) }
    }
    counted("T7", rounds, "damaged \(file): \(served) served, \(refused) refused")
  }

  /// Sends the day to an engine on these files, every request until it is answered with a result;
  /// how it stands then, or nothing when it has ended before.
  private func play(
    _ day: CheckoutDay, _ files: [String: [UInt8]]
  ) throws -> (standing: [String], exit: ChildProcess.Exit, errors: String) {
    let ledger = try Ledger()
    try Specimen.write(files, to: ledger)
    let engine = try EngineProcess(["--data", ledger.data] + day.clock)
    var standing: [String] = []
    do {
      for request in day.requests {
        // Damage of the state is told once; then it is made anew.
        for _ in 0..<3 where try !engine.request(request.method, request.params).isResult {}
      }
      for _ in 0..<3 { standing = try day.standing(engine) }
    } catch {
      standing = []
    }
    let exit = try engine.finish().exit
    return (standing, exit, engine.child.errors)
  }
}
