// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Testing

/// A ledger directory of a test's own, removed when the test lets go of it.
final class Ledger {
  /// Held so long as the ledger is wanted.
  private let scratch: TemporaryDirectory?
  let data: String
  /// The server it is on instead, where a test has one of its own.
  private var server: String?
  private let isForLoners: Bool

  /// A ledger on a server; its keyring is in a directory all the same.
  init(onServer target: String, forLoners: Bool = false) throws {
    let scratch = try TemporaryDirectory()
    self.scratch = scratch
    data = scratch.path
    server = target
    isForLoners = forLoners
  }

  /// The server is to be found elsewhere from now on.
  func moveServer(to target: String) { server = target }

  /// The arguments that name it.
  var place: [String] {
    server.map { ["--store", $0, "--keyring", data + "/keyring.json"] } ?? ["--data", data]
  }

  /// `forLoners`: on a server its engines do not share with others on this machine.
  init(forLoners: Bool = false) throws {
    let scratch = try TemporaryDirectory()
    self.scratch = scratch
    data = scratch.file("data")
    isForLoners = forLoners
  }

  /// A ledger whose place somebody else sees to.
  init(at path: String) {
    scratch = nil
    data = path
    isForLoners = false
  }

  /// A path beside the ledger.
  func beside(_ name: String) -> String { data + "-" + name }

  /// Starts an engine on it; the first one makes it.
  func serve(through wrapper: [String] = []) throws -> EngineProcess {
    try EngineProcess(
      ["--init"] + (isOnServer && isForLoners ? ["--alone"] : []) + place, through: wrapper)
  }

  private var isOnServer: Bool { server != nil || ServerLedgers.target != nil }

  /// Whether its engines may share with others.
  var isShared: Bool { isOnServer && !isForLoners }

  /// What `scrip verify` gives.
  func verify() throws -> ScripBinary.Outcome { try ScripBinary.run(["verify"] + place) }

  /// Expects that `scrip verify` finds nothing, and says nothing.
  func expectSound(_ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation) throws
  {
    let outcome = try verify()
    let isSilent = outcome.output.isEmpty && outcome.errors.isEmpty
    #expect(
      outcome.exit == .code(0) && isSilent,
      "\(comment.map { "\($0): " } ?? "")\(outcome.exit) \(outcome.output)\(outcome.errors)",
      sourceLocation: location)
  }
}
