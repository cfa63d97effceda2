// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Store

/// state.db as it was found fit for use, or made so.
struct OpenState {
  let records: FoldedRecords
  /// What stands in it, with nothing after that.
  let working: WorkingSet
  let writer: StateWriter
  let file: LedgerDirectory.FileIdentity
  let meta: StateMeta

  static let readerSettings = Database.Settings(
    synchronous: .normal, cacheMebibytes: 4, hasPageSums: true)
  private static let writerSettings = Database.Settings(
    synchronous: .normal, cacheMebibytes: 12, hasPageSums: true)

  private enum Trial {
    case fit(OpenState)
    case unfit(String)
  }

  /// Opens the state of this journal; one that does not fit it, or is damaged, is made anew.
  ///
  /// Waits for fold.lock. Throws only what concerns the journal, or that nothing can be written.
  static func open(
    _ directory: LedgerDirectory, _ journal: Journal, _ options: SQLiteStore.Options
  ) throws(StoreError) -> OpenState {
    let lock = try FileLock.open(directory.foldLock)
    return try lock.holding { () throws(StoreError) in
      switch try attempt(directory, journal, options) {
      case .fit(let state): return state
      case .unfit(let reason):
        if try journal.newest() != nil { options.notice("the state is made anew: \(reason)") }
      }
      _ = try StateBuilder.replace(directory, journal, slice: options.rebuildSlice)
      switch try attempt(directory, journal, options) {
      case .fit(let state): return state
      case .unfit(let reason): throw .failed("the state, just made, is unfit: \(reason)")
      }
    }
  }

  private static func attempt(
    _ directory: LedgerDirectory, _ journal: Journal, _ options: SQLiteStore.Options
  ) throws(StoreError) -> Trial {
    guard let file = LedgerDirectory.identity(of: directory.state) else {
      return .unfit("there is none")
    }
    do throws(StoreError) {
      guard let first = try connect(directory, readerSettings),
        let second = try connect(directory, writerSettings)
      else { return .unfit("state.db is of another version, or none") }
      let reader = try StateReader(first)
      let writer = try StateWriter(second)
      guard var meta = try reader.meta() else { return .unfit("it does not say where it stands") }
      if try isLogBehind(directory, meta) { return .unfit("its log has lost what was copied") }
      if let reason = try mismatch(meta, journal) { return .unfit(reason) }
      let records = FoldedRecords(journal: journal, state: reader)
      let newest = try journal.newest()?.entry ?? .none
      if newest.sequence - meta.point.head.sequence > Int64(options.rebuildSlice) {
        meta = try StateBuilder.advance(
          records, writer, from: meta, slice: options.rebuildSlice)
        _ = try? second.checkpoint(.passive)
      }
      let working = try WorkingSet(
        source: records, at: meta.point, cachedBytes: options.cachedBytes)
      return .fit(
        OpenState(records: records, working: working, writer: writer, file: file, meta: meta))
    } catch {
      // Damage that names no entry is the state's; the journal's own would stop the making anew.
      guard case .damaged(nil, let reason) = error else { throw error }
      return .unfit(reason)
    }
  }

  private static func connect(
    _ directory: LedgerDirectory, _ settings: Database.Settings
  ) throws(StoreError) -> Connection? {
    let (connection, origin) = try stored { () throws(SQLiteError) in
      try Database.open(
        directory.state, .readWrite, settings, application: StateSchema.applicationID,
        version: StateSchema.version)
    }
    guard case .ours = origin else { return nil }
    let problem = try stored { () throws(SQLiteError) in
      try Database.problem(of: connection, settings)
    }
    if let problem { throw .failed("state.db: \(problem)") }
    return connection
  }

  /// Whether the file is further than the file and its log together.
  ///
  /// A log that was copied and is found again, damaged, counts only up to the damage: older pages
  /// of it would then stand in front of the newer ones of the file. The row of `meta` is on the
  /// page that is copied first, so that it is as new as any other.
  private static func isLogBehind(
    _ directory: LedgerDirectory, _ meta: StateMeta
  ) throws(StoreError) -> Bool {
    guard LedgerDirectory.size(of: directory.state + "-wal") > 0 else { return false }
    do throws(SQLiteError) {
      let file = try Connection(path: directory.state, mode: .readOnly, ignoresLog: true)
      let copied = try file.integer("SELECT head FROM meta") ?? 0
      return copied > meta.point.head.sequence
    } catch {
      // What a kill left half copied; the log has all of it.
      return false
    }
  }

  /// Why the fold cannot be used with this journal; nil when it can.
  ///
  /// Throws `damaged` where the state knows entries that the journal does not hold: it folds only
  /// what was durable, so the journal has lost them, or another has been put in its place. Serving
  /// then would forget in silence what was answered.
  private static func mismatch(
    _ meta: StateMeta, _ journal: Journal
  ) throws(StoreError) -> String? {
    guard meta.ledger == journal.identity.id else { return "it is another ledger's" }
    let head = meta.point.head
    guard let link = try journal.link(of: head) else {
      let last = try journal.newest()?.entry ?? .none
      throw .damaged(
        entry: last.next,
        reason: "the journal ends before it, but the state has folded entries up to "
          + "\(head.sequence): entries are lost. Restore the journal with its -wal file, or accept "
          + "the loss with: scrip rebuild")
    }
    guard link == meta.link else {
      throw .damaged(
        entry: head,
        reason: "the journal is not the one that was folded: restore the right one, or accept this "
          + "one with: scrip rebuild")
    }
    return nil
  }
}
