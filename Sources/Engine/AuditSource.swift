// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store

extension Audit {
  /// The view that is checked, read so that damage is a finding and not the end.
  struct Source {
    let inspection: any LedgerInspection
    let findings: Findings

    init(_ inspection: any LedgerInspection, _ findings: Findings) {
      self.inspection = inspection
      self.findings = findings
    }

    /// Reads something; nil when the store reports it damaged, which is then a problem.
    func read<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value? {
      do {
        return try body()
      } catch {
        guard case .damaged(let entry, let reason) = error else { throw error }
        findings.add(reason, at: entry)
        return nil
      }
    }

    /// The next rows, as many of them as can be read; nil, and a problem, when not even one can.
    func rows(after sequence: Int64, limit: Int) throws(StoreError) -> [JournalRow]? {
      var limit = limit
      while true {
        do throws(StoreError) {
          return try inspection.rows(after: sequence, limit: limit)
        } catch {
          guard case .damaged(let entry, let reason) = error else { throw error }
          // The damage may lie further on: what comes before it is still to be checked.
          guard limit > 1 else {
            findings.add("no row after \(max(0, sequence)) can be read: \(reason)", at: entry)
            return nil
          }
          limit /= 2
        }
      }
    }

    /// The row of this entry; nil when there is none.
    func row(_ id: EntryID) throws(StoreError) -> JournalRow? {
      guard id > .none else { return nil }
      let rows = try read { () throws(StoreError) in
        try inspection.rows(after: id.sequence - 1, limit: 1)
      }
      return rows?.first.flatMap { $0.sequence == id.sequence ? $0 : nil }
    }

    /// An earlier entry that another refers to; nil when it is missing or cannot be read, which is
    /// named where the stream passes it.
    func entry(_ id: EntryID) throws(StoreError) -> Entry? {
      try row(id).flatMap { row in try? row.entry() }
    }
  }
}
