// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// A reader of a ledger's outbox, on a connection of its own, while others serve the ledger.
///
/// The events are in the entries: it walks the journal once, from where the wanted event is. One
/// thread at a time.
package protocol Outbox: AnyObject {
  /// The next event wanted.
  var next: Int64 { get }

  /// The newest event met so far, wanted or not. Where it lies before the one before `next` at the
  /// journal's end, the place was taken in another ledger, or in one that was restored since.
  var newest: Int64 { get }

  /// The next events, from at most `limit` entries; whether the end of the journal was reached.
  func read(entries limit: Int) throws(StoreError) -> (events: [AlertEvent], isAtEnd: Bool)

  /// Walks on to an entry that is known to hold the next event, over others that hold none.
  func skip(to entry: EntryID)
}
