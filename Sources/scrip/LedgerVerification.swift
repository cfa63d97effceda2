// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import Secrets
import Store

/// The audit of a ledger directory on its own connections.
enum LedgerVerification {
  /// The report as `ledger.verify` answers it; nil when the ledger could not be read at all.
  static func report(directory: String, keys: KeyRing) -> [UInt8]? {
    guard let audit = try? audit(directory: directory, keys: keys) else { return nil }
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("ok")
    writer.bool(audit.problems.isEmpty)
    writer.name("entries")
    writer.integer(audit.entries)
    writer.name("problems")
    writer.beginArray()
    for problem in audit.problems { writer.string(problem.description) }
    writer.endArray()
    writer.endObject()
    return writer.bytes
  }

  /// Recomputes everything; throws only when the files cannot be read.
  static func audit(directory: String, keys: KeyRing) throws(StoreError) -> Audit.Report {
    try audit(try LedgerPlace(directory).inspection(), keys: keys)
  }

  /// The same of a view that has been taken.
  static func audit(
    _ inspection: any LedgerInspection, keys: KeyRing
  ) throws(StoreError) -> Audit.Report {
    // The zone was installed when the ledger was opened; without it, alerts by the time of day
    // would go unchecked.
    let calendar = try? OpenedLedger.calendar(inspection.identity)
    return try Audit(
      inspection, chain: HashChain(keys), digester: RequestDigester(keys), calendar: calendar
    ).run()
  }
}
