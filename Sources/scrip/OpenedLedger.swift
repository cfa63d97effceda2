// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import Glibc
import LedgerCore
import SQLite
import Secrets
import Store

/// A ledger with its keys, opened for serving.
struct OpenedLedger {
  let engine: Engine
  let store: any LedgerStore
  let keys: KeyRing

  /// Opens the ledger at `directory`, or on the server that this names; a given test clock is
  /// refused on a real ledger.
  init(
    directory: String, keyring: String?, testClock: Instant?
  ) throws(Failure) {
    let keys = try OpenedLedger.readKeys(keyring ?? OpenedLedger.keyringPath(directory))
    let chain = HashChain(keys)
    let store: any LedgerStore
    do {
      store = try LedgerPlace(directory).open(chain: chain)
    } catch {
      throw Failure(error)
    }
    let identity = store.identity
    if testClock != nil, !identity.isTest {
      throw .usage("--test-clock is only for ledgers made with init --test-mode")
    }
    guard OpenedLedger.wallClock() < .clockLimit || identity.isTest else {
      throw .configuration("the clock of this machine is wrong: it is past the year 9000")
    }
    let calendar = try OpenedLedger.calendar(identity)
    let clock: LedgerClock =
      identity.isTest
      ? .manual(testClock ?? OpenedLedger.firstTestTime) : .wall(OpenedLedger.wallClock)
    let surroundings = Engine.Surroundings(
      clock: clock, calendar: calendar, keys: keys, random: { randomBytes($0) })
    do {
      engine = try Engine(store: store, in: surroundings)
    } catch {
      throw Failure(error)
    }
    self.store = store
    self.keys = keys
  }

  static func keyringPath(_ directory: String) -> String { directory + "/keyring.json" }

  /// Where a test ledger's clock stands when nobody says: 2000-01-01T00:00:00Z.
  static let firstTestTime = Instant(milliseconds: 946_684_800_000)

  static let wallClock: @Sendable () -> Instant = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Reads the keyring of a ledger, from which on no core dump of this process may be written.
  static func readKeys(_ path: String) throws(Failure) -> KeyRing {
    CoreDumps.forbid()
    do {
      return try KeyRingFile(path: path).read()
    } catch {
      throw .configuration("cannot use the keyring \(path): \(error.words)")
    }
  }

  static func calendar(_ identity: LedgerIdentity) throws(Failure) -> BusinessCalendar {
    do {
      return try ZoneCalendar.install(
        zone: identity.timezone, dayStartMinutes: identity.dayStartMinutes)
    } catch {
      throw .configuration(
        "the time zone \(error.name) is not in this machine's tz database (is tzdata installed?)")
    }
  }
}

extension Failure {
  init(_ error: StoreError) {
    switch error {
    case .full, .busy: self = .temporary(error.message)
    case .failed: self = .io(error.message)
    case .damaged: self = .data(error.message)
    case .foreign: self = .configuration(error.message)
    }
  }
}
