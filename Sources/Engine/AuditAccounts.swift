// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

extension Audit {
  /// An entry that folds into its account.
  struct Step {
    let entry: Entry
    /// nil when the entry opens it.
    let before: Account?
    let after: Account
    let tally: Tally
  }

  /// Folds the accounts, each as far as its entries fit.
  struct Accounts {
    private let findings: Findings
    private(set) var folded: [AccountID: Account] = [:]
    /// Accounts of which an entry is damaged or does not fit.
    ///
    /// What comes later of them is not judged: it would only repeat what has been said.
    private(set) var bad: Set<AccountID> = []

    init(_ findings: Findings) { self.findings = findings }

    /// An entry that may be of this account cannot be read.
    mutating func giveUp(_ id: AccountID) { bad.insert(id) }

    /// Folds an entry; nil when it cannot be folded, now or since an earlier entry.
    mutating func fold(_ entry: Entry, into id: AccountID) -> Step? {
      guard !bad.contains(id) else { return nil }
      let before = folded[id]
      var account = before
      do throws(FoldViolation) {
        try Account.apply(entry, to: &account)
      } catch {
        findings.add("it does not fit its account: \(error.reason)", at: entry.id, breaking: 3)
        bad.insert(id)
        return nil
      }
      guard let after = account, after.lastEntry == entry.id else {
        // Numbers only rise, so that no entry is passed over as an old one.
        bad.insert(id)
        return nil
      }
      folded[id] = after
      return Step(entry: entry, before: before, after: after, tally: Tally(entry, on: before))
    }

    /// What the good accounts hold.
    var holdings: Holding {
      var sum = Holding(of: nil)
      for (id, account) in folded where !bad.contains(id) { sum.add(account) }
      return sum
    }
  }

  /// The value on one card or many, by what it is.
  struct Holding {
    private(set) var principal: Int128 = 0
    private(set) var bonus: Int128 = 0
    private(set) var pending: Int128 = 0

    init(of account: Account?) {
      if let account { add(account) }
    }

    mutating func add(_ account: Account) {
      for lot in account.lots {
        let remaining = Int128(lot.remaining.minorUnits)
        switch (lot.state, lot.kind) {
        case (.pending, _): pending += remaining
        case (_, .principal): principal += remaining
        case (_, .bonus): bonus += remaining
        }
      }
    }
  }
}
