// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue

extension Audit {
  /// Whether an entry moves what it says it moves: its figures, its postings and the fold each
  /// against the sums of its changes.
  struct Value {
    private let findings: Findings

    init(_ findings: Findings) { self.findings = findings }

    /// The postings of an entry sum to zero for each asset (INV-1).
    func checkBalance(of entry: Entry) {
      for asset in Asset.allCases {
        var sum: Int128 = 0
        for posting in entry.postings where posting.asset == asset {
          sum += Int128(posting.amount)
        }
        if sum != 0 {
          findings.add("its postings do not balance: \(sum) is left", at: entry.id, breaking: 1)
        }
      }
    }

    func check(_ step: Step) {
      checkAlone(step.entry, step.tally)
      checkFold(of: step)
      checkLots(of: step)
    }

    /// What can be said of an entry whose account, if it has one, is not at hand.
    func checkAlone(_ entry: Entry, _ tally: Tally) {
      checkFigures(of: entry, tally)
      checkPostings(of: entry, tally)
    }

    /// The entry's own figures (spec/stored-value.md, What entries say).
    private func checkFigures(of entry: Entry, _ tally: Tally) {
      var amount: Int128 = 0
      var parts = Tally.Sum()
      switch entry.kind {
      case .topUp:
        parts = tally.granted
        amount = parts.principal + tally.pendingGranted
      case .topUpClear:
        parts = Tally.Sum(principal: tally.cleared, bonus: tally.granted.bonus)
        amount = tally.cleared
      case .topUpBounce: amount = tally.pendingWithdrawn
      case .debit, .capture, .checkout:
        parts = tally.taken
        amount = parts.all
      case .refund, .checkoutRefund:
        parts = tally.returned
        amount = parts.all
      case .reverse:
        parts = Tally.Sum(
          principal: tally.returned.principal + tally.withdrawn.principal,
          bonus: tally.returned.bonus + tally.withdrawn.bonus)
        // The original's, which is looked at where that is at hand.
        amount = Int128(entry.amount.minorUnits)
      case .authorize: amount = tally.held
      case .release: amount = Int128(entry.amount.minorUnits)
      case .close:
        parts = tally.settled
        amount = parts.all
      case .expire:
        parts = tally.lapsed
        amount = parts.all
      case .open, .freeze, .unfreeze, .reportLost, .replaceCard, .pinSet, .pinChange, .pinReset,
        .pinVerify, .pinFailed, .pinAccepted, .programSet, .keyBlocked, .campaignCreate,
        .campaignPause, .campaignResume, .couponIssue, .couponReserve, .couponRelease, .couponVoid,
        .alertsEnded, .codeFailures, .alertAck:
        break
      // What was attempted, none of which moved.
      case .declined: amount = Int128(entry.amount.minorUnits)
      case .couponRedeem: amount = tally.discount
      case .couponUnredeem: amount = -tally.discount
      }
      let figures = [
        ("amount", entry.amount, amount), ("principal", entry.principal, parts.principal),
        ("bonus", entry.bonus, parts.bonus),
      ]
      for (name, said, moved) in figures where Int128(said.minorUnits) != moved {
        findings.add(
          "its \(name) is \(said.minorUnits), its changes come to \(moved)", at: entry.id)
      }
    }

    /// The postings against those that the changes call for (spec/stored-value.md, Postings).
    private func checkPostings(of entry: Entry, _ tally: Tally) {
      var legs: [LedgerAccount: Int128] = [:]
      for posting in entry.postings { legs[posting.account, default: 0] += Int128(posting.amount) }
      for (account, amount) in tally.postings(tender: entry.tender ?? "") {
        legs[account, default: 0] -= amount
      }
      guard legs.contains(where: { $0.value != 0 }) else { return }
      for (account, excess) in legs.sorted(by: { $0.key.name < $1.key.name }) where excess != 0 {
        let isOfCards = account == .cardPrincipal || account == .cardBonus
        findings.add(
          "it posts \(excess) more to \(account.name) than its changes come to", at: entry.id,
          breaking: isOfCards ? 12 : nil)
      }
    }

    /// What the fold made of the changes against their sums (INV-3).
    private func checkFold(of step: Step) {
      let before = Holding(of: step.before)
      let after = Holding(of: step.after)
      let figures = [
        ("principal", after.principal - before.principal, step.tally.principalChange),
        ("bonus", after.bonus - before.bonus, step.tally.bonusChange),
        ("pending value", after.pending - before.pending, step.tally.pendingChange),
      ]
      for (name, folded, summed) in figures where folded != summed {
        findings.add(
          "the \(name) of its account changes by \(folded), its changes come to \(summed)",
          at: step.entry.id, breaking: 3)
      }
    }

    /// The bounds of every lot, and that nothing is left that should have lapsed (INV-2, INV-6).
    private func checkLots(of step: Step) {
      let (entry, account) = (step.entry, step.after)
      for lot in account.lots {
        if lot.remaining > lot.granted || lot.remaining + lot.lapsed > lot.granted {
          findings.add("a lot holds more than it was granted", at: entry.id, breaking: 2)
        }
        if !account.holds.isEmpty, account.held(of: lot.id, at: entry.at) > lot.remaining {
          findings.add("live holds exceed what is left of a lot", at: entry.id, breaking: 6)
        }
      }
      for case .lotLapsed(let id, _) in entry.changes {
        if step.before?.lot(id)?.hasExpired(at: entry.at) == false {
          findings.add("a lot lapses that has not expired", at: entry.id)
        }
      }
      if !account.due(at: entry.at).isEmpty {
        findings.add("value that has expired is left on the card", at: entry.id)
      }
    }
  }
}

extension Audit.Tally {
  /// What must be posted for these changes: positive debits, negative credits.
  fileprivate func postings(tender: String) -> [(LedgerAccount, Int128)] {
    let sold = taken.all - returned.all
    var legs: [(LedgerAccount, Int128)] = []
    func leg(_ account: LedgerAccount, _ amount: Int128) {
      if amount != 0 { legs.append((account, amount)) }
    }
    leg(.cardPrincipal, -principalChange)
    leg(.cardBonus, -bonusChange)
    leg(.sales, -sold - discount)
    leg(.couponDiscount, discount)
    leg(.cash(tender: tender), granted.principal + cleared - withdrawn.principal)
    leg(.uncleared(tender: tender), pendingChange)
    leg(.pendingTopUps, -pendingChange)
    leg(.bonusExpense, granted.bonus - withdrawn.bonus)
    leg(.breakage, -lapsed.all + payout - settled.all)
    leg(.payouts, -payout)
    return legs
  }
}
