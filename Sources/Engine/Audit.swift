// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
package import Secrets
package import Store

/// The auditor's check: all that a ledger says of itself, computed anew from its journal alone.
///
/// Reads the journal once, in slices, and names every violation it meets, not only the first
/// (contract §8, `ledger.verify`). Nothing that is stored makes it trap. Entries cut off the end
/// are found only where the stored fold is past them: what is left is a valid journal.
package struct Audit {
  /// How many rows of the journal, or records of the fold, are read at a time.
  static let slice = 1000

  private let inspection: any LedgerInspection
  private let chain: HashChain
  private let digester: RequestDigester
  private let calendar: BusinessCalendar?

  /// An audit of this view, under the keys of the ledger.
  ///
  /// Without the calendar of its zone, alerts are not computed anew once a rule asks for the time
  /// of day.
  package init(
    _ inspection: any LedgerInspection, chain: HashChain, digester: RequestDigester,
    calendar: BusinessCalendar? = nil
  ) {
    self.calendar = calendar
    self.inspection = inspection
    self.chain = chain
    self.digester = digester
  }

  /// One violation, and where it was found.
  package struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// The entry that breaks the rule; nil when none in particular does.
    package let entry: EntryID?
    /// The number in spec/invariants.md; nil for a rule that stands elsewhere in the spec.
    package let invariant: Int?
    /// What is wrong, in plain English: one line, of no more than a few hundred characters.
    package let text: String

    /// Such as `entry 17: INV-10: the chain is broken here`.
    package var description: String {
      let place = entry.map { "entry \($0.sequence): " } ?? ""
      return place + (invariant.map { "INV-\($0): " } ?? "") + text
    }
  }

  /// What an audit found.
  package struct Report: Sendable {
    /// How many rows of the journal were looked at.
    package let entries: Int64
    /// In the order of finding, at most 1,000 and a line that says how many more; empty when good.
    package let problems: [Problem]
  }

  /// Checks everything; `progress` is told now and then how many rows have been looked at.
  ///
  /// What the store reports as damaged is a problem of the report. Throws only what keeps it from
  /// reading at all, such as a failing device.
  package consuming func run(progress: ((Int64) -> Void)? = nil) throws(StoreError) -> Report {
    let findings = Findings()
    let source = Source(inspection, findings)
    let integrity = try source.read { () throws(StoreError) in
      try source.inspection.integrityProblems()
    }
    for problem in integrity ?? [] { findings.add(problem) }
    let pass = try Pass(over: source, chain: chain, digester: digester, calendar: calendar)
    // From the very lowest number on, so that a row put before the first entry shows.
    var cursor = Int64.min
    var entries: Int64 = 0
    while let rows = try source.rows(after: cursor, limit: Self.slice) {
      guard !rows.isEmpty else { return try finish(pass, entries, isWhole: true) }
      for row in rows {
        guard row.sequence > cursor else {
          findings.add("the journal does not read in ascending order", breaking: 10)
          return try finish(pass, entries, isWhole: false)
        }
        cursor = row.sequence
        entries += 1
        try pass.take(row)
      }
      progress?(entries)
    }
    return try finish(pass, entries, isWhole: false)
  }

  private func finish(
    _ pass: Pass, _ entries: Int64, isWhole: Bool
  ) throws(StoreError) -> Report {
    try pass.finish(isWhole: isWhole)
    return Report(entries: entries, problems: pass.findings.listed)
  }
}
