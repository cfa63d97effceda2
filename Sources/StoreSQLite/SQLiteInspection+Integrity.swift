// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite
package import Store

// What the databases say of themselves, whatever stands in their rows.
extension SQLiteInspection {
  package func integrityProblems() throws(StoreError) -> [String] {
    var problems = stateProblem.map { [$0] } ?? []
    problems += try Self.check(journal).map { "journal.db: \($0)" }
    problems += try Self.logProblem(of: directory, journal).map { ["journal.db: \($0)"] } ?? []
    problems += try Self.differences(of: journal, from: JournalSchema.creation + "COMMIT")
      .map { "journal.db: \($0)" }
    problems += try strangersInMeta().map { "journal.db: \($0)" }
    guard let state else { return problems }
    if try stored({ () throws(SQLiteError) in
      try state.integer("SELECT count(*) + (max(id) <> 1) FROM meta")
    }) != 1 {
      problems.append("state.db: it does not say where it stands")
    }
    let found = try Self.check(state)
    let pages = try checkPages().filter { !found.contains($0) }
    problems += (found + pages).map { "state.db: \($0)" }
    problems += try Self.differences(of: state, from: StateSchema.creation)
      .map { "state.db: \($0)" }
    return problems
  }

  private static func check(_ connection: Connection) throws(StoreError) -> [String] {
    do throws(SQLiteError) {
      let statement = try connection.prepare("PRAGMA integrity_check")
      var lines: [String] = []
      while try statement.step() { lines.append(statement.text(0)) }
      return lines == ["ok"] ? [] : lines
    } catch {
      guard case .damaged(_, let reason) = StoreError(error) else { throw StoreError(error) }
      return [reason]
    }
  }

  /// Reads every page of the state as it is read when it is served, with the sums of the pages.
  ///
  /// The view of the rows, begun before, keeps what it reads of the file from being copied over.
  private func checkPages() throws(StoreError) -> [String] {
    let connection: Connection
    do throws(SQLiteError) {
      connection = try Database.open(
        directory.state, .readOnly, OpenState.readerSettings,
        application: StateSchema.applicationID, version: StateSchema.version
      ).connection
    } catch {
      guard case .damaged(_, let reason) = StoreError(error) else { throw StoreError(error) }
      return [reason]
    }
    return try Self.check(connection)
  }

  /// Why the log of a journal cannot be believed; nil when there is no sign of a loss, or its lock
  /// cannot be had.
  static func logProblem(
    of directory: LedgerDirectory, _ connection: Connection
  ) throws(StoreError) -> String? {
    guard let lock = try? FileLock.open(directory.journalLock) else { return nil }
    for _ in 0..<500 {
      if (try? lock.tryLock()) == true {
        defer { lock.unlock() }
        return directory.journalLogProblem(connection)
      }
      usleep(2000)
    }
    return nil
  }

  /// In which tables, indexes and triggers a database differs from one just made.
  private static func differences(
    of connection: Connection, from creation: String
  ) throws(StoreError) -> [String] {
    try stored { () throws(SQLiteError) in
      let fresh = try Connection(path: ":memory:", mode: .create)
      try fresh.execute(creation)
      let (due, found) = (try parts(of: fresh), try parts(of: connection))
      return Set(due.keys).union(found.keys).sorted().compactMap { name in
        guard due[name] != found[name] else { return nil }
        if due[name] == nil { return "\(name) does not belong there" }
        return found[name] == nil ? "\(name) is missing" : "\(name) is not as it was made"
      }
    }
  }

  private static func parts(of connection: Connection) throws(SQLiteError) -> [String: String] {
    let select = try connection.prepare("SELECT type, name, sql FROM sqlite_schema")
    var parts: [String: String] = [:]
    while try select.step() { parts[select.text(0) + " " + select.text(1)] = select.text(2) }
    return parts
  }

  /// Rows of the journal's `meta` that are none of the ledger's identity, which the chain seals.
  private func strangersInMeta() throws(StoreError) -> [String] {
    try stored { () throws(SQLiteError) in
      let select = try journal.prepare("SELECT name, value FROM meta ORDER BY name")
      var problems: [String] = []
      var hasSchema = false
      while try select.step() {
        let name = select.text(0)
        if name == "schema" {
          hasSchema = true
          if select.integer(1) != JournalSchema.version {
            problems.append("it says that it is of schema \(select.text(1))")
          }
        } else if !JournalHeader.sealedNames.contains(name) {
          problems.append("its meta holds a row that does not belong there: \(name)")
        }
      }
      return hasSchema ? problems : problems + ["it does not say of which schema it is"]
    }
  }
}
