// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// T2 for everything that is not on a card alone: debits with alerts, coupons, checkouts, refunds.
///
/// Each call fails once, and then for ever; after a restart every
/// request is sent again, and the ledger must stand as one that met no failure.
@Suite(.enabled(if: Tracer.path != nil, "strace is not installed, or may not trace here"))
struct CheckoutFaultTests {
  @Test(
    arguments: [
      ("fdatasync", "EIO"), ("fsync", "EIO"), ("pwrite64", "EIO"), ("pwrite64", "ENOSPC"),
      ("ftruncate", "EIO"), ("write", "EIO"),
    ], [false, true])
  func `a call that fails leaves each request done once or not at all, and told so`(
    call: (name: String, error: String), goesOn: Bool
  ) throws {
    let fault = Fault(call: call.name, error: call.error, goesOn: goesOn)
    let seed = Settings.seed(for: "checkouts with \(fault.testDescription)")
    let day = try CheckoutDay()
    let due = try standing(day, after: nil).standing
    var tried = 0
    // Not always the same calls.
    var number = 1 + Int(seed % UInt64(Settings.faultStride))
    while number <= 40 * Settings.faultStride {
      let (failed, standing) = try standing(day, after: (fault, number))
      tried += 1
      #expect(standing == due, "\(fault.testDescription) at \(number)")
      guard failed else { break }
      number += Settings.faultStride
    }
    counted("T2", tried, "calls of \(fault.testDescription) under checkouts")
  }

  /// Plays the day on a copy, with a call failing, then again without; how it stands in the end.
  private func standing(
    _ day: CheckoutDay, after failure: (fault: Fault, number: Int)?
  ) throws -> (failed: Bool, standing: [String]) {
    let ledger = try Ledger()
    try Specimen.write(day.files, to: ledger)
    var first: [Answer?] = []
    var failed = false
    if let (fault, number) = failure {
      let log = ledger.beside("strace.log")
      let engine = try EngineProcess(
        ["--data", ledger.data] + day.clock,
        through: Tracer.command(fault, at: number, log: log))
      for request in day.requests {
        first.append(try? engine.request(request.method, request.params))
        if engine.child.isAtEnd { break }
      }
      let exit = try engine.finish().exit
      failed = !Tracer.failures(in: log).isEmpty
      let place: Comment = "\(fault.testDescription) at \(number): \(exit), \(engine.child.errors)"
      // Before it is loaded the engine cannot say anything, and where it cannot write nor can it.
      #expect(
        [.code(0), .code(1), .code(65), .code(73), .code(74), .code(75), .code(127)].contains(exit),
        place)
      if !failed { #expect(exit == .code(0) && first.count == day.requests.count, place) }
      let serving = Tracer.servingFailures(in: log)
      if fault.call == "fdatasync", serving.contains(where: { $0.contains("journal.db-wal") }) {
        #expect(exit == .code(74), place)
      }
    }
    let engine = try EngineProcess(["--data", ledger.data] + day.clock)
    for (number, request) in day.requests.enumerated() {
      let again = try engine.request(request.method, request.params)
      #expect(again.isResult, "\(request.method): \(again)")
      guard number < first.count, let before = first[number] else { continue }
      if before.isResult {
        #expect(again["/replayed"] == true, "\(request.method) was answered, and done again")
        #expect(Self.plain(again) == Self.plain(before), "\(request.method): \(before), \(again)")
      } else {
        #expect(
          ["storage_full", "unavailable"].contains(before.refusal), "\(request.method): \(before)")
      }
    }
    let told = try day.standing(engine)
    #expect(try engine.finish().exit == .code(0))
    try ledger.expectSound("\(failure.map { "\($0.fault.testDescription) \($0.number)" } ?? "")")
    return (failed, told)
  }

  /// A result without the word that it is a repetition.
  private static func plain(_ answer: Answer) -> String {
    (answer.resultText ?? "").replacing(",\"replayed\":true", with: "")
      .replacing(",\"replayed\":false", with: "").replacing("\"replayed\":true,", with: "")
      .replacing("\"replayed\":false,", with: "")
  }
}
