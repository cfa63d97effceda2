// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store

extension Audit {
  /// Follows the rows: their numbers, the links between them, and their times (INV-10, INV-14).
  struct Chain {
    private let keys: HashChain
    private let findings: Findings
    /// The link that was stored last; nil when it was none, so that nothing can follow from it.
    private(set) var link: ChainLink?
    /// The number of the last row.
    private(set) var sequence: Int64 = 0
    private(set) var time = Instant(milliseconds: 0)
    private(set) var date: BusinessDate?

    init(_ keys: HashChain, over inspection: any LedgerInspection, _ findings: Findings) {
      self.keys = keys
      self.findings = findings
      link = ChainLink(bytes: inspection.genesisLink)
      checkGenesis(of: inspection.identity)
    }

    private func checkGenesis(of identity: LedgerIdentity) {
      // Outside of this range the sealed bytes could not be formed.
      guard (0..<1440).contains(identity.dayStartMinutes) else {
        findings.add("the ledger's day start is no time of day", breaking: 10)
        return
      }
      guard let link else {
        findings.add("the link before the first entry is none", breaking: 10)
        return
      }
      switch keys.check(genesis: link, over: identity.sealedBytes) {
      case .intact: break
      case .broken:
        findings.add(
          "the ledger's identity does not belong to the link before the first entry", breaking: 10)
      case .unknownKey(let key):
        findings.add(
          "the link before the first entry is under journal key \(key), which the key ring lacks",
          breaking: 10)
      }
    }

    /// Takes the next row of a number above 0; whether it follows the one before it without a gap.
    mutating func follow(_ row: JournalRow) -> Bool {
      let isNext = row.sequence - 1 == sequence
      if !isNext {
        let first = sequence + 1
        let what =
          row.sequence - 1 == first
          ? "it is missing" : "it and all up to entry \(row.sequence - 1) are missing"
        findings.add(what, at: EntryID(first), breaking: 10)
      }
      sequence = row.sequence
      checkLink(of: row, isNext: isNext)
      checkTime(of: row)
      return isNext
    }

    private mutating func checkLink(of row: JournalRow, isNext: Bool) {
      let id = EntryID(row.sequence)
      let previous = link
      link = ChainLink(bytes: row.link)
      guard let link else {
        findings.add("its link is none", at: id, breaking: 10)
        return
      }
      // A missing entry has been named, and a kind that is none is named with the entry.
      guard isNext, let previous, let kind = UInt8(exactly: row.kind) else { return }
      let key = row.key ?? ""
      let check = keys.check(
        link, after: previous, seq: row.sequence, at: row.at, kind: kind,
        account: row.account ?? 0, key: key.utf8.span.bytes, body: row.body.span.bytes)
      switch check {
      case .intact: break
      case .broken: findings.add("the chain is broken here", at: id, breaking: 10)
      case .unknownKey(let key):
        findings.add(
          "its link is under journal key \(key), which the key ring lacks", at: id, breaking: 10)
      }
    }

    private mutating func checkTime(of row: JournalRow) {
      let at = Instant(milliseconds: row.at)
      guard at.milliseconds >= 0, at <= .latest else {
        findings.add("its time is none", at: EntryID(row.sequence), breaking: 14)
        return
      }
      if at < time {
        findings.add(
          "it is dated before the entry before it", at: EntryID(row.sequence), breaking: 14)
      }
      time = at
    }

    /// Checks the business date of an entry; false when its time or date is beyond all bounds, so
    /// that nothing should be computed with it.
    mutating func checkDate(of entry: Entry) -> Bool {
      guard entry.at.milliseconds >= 0, entry.at <= .latest else { return false }
      // No zone and day start bring a date further from the day in UTC than this.
      let day = entry.at.milliseconds / 86_400_000
      guard (day - 3...day + 3).contains(entry.date.daysSince1970) else {
        findings.add("its business date is days from its time", at: entry.id, breaking: 14)
        return false
      }
      if let date, entry.date < date {
        findings.add(
          "its business date is before that of the entry before it", at: entry.id, breaking: 14)
      }
      date = entry.date
      return true
    }
  }
}
