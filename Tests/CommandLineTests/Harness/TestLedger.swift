// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A ledger directory of a test's own, removed when the test lets go of it.
final class TestLedger: Sendable {
  private let scratch: TemporaryDirectory
  /// The ledger's directory.
  let data: String
  let isTest: Bool

  /// Where the clock of a test ledger starts: a Monday, 10:00 in Shanghai.
  static let morning = "2026-03-02T02:00:00Z"

  /// Makes a ledger by `scrip init`.
  init(_ options: [String] = [], isTest: Bool = true) throws {
    scratch = try TemporaryDirectory()
    data = scratch.file("data")
    self.isTest = isTest
    let mode = isTest ? ["--test-mode"] : []
    let outcome = try ScripBinary.run(["init", "--data", data] + mode + options)
    guard outcome.code == 0 else {
      throw HarnessFailure("scrip init ended with \(outcome.exit): \(outcome.errors)")
    }
  }

  /// A path beside the ledger, in the same temporary directory.
  func beside(_ name: String) -> String { scratch.file(name) }

  /// The paths of the ledger's files, by name.
  var files: [String] { Files.names(in: data).map { data + "/" + $0 } }

  /// Starts an engine on the ledger; a test ledger's clock starts at `clock`.
  func serve(clock: String = TestLedger.morning, _ options: [String] = []) throws -> EngineProcess {
    let time = isTest ? ["--test-clock", clock] : []
    return try EngineProcess(["--data", data] + time + options)
  }

  /// Expects that `scrip verify` finds nothing, and says nothing.
  func expectSound(at location: SourceLocation = #_sourceLocation) throws {
    let outcome = try ScripBinary.run(["verify", "--data", data])
    #expect(outcome.exit == .code(0), "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.output.isEmpty, sourceLocation: location)
  }
}
