// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// An event of the outbox, as far as the entry that holds it does not say: where it is, and what
/// became of the alert it raised.
package struct AlertRow: Hashable, Sendable {
  /// The entry that holds the event.
  package let entry: EntryID
  /// nil for news of an alert.
  package var standing: AlertStanding?

  package init(entry: EntryID, standing: AlertStanding?) {
    self.entry = entry
    self.standing = standing
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 32)
    writer.byte(1)
    writer.unsigned(UInt64(entry.sequence))
    writer.optional(standing) { writer, standing in
      writer.unsigned(UInt64(standing.lastEntry.sequence))
      writer.signed(standing.count)
      writer.optional(standing.acknowledgedBy) { $0.unsigned(UInt64($1.sequence)) }
    }
    return writer.bytes
  }

  package init(encoded: ArraySlice<UInt8>) throws(MalformedRecord) {
    var reader = ByteReader(encoded)
    guard try reader.byte() == 1 else { throw MalformedRecord("unknown version of an alert") }
    entry = try reader.entryID()
    standing = try reader.optional { r throws(MalformedRecord) in
      AlertStanding(
        lastEntry: try r.entryID(), count: try r.signed(),
        acknowledgedBy: try r.optional { r throws(MalformedRecord) in try r.entryID() })
    }
    try reader.finish()
  }
}

/// What has become of an alert; the fold of the entries that tell of it.
package struct AlertStanding: Hashable, Sendable {
  /// The last entry folded in; folding an earlier one again does nothing.
  package var lastEntry: EntryID
  /// How many hits it has.
  package var count: Int64
  /// The newest entry that says what somebody found.
  package var acknowledgedBy: EntryID?

  package init(lastEntry: EntryID, count: Int64 = 1, acknowledgedBy: EntryID? = nil) {
    self.lastEntry = lastEntry
    self.count = count
    self.acknowledgedBy = acknowledgedBy
  }
}
