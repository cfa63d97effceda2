// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import LedgerCore
import Secrets
import StoreSQLite

/// `scrip rebuild`: the folded state, made anew from the journal.
struct Rebuild: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Throws the folded state away and makes it anew from the journal.",
    discussion: """
      Nothing is lost by it: the journal is the truth, and balances, lots and holds are what it \
      adds up to. Tills that run go on meanwhile; one that is started, or ends, waits until it \
      is made, some 25 s for a million entries. A journal that does not follow its chain is not \
      folded (exit code 65); the old state then stays.
      """)

  @OptionGroup var ledger: LedgerOptions

  func run() throws {
    try scrip.run { () throws(Failure) in try rebuild() }
  }

  private func rebuild() throws(Failure) {
    try ledger.requireDirectory(for: "rebuild")
    _ = try ledger.identity()
    try ledger.requireOwner(of: ledger.data + "/journal.db")
    let keys = try OpenedLedger.readKeys(ledger.keyringPath)
    let last: EntryID
    do {
      last = try SQLiteStore.rebuild(directory: ledger.data, chain: HashChain(keys))
    } catch {
      throw Failure(error)
    }
    try StandardOutput.write("folded \(counted(last.sequence, "entry", "entries"))")
  }
}
