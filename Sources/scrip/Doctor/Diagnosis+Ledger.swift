// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import Glibc
import LedgerCore
import SQLite
import Store
import StoreSQLite

// The ledger itself, its time, and who else is at it.
extension Diagnosis {
  /// Whether the machine knows the ledger's time zone.
  func timeZoneFinding(_ identity: LedgerIdentity) -> Finding {
    guard ZoneCalendar.exists(identity.timezone) else {
      return Finding(
        .fail, "time_zone",
        "\(identity.timezone) is not in this machine's tz database: install tzdata")
    }
    return Finding(.ok, "time_zone", "\(identity.timezone) is in the tz database")
  }

  /// How the fold and the clock stand to the newest entry.
  func ledgerFindings(_ identity: LedgerIdentity) -> [Finding] {
    do {
      let inspection = try LedgerPlace(directory).inspection()
      let newest = try inspection.rows(after: inspection.head.sequence - 1, limit: 1).first
      return [
        clockFinding(identity, newest: newest.map { Instant(milliseconds: $0.at) }),
        foldFinding(head: inspection.head, folded: try? inspection.foldPoint()?.point.head),
      ]
    } catch {
      return [Finding(.fail, "journal", error.message)]
    }
  }

  private func clockFinding(_ identity: LedgerIdentity, newest: Instant?) -> Finding {
    if identity.isTest {
      let text = newest.map { "moved by hand, at \($0.text) or later" } ?? "moved by hand"
      return Finding(.ok, "clock", text)
    }
    let now = OpenedLedger.wallClock()
    guard now >= Self.oldestPlausible else {
      return Finding(.fail, "clock", "\(now.text): the machine's clock is not set")
    }
    guard let newest, newest > now else { return Finding(.ok, "clock", now.text) }
    let seconds = (newest.milliseconds - now.milliseconds) / 1000
    let text =
      "\(now.text) is \(counted(seconds, "second", "seconds")) behind the newest entry: until the "
      + "clock has caught up, every entry gets that one's time, \(newest.text)"
    if seconds >= 3600 { return Finding(.fail, "clock", text) }
    return Finding(seconds >= 5 ? .warn : .ok, "clock", seconds >= 5 ? text : now.text)
  }

  /// This program did not exist before 2026.
  private static let oldestPlausible = Instant(milliseconds: 1_767_225_600_000)

  private func foldFinding(head: EntryID, folded: EntryID??) -> Finding {
    let name = "state"
    guard let found = folded, let folded = found else {
      guard head > .none else { return Finding(.ok, name, "no entries yet") }
      return Finding(
        .warn, name, "no folded state that can be read: the next start makes it anew")
    }
    let behind = head.sequence - folded.sequence
    let text = "\(counted(head.sequence, "entry", "entries")), \(grouped(behind)) not folded yet"
    // What a store keeps unfolded at most, and what may be added while a slice is under way.
    guard behind > 2 * Int64(SQLiteStore.Options().tailLimit) else {
      return Finding(.ok, name, text)
    }
    return Finding(.warn, name, text + ": the next start takes longer")
  }

  /// Which other processes have the ledger open.
  func usersFinding() -> Finding {
    let users = LedgerUsers.all(of: directory)
    guard !users.isEmpty else { return Finding(.ok, "processes", "no other has it open") }
    let text = users.map(\.text).joined(separator: ", ") + " has it open"
    // Ours checkpoint under the writer lock; of others nobody knows.
    guard let own = LedgerUsers.ownName, users.contains(where: { $0.name != own }) else {
      return Finding(.ok, "processes", text)
    }
    return Finding(
      .warn, "processes",
      text + ": a program other than Scrip may checkpoint outside of the writer lock, which can "
        + "damage the files; end it, or open them for reading only, as in `sqlite3 -readonly`")
  }

  /// Whether the writers' lock comes free: it is held for milliseconds at a time.
  func writerFinding() -> Finding {
    let name = "writer_lock"
    do {
      let lock = try FileLock(path: directory + "/journal.lock")
      let start = monotonicMilliseconds()
      while try !lock.tryLock() {
        guard monotonicMilliseconds() - start < 2000 else {
          let holders = LedgerUsers.writers(of: directory).map(\.text).joined(separator: ", ")
          return Finding(
            .fail, name, "held for 2 seconds by process \(holders.isEmpty ? "?" : holders)")
        }
        usleep(2000)
      }
      lock.unlock()
      let waited = monotonicMilliseconds() - start
      return Finding(.ok, name, waited < 2 ? "free" : "free after \(waited) ms")
    } catch {
      return Finding(.fail, name, "\(error)")
    }
  }

  /// Which SQLite this is, and why its known fault cannot strike.
  func libraryFinding() -> Finding {
    let version = Connection.libraryVersion
    let number = Connection.libraryVersionNumber
    guard (3_007_000...3_051_002).contains(number) else {
      return Finding(.ok, "sqlite", version)
    }
    return Finding(
      .ok, "sqlite",
      "\(version); 3.7.0 to 3.51.2 can damage a database when a checkpoint races a commit, which "
        + "Scrip rules out: both happen under the writer lock only. Open the files with other "
        + "programs for reading only, as in `sqlite3 -readonly`")
  }

  /// Whether a crash could write keys to the disk.
  func coreDumpFinding() -> Finding {
    let here = CoreDumps.areOff ? "off here" : "on here"
    return Finding(.ok, "core_dumps", "\(here); `scrip serve` turns them off for itself")
  }
}
