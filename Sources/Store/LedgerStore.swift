// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Where a ledger is kept: an append-only journal and the working state folded from it.
///
/// One group at a time: `begin`, then reads and appends, then `end` (durable, or an error) or
/// `abandon`. Belongs to the loop's thread.
package protocol LedgerStore: AnyObject {
  var identity: LedgerIdentity { get }

  /// The state as of the newest entry this store has seen.
  var working: WorkingSet { get }

  /// The chain's link at the newest entry of `working`, as stored; nil where there is no chain.
  var headLink: [UInt8]? { get }

  /// Whether the store wants to know what the next group names before it begins.
  var wantsFootprint: Bool { get }

  /// Tells what the next group names.
  func foresee(_ footprint: Footprint)

  /// Starts a group and folds in what other processes have appended.
  ///
  /// A writing group excludes every other process's until it ends.
  func begin(writing: Bool) throws(StoreError)

  /// Starts a group as `begin` does, and has `work` done while it waits for a server, at most once;
  /// where it waits for none, not at all. That must not use the store.
  func begin(writing: Bool, meanwhile work: () -> Void) throws(StoreError)

  /// Appends the next entry of the group and applies it; durable only once `end` returns.
  ///
  /// `person` is kept beside the journal in the same database transaction. After an error the
  /// group must be abandoned.
  func append(_ entry: Entry, person: Person?) throws(StoreError)

  /// Ends the group; when it appended anything, that is durable once this returns.
  ///
  /// After `StoreError.full` nothing of the group was kept and the group is abandoned; after any
  /// other error the outcome is unknown and nothing more may be answered.
  ///
  /// While the store waits for the disk it may have `work` done, once. That must not use the store,
  /// and nothing of it may leave before this has returned.
  func end(meanwhile work: () -> Void) throws(StoreError)

  /// Drops what the group appended; the working state is as of the journal again.
  func abandon() throws(StoreError)

  /// Entries from `first` on in ascending order, at most `limit`.
  func entries(from first: EntryID, limit: Int) throws(StoreError) -> [Entry]

  func person(of account: AccountID) throws(StoreError) -> Person?

  /// Accounts whose holder has exactly these particulars, in order of id, after `cursor`.
  func accounts(
    holding particulars: [Person.Particular: String], after cursor: AccountID?, limit: Int
  ) throws(StoreError) -> [AccountID]

  /// Gives the store time for its own upkeep. Call between groups.
  ///
  /// Waits only where memory or a log would otherwise grow without bound.
  func maintain()

  /// Folds to the end and lets go of everything.
  func close() throws(StoreError)
}

extension LedgerStore {
  package var wantsFootprint: Bool { false }

  package func foresee(_ footprint: Footprint) {}

  package func begin(writing: Bool, meanwhile work: () -> Void) throws(StoreError) {
    try begin(writing: writing)
  }

  /// Ends the group, with nothing to do meanwhile.
  package func end() throws(StoreError) { try end(meanwhile: {}) }
}
