// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Engine
import LedgerCore
import Secrets
import Store
import StoreSQLite

#if PostgreSQL
  import StorePostgreSQL
#endif

/// `scrip migrate`: a ledger from a directory to a server, or back.
struct Migrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Moves a ledger from a directory to a PostgreSQL server, or back.",
    discussion: """
      Copies every entry as it is, with its link in the chain, and the holders' particulars; makes \
      the state anew from them; recomputes everything; and compares the copy with the original, \
      entry by entry. Only then can the copy be served. The original is left as it is.

      Stop every till of the ledger first: what is entered while it is being copied is noticed, \
      and then nothing is moved (exit code 75). Never serve both ledgers side by side.

      The keyring is not moved; the copy is served with the same one.
      """)

  @Option(help: "The ledger: its directory, or postgresql://…")
  var from: String

  @Option(help: "Where it goes: a new directory, or postgresql://…")
  var to: String

  @Option(help: "The keyring, if it is not keyring.json in the directory.", completion: .file())
  var keyring: String?

  func run() throws {
    var isGood = true
    try scrip.run { () throws(Failure) in isGood = try migrate() }
    if !isGood { throw ExitCode(2) }
  }

  private func migrate() throws(Failure) -> Bool {
    let (source, target) = (LedgerPlace(from), LedgerPlace(to))
    guard source.isServer != target.isServer else {
      throw .usage("--from and --to take a directory and a server, or a server and a directory")
    }
    let ring = keyring ?? OpenedLedger.keyringPath(source.isServer ? to : from)
    let keys = try OpenedLedger.readKeys(ring)
    do {
      let view = try source.inspection()
      let problems = try LedgerVerification.audit(view, keys: keys).problems.map(\.description)
      guard problems.isEmpty else { return try Self.name(problems) }
      let found: [String]
      switch target {
      case .directory(let path): found = try copy(view, into: path, keys)
      case .server: found = try copy(view, to: target, keys)
      }
      guard found.isEmpty else { return try Self.name(found) }
      let count = counted(view.head.sequence, "entry", "entries")
      try StandardOutput.write("moved \(count) to \(target.name), compared one by one")
      return true
    } catch let failure as Failure {
      throw failure
    } catch let error as StoreError {
      throw Failure(error)
    } catch {
      preconditionFailure("nothing else is thrown")
    }
  }

  private static func name(_ problems: [String]) throws(Failure) -> Bool {
    for problem in problems { try StandardOutput.write(problem) }
    return false
  }

  /// Refuses when somebody has gone on with the original.
  private func requireStill(_ view: any LedgerInspection) throws {
    let head = try LedgerPlace(from).head().entry
    guard head != view.head else { return }
    throw Failure.temporary(
      "entries came after entry \(view.head.sequence) meanwhile: stop every till, and move again")
  }

  // MARK: Into a directory

  private func copy(
    _ view: any LedgerInspection, into path: String, _ keys: KeyRing
  ) throws -> [String] {
    let staged = try StagedCopy(in: path, permitting: ["keyring.json"])
    let problems = try staged.fill(keys: keys) { path throws(StoreError) in
      try SQLiteStore.importJournal(JournalCopy(of: view), into: path)
      let copied = try SQLiteInspection(directory: path)
      if let problem = try JournalCopy.difference(of: copied, from: view) {
        throw .damaged(entry: nil, reason: problem)
      }
    }
    guard problems.isEmpty else {
      try staged.clear()
      return problems
    }
    do {
      try requireStill(view)
    } catch {
      try staged.clear()
      throw error
    }
    try staged.publish()
    _ = try SQLiteStore.rebuild(directory: path, chain: HashChain(keys))
    return []
  }

  // MARK: To a server

  private func copy(
    _ view: any LedgerInspection, to target: LedgerPlace, _ keys: KeyRing
  ) throws -> [String] {
    #if PostgreSQL
      let line = ProgressLine()
      defer { line.clear() }
      let all = view.head.sequence
      try PostgreSQLStore.importJournal(
        JournalCopy(of: view), to: to, chain: HashChain(keys), progress: { line.show($0, of: all) })
      let copied = try PostgreSQLInspection(to, isUnfinished: true)
      if let problem = try JournalCopy.difference(of: copied, from: view) { return [problem] }
      let problems = try LedgerVerification.audit(copied, keys: keys).problems
      guard problems.isEmpty else { return problems.map(\.description) }
      try requireStill(view)
      try PostgreSQLStore.finishImport(to)
      return []
    #else
      _ = try target.inspection()
      return []
    #endif
  }
}
