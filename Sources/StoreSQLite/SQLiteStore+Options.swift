// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension SQLiteStore {
  /// The sizes by which a store does its upkeep, and where it tells of it.
  package struct Options: Sendable {
    /// How many entries wait before they are folded while the loop is busy.
    package var foldThreshold = 4096
    /// How many entries may wait: bounds memory, and the replay at the start after a crash.
    package var tailLimit = 8192
    /// How long no entry must have come for the rest to be folded, in milliseconds.
    package var quietMilliseconds: Int64 = 50
    /// Pages in the journal's log from which on it is copied into the database.
    package var journalLogPages = 1000
    /// Pages in the state's log from which on it is copied into the database.
    package var stateLogPages = 16_000
    /// How many entries a rebuild folds at a time; a state further behind than this at the start
    /// is brought up in such steps rather than in memory.
    package var rebuildSlice = 65_536
    /// How many entries of other processes are folded in one by one before reading the state
    /// anew is the shorter way.
    package var reloadThreshold: Int64 = 50_000
    /// How many bytes of accounts are kept in memory; nil for the usual.
    package var cachedBytes: Int?
    /// Told, in one line, what an operator may want to know: a state rebuilt, a fold that failed.
    ///
    /// Called on the thread that uses the store.
    package var notice: @Sendable (String) -> Void = { _ in }

    package init() {}
  }
}
