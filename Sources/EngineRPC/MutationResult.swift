// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import Store
import StoredValue

/// Everything the result of a mutation is written from, so that it can be written later.
///
/// An object: it is handed on several times before there is time to write it.
final class MutationResult {
  let entry: Entry
  private let account: Account?
  private let holder: Person?
  private let replayed: Bool
  /// Writes what it says beside the account.
  private let tell: (inout JSONWriter, Entry) -> Void

  init(
    _ entry: Entry, account: Account?, holder: Person?, replayed: Bool,
    tell: @escaping (inout JSONWriter, Entry) -> Void
  ) {
    self.entry = entry
    self.account = account
    self.holder = holder
    self.replayed = replayed
    self.tell = tell
  }

  /// The encoded result.
  var written: [UInt8] {
    var writer = JSONWriter(reservingCapacity: 1024)
    write(to: &writer)
    return writer.bytes
  }

  /// Writes the result.
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    tell(&writer, entry)
    if let account, let after = entry.after {
      writer.name("account")
      writer.account(account, after, holder: holder)
    }
    if replayed {
      writer.name("replayed")
      writer.bool(true)
    }
    writer.endObject()
  }
}
