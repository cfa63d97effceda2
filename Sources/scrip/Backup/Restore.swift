// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Glibc
import LedgerCore
import Secrets
import Store
import StoreSQLite

/// `scrip restore`: a ledger from its backup.
struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a ledger from a backup, after checking it.",
    discussion: """
      --data names a directory that is missing or empty, but for a keyring; a ledger is never \
      written over. The keys are the keyring there, else that of --keyring, else that of the \
      backup. Everything is recomputed before the ledger gets its name: with a violation nothing \
      is restored (exit code 2).

      What is missing against the heads of --against (see `scrip head`) is named, and then the \
      exit code is 2 though the ledger is restored: those entries were answered once, and tills \
      may still hold receipts of them. So is what --to-seq leaves out. Never serve a restored \
      ledger and the one it was copied from side by side.
      """)

  @Argument(help: "The directory of the backup.", completion: .directory)
  var backup: String

  @OptionGroup var ledger: LedgerOptions

  @Option(help: "Leave out every entry after this one.")
  var toSeq: Int64?

  @Option(help: "Heads that were kept elsewhere, a line each.", completion: .file())
  var against: String?

  func run() throws {
    var isGood = true
    try scrip.run { () throws(Failure) in isGood = try restore() }
    if !isGood { throw ExitCode(2) }
  }

  private func restore() throws(Failure) -> Bool {
    try ledger.requireDirectory(for: "restore")
    if let toSeq, toSeq < 0 { throw .usage("--to-seq takes the number of an entry") }
    do {
      _ = try SQLiteStore.identity(directory: backup)
    } catch {
      throw Failure(error)
    }
    var heads: [LedgerHead] = []
    if access(backup + "/head.json", F_OK) == 0 {
      heads = try LedgerHead.read(backup + "/head.json")
    }
    if let against { heads += try LedgerHead.read(against) }
    if heads.isEmpty {
      StandardError.write(
        "scrip: \(backup) has no head in head.json: what it may lack at its end cannot be seen")
    }
    let (keys, keyring) = try findKeys()
    let copy = try StagedCopy(in: ledger.data, permitting: ["keyring.json"])
    let lock = try DirectoryLock(ledger.data)
    defer { lock.unlock() }
    let problems = try copy.fill(from: backup, upTo: toSeq.map { EntryID($0) }, keys: keys)
    guard problems.isEmpty else {
      try copy.clear()
      for problem in problems { try StandardOutput.write(problem) }
      StandardError.write("scrip: nothing is restored: the backup has the violations named above")
      return false
    }
    if let keyring { try copy.add("keyring.json", keyring) }
    try copy.publish()
    return try finish(keys, heads)
  }

  /// Makes the state, and says what there is and what is missing.
  private func finish(_ keys: KeyRing, _ heads: [LedgerHead]) throws(Failure) -> Bool {
    let last: EntryID
    do {
      last = try SQLiteStore.rebuild(directory: ledger.data, chain: HashChain(keys))
    } catch {
      throw Failure(error)
    }
    var missing: Set<String> = []
    for head in heads {
      guard let problem = try head.problem(in: ledger.data), missing.insert(problem).inserted
      else { continue }
      try StandardOutput.write(problem)
    }
    let count = counted(last.sequence, "entry", "entries")
    try StandardOutput.write("restored \(count) into \(ledger.data)")
    return missing.isEmpty
  }

  /// The keys, and the bytes of their file where that must be put beside the ledger.
  private func findKeys() throws(Failure) -> (KeyRing, copy: [UInt8]?) {
    let own = OpenedLedger.keyringPath(ledger.data)
    if let named = ledger.keyring { return (try OpenedLedger.readKeys(named), nil) }
    if access(own, F_OK) == 0 { return (try OpenedLedger.readKeys(own), nil) }
    let kept = OpenedLedger.keyringPath(backup)
    guard access(kept, F_OK) == 0 else {
      throw .configuration(
        "the backup holds no keyring: put yours at \(own), or name it with --keyring")
    }
    return (try OpenedLedger.readKeys(kept), File.bytes(of: kept))
  }
}
