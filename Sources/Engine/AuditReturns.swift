// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

/// What is given back and taken back: INV-4 and INV-5.
extension Audit.References {
  func checkRefund(_ entry: Entry, _ marks: EntryMarks, _ original: Entry?) {
    if marks.isReversed {
      findings.add("it refunds a debit that was reversed", at: entry.id, breaking: 5)
    }
    guard let original, original.isSale else { return }
    guard let sum = marks.refunded.adding(entry.amount), sum <= original.amount else {
      findings.add(
        "with it the refunds of entry \(original.id.sequence) exceed its amount", at: entry.id,
        breaking: 4)
      return
    }
    checkReturn(entry, of: original, after: marks.refunded)
  }

  func checkReversal(
    _ entry: Entry, _ target: EntryID, _ marks: EntryMarks, _ original: Entry?, _ step: Audit.Step?
  ) {
    if marks.isReversed || marks.isBounced {
      findings.add("entry \(target.sequence) was reversed before", at: entry.id, breaking: 5)
    }
    guard let original else { return }
    if entry.amount != original.amount {
      findings.add("its amount is not that of what it reverses", at: entry.id, breaking: 5)
    }
    if original.isSale {
      if !marks.refunded.isZero {
        findings.add("it reverses a debit that was refunded", at: entry.id, breaking: 5)
        return
      }
      if entry.tender != nil { findings.add("it names a tender", at: entry.id) }
      checkReturn(entry, of: original, after: .zero)
      if entry.changes.contains(where: { Audit.ChangeSet($0) == .withdrawn }) {
        findings.add("the reversal of a debit takes a top-up back", at: entry.id, breaking: 5)
      }
      return
    }
    if entry.tender != original.tender {
      findings.add("its tender is not that of its top-up", at: entry.id)
    }
    if let before = step?.before { checkWithdrawal(entry, of: target, before) }
  }

  /// Value goes back to the lots it came from, the last taken first, and on the date of the debit
  /// gives back room under the daily limit.
  func checkReturn(_ entry: Entry, of original: Entry, after refunded: Amount) {
    let taken = original.consumption
    let sum = taken.reduce(Int128(0)) { $0 + Int128($1.amount.minorUnits) }
    // What the original itself says wrongly was named with it.
    guard sum == Int128(original.amount.minorUnits) else { return }
    let due = taken.reversed().dropping(refunded).first(entry.amount)
    var returned: [Change.Part] = []
    var days: [Change] = []
    for change in entry.changes {
      switch change {
      case .lotReturned(let lot, let amount):
        returned.append(Change.Part(lot: lot, amount: amount))
      case .daySpent: days.append(change)
      default: break
      }
    }
    if returned != due {
      findings.add(
        "it does not give back to the lots that entry \(original.id.sequence) took from",
        at: entry.id, breaking: entry.kind == .refund ? 4 : 5)
    }
    let room = Change.daySpent(entry.date, -entry.amount.minorUnits)
    if days != (original.date == entry.date ? [room] : []) {
      findings.add("it counts wrongly towards the daily limit", at: entry.id)
    }
  }

  /// All that is left of a top-up is taken back, and nothing of it was spent.
  ///
  /// The fold itself refuses what a hold sets aside.
  private func checkWithdrawal(_ entry: Entry, of topUp: EntryID, _ before: Account) {
    let lots = before.lots.filter { $0.id.topUp == topUp }
    if lots.contains(where: { !$0.spent.isZero }) {
      findings.add("it reverses a top-up of which something was spent", at: entry.id, breaking: 5)
    }
    let moved = entry.changes.filter {
      switch Audit.ChangeSet($0) {
      case .withdrawn, .returned, .day: true
      default: false
      }
    }
    if moved != lots.map({ .lotWithdrawn($0.id, $0.remaining) }) {
      findings.add("it does not take its top-up back whole", at: entry.id, breaking: 5)
    }
  }
}

extension [Change.Part] {
  /// What is left of the parts when `amount` is passed over from the first on.
  fileprivate func dropping(_ amount: Amount) -> [Change.Part] {
    var passed = amount
    var rest: [Change.Part] = []
    for part in self {
      let skipped = Swift.min(passed, part.amount)
      passed -= skipped
      if skipped < part.amount {
        rest.append(Change.Part(lot: part.lot, amount: part.amount - skipped))
      }
    }
    return rest
  }
}
