// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import SQLite
package import Secrets
package import Store

// What concerns a directory as such, without a store on it.
extension SQLiteStore {
  /// Whether the directory holds a ledger; one whose making was cut short is none.
  package static func exists(directory path: String) -> Bool {
    LedgerDirectory.exists(LedgerDirectory(path: path).journal)
  }

  /// Whose ledger it is; needs no keys, and so proves nothing.
  package static func identity(directory path: String) throws(StoreError) -> LedgerIdentity {
    try JournalHeader(opening: LedgerDirectory(path: path), .readOnly).identity
  }

  /// Why a ledger must not lie in this directory (a network file system); nil when it may.
  package static func fileSystemProblem(directory path: String) -> String? {
    FileSystem.problem(of: path)
  }

  /// Makes a new ledger, and the directory with mode 0700 where there is none.
  ///
  /// Throws `foreign` when there is one already. The ledger is there, whole and durable, or it is
  /// not: its file gets its name last. What a maker that was killed left behind is written over.
  package static func create(
    directory path: String, identity: LedgerIdentity, chain: HashChain
  ) throws(StoreError) {
    let directory = LedgerDirectory(path: path)
    try directory.make()
    if let problem = FileSystem.problem(of: path) {
      throw .foreign("no ledger can be made in \(path): \(problem)")
    }
    try FileLock.open(directory.journalLock).holding { () throws(StoreError) in
      guard !LedgerDirectory.exists(directory.journal) else {
        throw .foreign("there is a ledger in \(path) already")
      }
      let temporary = directory.journal + ".new"
      try directory.removeDatabase(temporary)
      try stored { () throws(SQLiteError) in
        try writeJournal(temporary, identity, chain.genesis(over: identity.sealedBytes))
      }
      // Everything stands in the file itself; the log that WAL mode has opened is empty.
      try directory.remove(temporary + "-wal")
      try directory.remove(temporary + "-shm")
      try directory.publish(temporary, as: directory.journal)
    }
  }

  private static func writeJournal(
    _ path: String, _ identity: LedgerIdentity, _ genesis: ChainLink
  ) throws(SQLiteError) {
    let connection = try Connection(path: path, mode: .create)
    try connection.execute("PRAGMA synchronous = FULL")
    try connection.execute(JournalSchema.creation)
    try JournalHeader.write(identity, genesis: genesis.bytes, to: connection)
    try connection.execute("COMMIT; PRAGMA journal_mode = WAL")
  }

  /// Makes state.db anew from the journal; answers the newest entry in it.
  ///
  /// May be called while tills serve the directory: they go on, and take up the new file before
  /// they next fold. Takes as long as folding the whole journal does; until then they keep what
  /// they append in memory. Throws `damaged` where the journal does not follow its chain, and
  /// leaves the old state then. Where the journal's log has lost groups, what is left of it is
  /// copied and the rest dropped for good.
  package static func rebuild(
    directory path: String, chain: HashChain
  ) throws(StoreError) -> EntryID {
    let directory = LedgerDirectory(path: path)
    let journal = try Journal(directory, chain: chain)
    let head = try FileLock.open(directory.foldLock).holding { () throws(StoreError) in
      try StateBuilder.replace(directory, journal, slice: Options().rebuildSlice)
    }
    try FileLock.open(directory.journalLock).holding { () throws(StoreError) in
      guard directory.journalLogProblem(journal.connection) != nil else { return }
      _ = try stored { () throws(SQLiteError) in try journal.connection.checkpoint(.truncate) }
    }
    return head
  }
}
