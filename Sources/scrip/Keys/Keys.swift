// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Glibc
import LedgerCore
import SQLite
import Secrets
import Store

/// `scrip keys`: shows and changes what the keyring holds, but never the keys themselves.
struct Keys: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists, rotates and revokes the ledger's keys.",
    discussion: """
      A ledger has keys for three purposes: `pin` checks PINs, `coupon` signs coupon payloads, \
      `journal` chains the entries. Of each, one key signs; older ones still verify what they \
      signed. A key itself is never printed.
      """,
    subcommands: [KeysList.self, KeysRotate.self, KeysRevoke.self])

  /// What a key is for, as a value on the command line.
  enum Purpose: String, CaseIterable, ExpressibleByArgument {
    case pin
    case coupon
    case journal

    var purpose: KeyRing.Purpose {
      switch self {
      case .pin: .pin
      case .coupon: .coupon
      case .journal: .journal
      }
    }
  }
}

/// The keyring of one ledger, on its way to being changed.
struct KeyRingChange {
  let ledger: LedgerOptions
  let identity: LedgerIdentity

  init(_ ledger: LedgerOptions) throws(Failure) {
    self.ledger = ledger
    identity = try ledger.identity()
  }

  /// Reads the ring, has it changed and stores it, while no other process does the same.
  ///
  /// What `body` throws leaves the ring as it was.
  func perform<Result>(
    _ body: (inout KeyRing) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try ledger.requireOwner(of: ledger.keyringPath)
    let lock = try locked()
    defer { lock.unlock() }
    var ring = try OpenedLedger.readKeys(ledger.keyringPath)
    let result = try body(&ring)
    do {
      try KeyRingFile(path: ledger.keyringPath).replace(with: ring)
    } catch {
      throw .io("cannot store the keyring \(ledger.keyringPath): \(error.words)")
    }
    return result
  }

  private func locked() throws(Failure) -> FileLock {
    do {
      let lock = try FileLock(path: ledger.home + "/keyring.lock")
      try lock.lock()
      return lock
    } catch {
      throw .io("\(error)")
    }
  }

  /// When the change is made: a test ledger's time is that of its newest entry.
  func now() throws(Failure) -> Instant {
    guard identity.isTest else { return OpenedLedger.wallClock() }
    do {
      let inspection = try LedgerPlace(ledger.data).inspection()
      let newest = try inspection.rows(after: inspection.head.sequence - 1, limit: 1).first
      return Instant(milliseconds: newest?.at ?? 0)
    } catch {
      throw Failure(error)
    }
  }

  /// What becomes of processes that run.
  var outlook: String {
    let running = LedgerUsers.all(of: ledger.data)
    let outlook = "running processes take this up with the next request, within a second"
    guard !running.isEmpty else { return outlook }
    return "\(outlook) (running now: \(running.map(\.text).joined(separator: ", ")))"
  }
}

extension Failure {
  /// The ring's own refusals, in words.
  init(_ error: KeyRingError) {
    switch error {
    case .unknownKey(let purpose, let id):
      self = .usage("there is no \(purpose.rawValue) key \(id)")
    case .signingKeyCannotBeRevoked(let purpose, let id):
      self = Failure(
        code: 1,
        message: "\(purpose.rawValue) key \(id) signs: rotate first, so that another one does")
    case .exhausted(let purpose):
      self = Failure(code: 1, message: "all 255 ids of \(purpose.rawValue) keys are used")
    default:
      self = .configuration("the keyring is damaged: \(error)")
    }
  }
}
