// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import Glibc
import LedgerCore
import Secrets
import Store
import StoreSQLite

/// Makes a new ledger: database and keyring, both for their owner only.
struct LedgerMaking {
  var directory: String
  var keyring: String?
  var currency = "CNY"
  var timezone = "Asia/Shanghai"
  var dayStart = "00:00"
  var isTest = false

  init(directory: String, keyring: String?) {
    self.directory = directory
    self.keyring = keyring
  }

  /// Makes the ledger; one that is there already is `existing`'s to judge.
  enum Existing {
    case refuse
    /// Somebody else was faster, or it has long been there: nothing is left to do.
    case accept
  }

  /// Makes a ledger in a directory that is missing, empty, or left by a making that was cut short.
  ///
  /// One process at a time makes it, so that tills switched on together all find one ledger.
  func make(_ existing: Existing = .refuse) throws(Failure) {
    try checkTerms()
    if LedgerPlace(directory).isServer { return try makeOnServer(existing) }
    try makeDirectory()
    let lock = try DirectoryLock(directory)
    defer { lock.unlock() }
    if SQLiteStore.exists(directory: directory) {
      guard existing == .refuse else { return }
      throw .cannotCreate("\(directory) holds a ledger already")
    }
    try makeInside()
  }

  private func checkTerms() throws(Failure) {
    guard currency.utf8.count == 3, currency.utf8.allSatisfy({ $0 >= 0x41 && $0 <= 0x5A }) else {
      throw .usage("--currency takes three capital letters of ISO 4217, such as CNY")
    }
    guard ZoneCalendar.exists(timezone) else {
      throw .usage("--timezone takes a name of the tz database, such as Asia/Shanghai")
    }
    guard LedgerMaking.minutes(dayStart) != nil else {
      throw .usage("--day-start takes HH:MM from 00:00 to 23:59")
    }
  }

  private func makeInside() throws(Failure) {
    for name in try Folder.names(in: directory) {
      guard LedgerMaking.leavings.contains(where: { name.hasPrefix($0) }) else {
        throw .cannotCreate("\(directory) is not empty (\(name)) and holds no ledger")
      }
      // A keyring that was not finished is nobody's; a finished one is used.
      if name.hasPrefix("keyring.json.new-") { unlink(directory + "/" + name) }
    }
    try makeLedger()
  }

  /// Makes a ledger on a server, and keys where there are none yet.
  ///
  /// Of the tills of one machine one makes it; of those of two machines one fails, because their
  /// keyrings could not be the same.
  private func makeOnServer(_ existing: Existing) throws(Failure) {
    let place = LedgerPlace(directory)
    let lock = try DirectoryLock(Folder.parent(of: keyring ?? ""))
    defer { lock.unlock() }
    let isThere: Bool
    do {
      isThere = try place.exists()
    } catch {
      throw Failure(error)
    }
    guard !isThere else {
      guard existing == .refuse else { return }
      throw .cannotCreate("\(place.name) holds a ledger already, or tables of such names")
    }
    try makeLedger()
  }

  private func makeLedger() throws(Failure) {
    let file = KeyRingFile(path: keyring ?? OpenedLedger.keyringPath(directory))
    let keys = try existingOrFreshKeys(file)
    let id = randomBytes(16).map { byte in
      let digits = String(byte, radix: 16)
      return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined()
    let identity = LedgerIdentity(
      id: id, currency: currency, timezone: timezone,
      dayStartMinutes: LedgerMaking.minutes(dayStart) ?? 0, isTest: isTest)
    do {
      try LedgerPlace(directory).create(identity: identity, chain: HashChain(keys))
    } catch {
      throw Failure(error)
    }
  }

  /// How the files begin that a making leaves when it is cut short.
  private static let leavings = [
    "keyring.json", "journal.lock", "journal.turn", "fold.lock", "journal.db.new",
  ]

  private func makeDirectory() throws(Failure) {
    guard mkdir(directory, 0o700) != 0, errno != EEXIST else { return }
    throw .cannotCreate("cannot make \(directory): \(String(cString: strerror(errno)))")
  }

  /// Keys that stand already are kept: a making that was cut short has made them.
  private func existingOrFreshKeys(_ file: KeyRingFile) throws(Failure) -> KeyRing {
    do {
      return try file.read()
    } catch .missing {
      let keys = KeyRing.fresh(at: isTest ? 0 : OpenedLedger.wallClock().milliseconds)
      do {
        try file.create(keys)
      } catch {
        throw .cannotCreate("cannot make the keyring \(file.path): \(error.words)")
      }
      return keys
    } catch {
      throw .configuration("cannot use the keyring \(file.path): \(error.words)")
    }
  }

  /// Minutes after midnight of `HH:MM`.
  static func minutes(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2,
      parts.allSatisfy({ part in
        part.utf8.count == 2 && part.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
      }), let hours = Int(parts[0]), let minutes = Int(parts[1]), hours < 24, minutes < 60
    else { return nil }
    return hours * 60 + minutes
  }
}
