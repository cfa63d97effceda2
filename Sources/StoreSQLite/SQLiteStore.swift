// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
package import LedgerCore
import SQLite
package import Secrets
package import Store

/// A ledger in a directory: an append-only journal, and tables folded from it.
///
/// `journal.db` is the truth and durable at the end of each group (WAL, `synchronous=FULL`);
/// `state.db` follows in slices, on a thread of its own, and can be made anew at any time. The
/// working set holds what is not folded yet. Several processes may have one directory open:
/// `journal.lock` is held around each group that writes and each checkpoint of the journal,
/// `fold.lock` around each fold and each checkpoint of the state.
package final class SQLiteStore: LedgerStore {
  package var identity: LedgerIdentity { journal.identity }
  package var headLink: [UInt8]? { position.link.bytes }
  @exclusivity(unchecked) package internal(set) var working: WorkingSet

  let directory: LedgerDirectory
  let options: Options
  let journal: Journal
  let people: People
  var records: FoldedRecords
  let journalLock: QueuedFileLock
  /// The files that `journal` has open, and when they were looked at last.
  let files: JournalFiles
  var filesSeenAt: Int64 = 0
  /// The last entry of `working`, with its link.
  var position: Journal.Position
  /// The version of journal.db in which `position` is the newest entry, where that is known.
  var newestVersion: UInt32?
  var group = Group.none
  /// Once set, nothing can be said of the journal any more: every group is refused with it.
  var failure: StoreError?
  /// `working` is not as of the journal, and is built anew before anything is done with it.
  var isStale = false
  /// state.db is gone, or not the file that was opened: the next group opens it anew.
  var isStateLost = false
  var stateFile: LedgerDirectory.FileIdentity
  var folder: Folder
  var upkeep: Upkeep

  /// What is under way.
  enum Group {
    case none
    case reading
    case writing
    /// As `writing`, and something was appended.
    case appending
    /// An append failed: the group can only be abandoned.
    case broken
  }

  /// Opens a ledger and brings the working state up to the newest entry.
  ///
  /// What of the state is missing, damaged or not this ledger's is made anew. Throws `foreign`
  /// when there is no ledger, or not one for this version, or the directory lies on a network
  /// file system; `damaged` when the journal after the state's head does not follow the chain, its
  /// log has lost groups, or the keys are another ledger's.
  package init(
    directory path: String, chain: HashChain, options: Options = Options()
  ) throws(StoreError) {
    if let problem = FileSystem.problem(of: path) {
      throw .foreign("no ledger can be served in \(path): \(problem)")
    }
    let directory = LedgerDirectory(path: path)
    self.directory = directory
    self.options = options
    let journal = try Journal(directory, chain: chain)
    self.journal = journal
    files = JournalFiles(directory)
    people = try People(journal.connection)
    journalLock = try QueuedFileLock.open(directory)
    try FileLock.open(directory.journalLock).holding { () throws(StoreError) in
      try journal.checkLog(of: directory)
    }
    let state = try OpenState.open(directory, journal, options)
    records = state.records
    working = state.working
    position = Journal.Position(entry: state.meta.point.head, link: state.meta.link)
    folder = try Folder(FoldingBench(directory, state, files))
    upkeep = Upkeep(base: state.meta.point.head, directory)
    stateFile = state.file
    watchState()
    do throws(StoreError) {
      try catchUp()
    } catch {
      guard isStateLost else { throw error }
      try reopenState()
    }
  }

  /// Folds in what the journal has after `position`.
  func catchUp() throws(StoreError) {
    let working = working
    newestVersion = nil
    records.state.beginGroup()
    defer { if group == .none { records.state.endGroup() } }
    do throws(StoreError) {
      let count = try journal.forEach(after: &position) { entry throws(StoreError) in
        try working.apply(entry)
      }
      if count > 0 { upkeep.noteEntries() }
    } catch {
      // The entry that failed may be in the working set in part.
      isStale = true
      // Damage to the journal stays; what is damaged in the state will be made anew.
      if case .damaged(.some, _) = error { failure = error }
      throw error
    }
  }
}

extension SQLiteStore {
  /// Links and checks under these keys from now on; between groups, or while one begins.
  package func adopt(_ chain: HashChain) { journal.chain = chain }

  /// What to ask for newer keys when an entry is linked under one that is not known here.
  package var renewal: (() -> HashChain?)? {
    get { journal.renewal }
    set { journal.renewal = newValue }
  }

  package func entries(from first: EntryID, limit: Int) throws(StoreError) -> [Entry] {
    let before = EntryID(max(0, first.sequence - 1))
    guard limit > 0, let link = try journal.link(of: before) else { return [] }
    var start = Journal.Position(entry: before, link: link)
    var entries: [Entry] = []
    _ = try journal.forEach(after: &start, limit: limit) { entry throws(StoreError) in
      entries.append(entry)
    }
    return entries
  }

  package func person(of account: AccountID) throws(StoreError) -> Person? {
    try stored { () throws(SQLiteError) in try people.person(of: account) }
  }

  package func accounts(
    holding particulars: [Person.Particular: String], after cursor: AccountID?, limit: Int
  ) throws(StoreError) -> [AccountID] {
    try stored { () throws(SQLiteError) in
      try people.accounts(holding: particulars, after: cursor, limit: limit)
    }
  }
}
