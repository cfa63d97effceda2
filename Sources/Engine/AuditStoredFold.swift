// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import Secrets
import Store
import StoredValue

extension Audit {
  /// What the store has folded, against the same fold made anew (INV-17).
  ///
  /// The two agree only at the entry that the store has folded up to, so they are compared when
  /// the reading has come to it.
  struct StoredFold {
    let point: FoldPoint
    private let link: [UInt8]
    private let source: Source

    /// nil when nothing is folded yet, which is no problem.
    init?(_ source: Source) throws(StoreError) {
      let found = try source.read { () throws(StoreError) in try source.inspection.foldPoint() }
      guard let (point, link) = found ?? nil else { return nil }
      self.point = point
      self.link = link
      self.source = source
    }

    private var findings: Findings { source.findings }

    /// Compares all but the keys with what the reading has come to.
    func compare(with own: Pass) throws(StoreError) {
      compareHead(with: own)
      try compareAccounts(with: own.accounts)
      try compareCards(with: own)
      try compareMarks(with: own.references)
      try StoredCoupons(source: source, findings: findings).compare(with: own.coupons)
      if own.alerts.isReliable { try compareAlerts(with: own.alerts) }
    }

    private func name(_ what: String) { findings.add(what, breaking: 17) }

    private func compareHead(with own: Pass) {
      if own.chain.sequence == point.head.sequence {
        if let due = own.chain.link, due.bytes != link {
          name("the state stands at another link than entry \(point.head.sequence)")
        }
        if own.chain.time != point.headTime {
          name("the state stands at another time than entry \(point.head.sequence)")
        }
      } else {
        name("the state ends at entry \(point.head.sequence), which is not in the journal")
      }
      if own.rules.version != point.programVersion {
        name(
          "the state holds program version \(point.programVersion), the journal "
            + "\(own.rules.version)")
      }
      if own.rules.document != point.programDocument {
        name("the state holds another program than the journal")
      }
      guard own.totals != point.totals else { return }
      let names = Set(own.totals.sides.keys).union(point.totals.sides.keys)
      for account in names.sorted(by: { $0.name < $1.name })
      where own.totals.sides[account] != point.totals.sides[account] {
        name("the state holds other totals of \(account.name) than the postings come to")
      }
    }

    private func compareAccounts(with own: Accounts) throws(StoreError) {
      let ids = own.folded.keys.filter { !own.bad.contains($0) }.sorted()
      var index = 0
      var cursor: AccountID?
      while true {
        let page = try source.read { () throws(StoreError) in
          try source.inspection.accounts(after: cursor, limit: Audit.slice)
        }
        // What cannot be read has been named.
        guard let page else { return }
        guard let last = page.last else { break }
        for record in page {
          let id = record.account.id
          guard cursor.map({ $0 < id }) ?? true else {
            name("the accounts of the state do not read in ascending order")
            return
          }
          cursor = id
          while index < ids.count, ids[index] < id {
            nameMissing(ids[index])
            index += 1
          }
          if index < ids.count, ids[index] == id { index += 1 }
          compare(record, with: own)
        }
        cursor = last.account.id
      }
      for id in ids[index...] { nameMissing(id) }
    }

    private func nameMissing(_ id: AccountID) { name("the state lacks account \(id.text)") }

    private func compare(_ stored: (account: Account, due: Instant?), with own: Accounts) {
      let id = stored.account.id
      guard !own.bad.contains(id) else { return }
      guard let account = own.folded[id] else {
        name("the state holds account \(id.text), which was never opened")
        return
      }
      let differing = stored.account.differences(from: account)
      if !differing.isEmpty {
        name(
          "the state holds account \(id.text) otherwise than its entries make it: "
            + differing.joined(separator: ", "))
      } else if stored.due != account.nextDue {
        name("the state has account \(id.text) lapse at another time than its lots do")
      }
    }

    private func compareCards(with own: Pass) throws(StoreError) {
      let stored = try source.read { () throws(StoreError) in try source.inspection.cards() }
      guard let stored else { return }
      let bad = own.accounts.bad
      func isOfBad(_ standing: CardStanding?) -> Bool {
        if case .names(let id) = standing { bad.contains(id) } else { false }
      }
      var wrong: [String] = []
      for (number, due) in own.cards.standings where stored[number] != due {
        guard !isOfBad(due), !isOfBad(stored[number]) else { continue }
        let standing = stored[number] ?? .unknown
        wrong.append(
          "the state has a card number name \(standing.text) that names \(due.text)")
      }
      for (number, standing) in stored where own.cards.standings[number] == nil {
        if !isOfBad(standing) {
          wrong.append("the state has a card number too many, naming \(standing.text)")
        }
      }
      // In no order of its own, and two reports of one ledger are the same.
      for text in wrong.sorted() { name(text) }
    }

    private func compareAlerts(with own: Alerts) throws(StoreError) {
      if own.rehearsal.sequence != point.alertSequence {
        name(
          "the state holds \(point.alertSequence) events of the outbox, the journal "
            + "\(own.rehearsal.sequence)")
      }
      if own.rehearsal.detector.standing != point.series {
        name("the state remembers for other rules than those in force")
      }
      let subjects = try source.read { () throws(StoreError) in try source.inspection.subjects() }
      if let stored = subjects ?? nil {
        let due = own.rehearsal.records.subjects
        let wrong = Set(due.keys).union(stored.keys).filter { due[$0] != stored[$0] }
        for text in wrong.map({ "\($0.kind.name) \($0.text)" }).sorted() {
          name("the state does not remember rightly what \(text) did")
        }
      }
      try compareChunks(with: own)
      let rows = try source.read { () throws(StoreError) in try source.inspection.alerts() }
      if let stored = rows ?? nil {
        for sequence in Set(own.rows.keys).union(stored.keys).sorted()
        where own.rows[sequence] != stored[sequence] {
          name("the state does not hold event \(sequence) of the outbox rightly")
        }
      }
    }

    private func compareChunks(with own: Alerts) throws(StoreError) {
      let found = try source.read { () throws(StoreError) in try source.inspection.chunks() }
      guard let stored = found ?? nil else { return }
      // Of rules that were taken away nothing is kept.
      let series = Set(own.rehearsal.detector.standing.map(\.number))
      let due = own.rehearsal.records.chunks.filter { series.contains($0.key.series) }
      let wrong = Set(due.keys).union(stored.keys).filter { due[$0] != stored[$0] }
      let texts = wrong.map { key in
        "the state does not hold rightly part \(key.number) of what \(key.subject.kind.name) "
          + "\(key.subject.text) did (series \(key.series))"
      }
      for text in texts.sorted() { name(text) }
    }

    private func compareMarks(with own: References) throws(StoreError) {
      let stored = try source.read { () throws(StoreError) in try source.inspection.marks() }
      guard let stored else { return }
      for entry in Set(own.marks.keys).union(stored.keys).sorted()
      where own.marks[entry] != stored[entry] {
        findings.add(
          "the state does not hold rightly what later entries did to it", at: entry, breaking: 17)
      }
    }
  }
}

extension CardStanding {
  /// What a number names, without the number.
  fileprivate var text: String {
    switch self {
    case .unknown: "nothing"
    case .names(let account): "account \(account.text)"
    case .retired: "nothing any more"
    }
  }
}

extension Account {
  /// The parts in which two records of one account differ.
  fileprivate func differences(from other: Account) -> [String] {
    guard self != other else { return [] }
    let parts = [
      ("card number", cardNumber == other.cardNumber), ("status", status == other.status),
      (
        "opening",
        registered == other.registered && level == other.level
          && holderDigest == other.holderDigest && openedAt == other.openedAt
          && openedOn == other.openedOn
      ),
      ("lots", lots == other.lots), ("holds", holds == other.holds), ("PIN", pin == other.pin),
      ("use", used == other.used), ("day", day == other.day),
      ("last entry", lastEntry == other.lastEntry),
    ]
    return parts.filter { !$0.1 }.map(\.0)
  }
}
