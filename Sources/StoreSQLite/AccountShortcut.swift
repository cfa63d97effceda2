// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Store

/// A short way to the rows of accounts that have not changed since the state's log was copied last
/// (decision 0065).
struct AccountShortcut {
  /// The pages, and the accounts whose rows have been written since they were looked at, with one
  /// in sixty others.
  private var way: (leaves: TableLeaves, changed: KeyFilter)?
  private var reader: PageReader
  /// How many rows were read this way; for tests.
  private(set) var reads = 0

  init(_ connection: Connection) { reader = PageReader(connection) }

  /// Goes by these from now on; no account's row may have been written since they were made, but
  /// for those that the working set does not ask for.
  mutating func adopt(_ leaves: consuming TableLeaves) {
    way = (leaves, KeyFilter(for: 0))
  }

  /// There is none until the next is adopted: rows may have been written by somebody else.
  mutating func close() { way = nil }

  /// These rows were written.
  mutating func note(_ slice: borrowing FoldedSlice) {
    guard way != nil else { return }
    slice.forEachAccount { way?.changed.insert(Self.hash(of: $0)) }
    if way?.changed.isOverfull == true { close() }
  }

  /// What stands in an account's row; nil where it must be looked up.
  mutating func row(of id: AccountID) -> (record: [UInt8], watch: [UInt8]?)? {
    guard let way, !way.changed.mayContain(Self.hash(of: id)),
      let columns = reader.blobs(of: id.value, 2, 4, by: way.leaves), let record = columns.first
    else { return nil }
    reads += 1
    return (record, columns.second)
  }

  /// Ids begin with zeros, where a filter wants bits that differ.
  private static func hash(of id: AccountID) -> Int64 {
    id.value &* Int64(bitPattern: 0x9E37_79B9_7F4A_7C15)
  }
}

/// The leaves of the table of accounts, and where the state stood when they were looked at.
struct AccountLeaves: Sendable {
  let leaves: TableLeaves
  let head: EntryID
}
