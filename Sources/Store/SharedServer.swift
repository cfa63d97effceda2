// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// A store on a server, as far as processes must know of each other's that share (decision 0063).
///
/// Called between groups.
package protocol SharedServer: AnyObject {
  /// Another number for each session that the store has had.
  var sessionNumber: Int { get }

  /// What tells the present session from all others of all servers; nil where it cannot be told.
  func sessionName() -> String?

  /// Whether the session of this name is one of the server where this store's own is.
  func sees(session name: String) -> Bool

  /// The newest entry that anything was answered from.
  var answeredUpTo: JournalMark { get }

  /// Somebody was answered from this entry: a ledger without it has lost what was answered.
  func note(answered mark: JournalMark)
}

/// An entry with its link, which no other journal has.
package struct JournalMark: Equatable, Sendable {
  package let entry: EntryID
  package let link: [UInt8]

  package init(entry: EntryID, link: [UInt8]) {
    self.entry = entry
    self.link = link
  }
}
