// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import SQLite
package import Store

extension SQLiteStore {
  package func begin(writing: Bool) throws(StoreError) {
    precondition(group == .none, "one group at a time")
    if let failure { throw failure }
    try checkFilesNowAndThen()
    if isStateLost { try reopenState() }
    do throws(StoreError) {
      try enter(writing: writing)
    } catch {
      guard isStateLost else { throw error }
      try reopenState()
      try enter(writing: writing)
    }
  }

  private func enter(writing: Bool) throws(StoreError) {
    records.state.beginGroup()
    do throws(StoreError) {
      if writing { try lockJournal() }
      group = writing ? .writing : .reading
      if isStale { try reload() }
      if !writing || journal.connection.dataVersion != newestVersion {
        if let newest = try journal.newest(), newest.entry > position.entry {
          try follow(to: newest.entry)
        }
      }
      working.keepsReads = !writing
    } catch {
      drop()
      throw error
    }
  }

  package func append(_ entry: Entry, person: Person?) throws(StoreError) {
    precondition(group == .writing || group == .appending, "entries belong to a group that writes")
    group = .broken
    newestVersion = nil
    guard entry.id == position.entry.next else {
      throw .damaged(entry: entry.id, reason: "it is not the next entry")
    }
    do throws(SQLiteError) {
      upkeep.groupBytes += try journal.append(entry, at: &position)
      if let person, let account = entry.account { try people.keep(person, of: account) }
    } catch {
      throw StoreError(error, journal: entry.id)
    }
    try working.apply(entry)
    group = .appending
  }

  package func end(meanwhile work: () -> Void) throws(StoreError) {
    precondition(group != .none, "a group begins before it ends")
    precondition(group != .broken, "a group in which an append failed is abandoned")
    guard group == .appending else { return drop() }
    do throws(SQLiteError) {
      try journal.commit(meanwhile: work)
      newestVersion = journal.connection.dataVersion
      upkeep.noteCommit()
      drop()
    } catch {
      drop()
      isStale = true
      switch error.code {
      case .full, .busy, .locked:
        // The frame that would have made the group valid was not written.
        try reload()
        throw StoreError(error)
      default:
        let unknown = StoreError.failed("the outcome of a commit is unknown: \(error)")
        failure = unknown
        throw unknown
      }
    }
  }

  package func abandon() throws(StoreError) {
    let hadEntries = group == .appending || group == .broken
    drop()
    if let failure { throw failure }
    guard hadEntries else { return }
    isStale = true
    // A state that is lost is opened anew by the next group, and the working set with it.
    if !isStateLost { try reload() }
  }

  /// Ends the group without keeping anything of it; after a commit there is nothing left to drop.
  private func drop() {
    journal.rollback()
    records.state.endGroup()
    if journalLock.isHeld { journalLock.unlock() }
    group = .none
    upkeep.groupBytes = 0
  }

  /// Keeps other processes from writing until the group ends.
  private func lockJournal() throws(StoreError) {
    do throws(FileLockError) {
      try journalLock.lock()
    } catch {
      throw StoreError(error)
    }
    try stored { () throws(SQLiteError) in try journal.begin() }
  }

  /// Folds in what other processes have appended, by the shorter way.
  private func follow(to newest: EntryID) throws(StoreError) {
    let behind = newest.sequence - position.entry.sequence
    if behind > options.reloadThreshold, let meta = try records.state.meta(),
      meta.point.head > position.entry
    {
      return try reload()
    }
    try catchUp()
  }
}
