// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// Why a store could not do what was asked.
///
/// Never holds a value that was being stored.
package enum StoreError: Error, Sendable {
  /// No room: nothing of the group was kept, and it may be tried again.
  case full(String)
  /// Another program holds the database: nothing of the group was kept, and it may be tried again.
  case busy(String)
  /// The device or file failed. Whether the group was kept is unknown: stop answering success.
  case failed(String)
  /// What is stored is not what this engine wrote; `entry` is where it was noticed.
  case damaged(entry: EntryID?, reason: String)
  /// The ledger was made by a newer version, or is none.
  case foreign(String)

  /// Whether the group is known to have left nothing behind, so that it may be tried again.
  package var keptNothing: Bool {
    switch self {
    case .full, .busy: true
    case .failed, .damaged, .foreign: false
    }
  }

  /// Whether only what is folded is damaged, which a store makes anew from its journal.
  package var isMendable: Bool {
    if case .damaged(entry: nil, _) = self { true } else { false }
  }

  package var message: String {
    switch self {
    case .full(let reason), .busy(let reason), .failed(let reason), .foreign(let reason): reason
    case .damaged(let entry, let reason):
      entry.map { "entry \($0.sequence): \(reason)" } ?? reason
    }
  }
}
