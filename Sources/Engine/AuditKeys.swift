// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store

extension Audit {
  /// Every idempotency key used or blocked, by hash alone: 16 bytes each (INV-9).
  struct Keys {
    /// A key was used or blocked by an entry.
    struct Use: Comparable {
      let hash: Int64
      let entry: Int64

      static func < (left: Use, right: Use) -> Bool {
        (left.hash, left.entry) < (right.hash, right.entry)
      }
    }

    private(set) var uses: [Use] = []

    /// Takes down what a row says: its own key, and one that its entry blocks.
    mutating func note(_ key: String?, by sequence: Int64) {
      guard let key = key.flatMap({ IdempotencyKey($0) }) else { return }
      uses.append(Use(hash: keyHash(key), entry: sequence))
    }

    mutating func noteBlocked(in entry: Entry) {
      for case .keyBlocked(let key) in entry.changes {
        uses.append(Use(hash: keyHash(key), entry: entry.id.sequence))
      }
    }

    /// Brings the uses into order; call once, before those below.
    mutating func sort() { uses.sort() }

    /// Names every second use of a key.
    ///
    /// Equal hashes are no more than a hint: the rows tell.
    func checkRepetitions(in source: Source) throws(StoreError) {
      var start = 0
      while start < uses.count {
        var end = start + 1
        while end < uses.count, uses[end].hash == uses[start].hash { end += 1 }
        if end - start > 1 { try check(uses[start..<end], in: source) }
        start = end
      }
    }

    private func check(_ suspects: ArraySlice<Use>, in source: Source) throws(StoreError) {
      var first: [String: (entry: Int64, how: String)] = [:]
      var last: Int64?
      for use in suspects where use.entry != last {
        last = use.entry
        let id = EntryID(use.entry)
        guard let row = try source.row(id) else { continue }
        var keys = row.key.map { [(text: $0, how: "used")] } ?? []
        if let entry = try? row.entry() {
          for case .keyBlocked(let key) in entry.changes { keys.append((key.text, "blocked")) }
        }
        for (text, how) in keys {
          if let earlier = first[text] {
            source.findings.add(
              "it \(how) a key that entry \(earlier.entry) had \(earlier.how)", at: id,
              breaking: 9)
          } else {
            first[text] = (use.entry, how)
          }
        }
      }
    }

    /// Compares the uses up to an entry with those that are folded, both ways (INV-17).
    func compare(
      with folded: [(hash: Int64, entry: EntryID)], upTo last: EntryID, _ findings: Findings
    ) {
      let stored = folded.map { Use(hash: $0.hash, entry: $0.entry.sequence) }.sorted()
      var index = 0
      var previous: Use?
      for use in uses where use.entry <= last.sequence && use != previous {
        previous = use
        while index < stored.count, stored[index] < use {
          Self.nameExtra(stored[index], findings)
          index += 1
        }
        if index < stored.count, stored[index] == use {
          index += 1
        } else {
          findings.add(
            "the state lacks its idempotency key", at: EntryID(use.entry), breaking: 17)
        }
      }
      for extra in stored[index...] { Self.nameExtra(extra, findings) }
    }

    private static func nameExtra(_ use: Use, _ findings: Findings) {
      findings.add(
        "the state gives it an idempotency key that it has not", at: EntryID(use.entry),
        breaking: 17)
    }
  }

  /// Every card number and what it names (INV-11).
  struct Cards {
    private let findings: Findings
    private(set) var standings: [CardNumber: CardStanding] = [:]

    init(_ findings: Findings) { self.findings = findings }

    /// Takes down the numbers that an entry gives out; `before` is its account where known.
    mutating func note(_ entry: Entry, old: CardNumber?) {
      guard let account = entry.account else { return }
      for change in entry.changes {
        switch change {
        case .accountOpened(let opening): give(opening.cardNumber, to: account, by: entry.id)
        case .cardReplaced(let number):
          if let old { standings[old] = .retired }
          give(number, to: account, by: entry.id)
        default: break
        }
      }
    }

    private mutating func give(_ number: CardNumber, to account: AccountID, by entry: EntryID) {
      if standings.updateValue(.names(account), forKey: number) != nil {
        findings.add("it gives out a card number that was used before", at: entry, breaking: 11)
      }
    }
  }
}
