// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite
import Store

// What happens when state.db is not what it was: it is only a fold, so it is made anew.
extension SQLiteStore {
  /// Reads the state's head and builds the working set anew from there.
  func reload() throws(StoreError) {
    guard let meta = try records.state.meta() else {
      throw records.state.damage("it does not say where it stands")
    }
    records.state.shortcut.close()
    working = try WorkingSet(source: records, at: meta.point, cachedBytes: options.cachedBytes)
    position = Journal.Position(entry: meta.point.head, link: meta.link)
    upkeep.restart(at: meta.point.head)
    isStale = false
    try catchUp()
  }

  /// Has damage that a read finds lead to a new state.
  func watchState() {
    records.state.onDamage = { [unowned self] reason in discardState(reason) }
  }

  /// Takes the damaged state out of the way, so that whoever opens the ledger next makes it anew:
  /// this store with its next group, or another process if this one ends.
  func discardState(_ reason: String) {
    isStateLost = true
    options.notice("the state is damaged: \(reason)")
    do throws(StoreError) {
      try FileLock.open(directory.foldLock).holding { () throws(StoreError) in
        // By now it may be another's new one.
        guard LedgerDirectory.identity(of: directory.state) == stateFile else { return }
        try directory.removeDatabase(directory.state)
      }
    } catch {
      options.notice("the damaged state stays: \(error.message)")
    }
  }

  /// Opens state.db anew, or makes it anew, and brings the working set up from there.
  func reopenState() throws(StoreError) {
    // Another ledger may stand there by now, whose state must not become this one's.
    try checkFiles()
    let state = try OpenState.open(directory, journal, options)
    folder.stop()
    folder = try Folder(FoldingBench(directory, state, files))
    records.state.onDamage = { _ in }
    records = state.records
    working = state.working
    position = Journal.Position(entry: state.meta.point.head, link: state.meta.link)
    upkeep = Upkeep(base: state.meta.point.head, directory)
    stateFile = state.file
    isStateLost = false
    isStale = false
    watchState()
    try catchUp()
  }
}
