// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What the working set needs of a slice once it is in the store.
///
/// Made by whoever writes it, on his thread: to go through a slice's records once more takes the
/// loop milliseconds, because they are in none of its caches any more.
package struct FoldedSlice: Sendable {
  /// The accounts, as they were written.
  let rows: AccountRows
  /// Whose the rows are, and where each begins.
  package let places: [AccountRows.Place]
  /// The hashes of all keys.
  package let keyHashes: [Int64]
  /// The subjects whose records are in no account's row.
  let besideAccounts: [WatchedSubject]

  /// What there is of these records besides the rows of their accounts and the hashes of their
  /// keys.
  package init(of records: Unfolded, rows: consuming AccountRows, keyHashes: consuming [Int64]) {
    places = rows.places
    self.rows = rows
    self.keyHashes = keyHashes
    besideAccounts = Array(records.subjects.keys)
  }

  /// Calls `body` with each account of which something was written; with some more than once.
  package func forEachAccount(_ body: (AccountID) -> Void) {
    for place in places { body(place.id) }
    for case .account(let id) in besideAccounts { body(id) }
  }

  /// All of it, from the records alone.
  init(of records: Unfolded) {
    self.init(
      of: records, rows: records.accounts.rows(of: records.accounts.ids),
      keyHashes: records.keys.items.map(\.hash))
  }
}
