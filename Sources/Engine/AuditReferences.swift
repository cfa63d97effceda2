// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

extension Audit {
  /// What entries do to earlier ones: refunds, reversals, clearings, bounces, ends of holds
  /// (INV-4, INV-5, INV-6).
  struct References {
    let findings: Findings
    /// The fold of every mark.
    private(set) var marks: [EntryID: EntryMarks] = [:]

    init(_ findings: Findings) { self.findings = findings }

    /// Checks an entry against the one it refers to, and folds its marks.
    ///
    /// `original` is that entry where it can be read; `before` and `after` the account where it
    /// is known.
    mutating func take(_ entry: Entry, original: Entry?, step: Step?) {
      if let target = Self.target(of: entry) {
        checkMark(entry, on: target)
        checkOriginal(entry, target: target, original)
        let known = marks[target] ?? EntryMarks()
        switch entry.kind {
        case .capture, .release: checkEnd(entry, known, step)
        case .topUpClear, .topUpBounce: checkPending(entry, target, known, original, step)
        case .refund: checkRefund(entry, known, original)
        case .checkoutRefund: checkGoodsReturn(entry, known, original)
        case .reverse: checkReversal(entry, target, known, original, step)
        default: break
        }
      }
      for case .marked(let target, let mark) in entry.changes { apply(mark, to: target, entry.id) }
    }

    /// The entry that one of these kinds refers to.
    static func target(of entry: Entry) -> EntryID? {
      guard let relation = Form.of(entry.kind).relation, relation != .opens else { return nil }
      return entry.linked(relation)
    }

    private mutating func apply(_ mark: Change.Mark, to target: EntryID, _ id: EntryID) {
      var own = marks[target] ?? EntryMarks()
      // A sum beyond what can be counted has been named as a refund above its debit.
      if case .refunded(let amount) = mark, own.refunded.adding(amount) == nil { return }
      if case .returned(let goods) = mark, own.refunded.adding(goods.toCard) == nil { return }
      own.apply(mark, of: id)
      marks[target] = own
    }

    /// The mark that an entry leaves says the same as the entry itself.
    private func checkMark(_ entry: Entry, on target: EntryID) {
      let due: Change.Mark? =
        switch entry.kind {
        case .topUpClear: .cleared
        case .topUpBounce: .bounced
        case .capture: .captured
        case .release: .released
        case .refund: .refunded(entry.amount)
        case .reverse: .reversed
        default: nil
        }
      for case .marked(let marked, let mark) in entry.changes {
        if case .returned = mark, entry.kind == .checkoutRefund, marked == target { continue }
        guard marked != target || mark != due else { continue }
        findings.add("what it marks is not what it does", at: entry.id)
      }
    }

    private func checkOriginal(_ entry: Entry, target: EntryID, _ original: Entry?) {
      // One that is missing or cannot be read has been named.
      guard let original else { return }
      // The use of a coupon is undone whoever used it.
      if original.account != entry.account, entry.kind != .couponUnredeem {
        findings.add("entry \(target.sequence) is of another account", at: entry.id)
      }
      let fits =
        switch entry.kind {
        case .topUpClear, .topUpBounce: original.kind == .topUp
        case .refund: original.isSale
        case .checkoutRefund: original.kind == .checkout
        case .couponUnredeem: original.kind == .couponRedeem
        case .reverse: original.isSale || original.kind == .topUp
        default: true
        }
      if !fits {
        findings.add(
          "entry \(target.sequence) is of kind \(original.kind.name), which cannot be undone so",
          at: entry.id)
      }
    }

    private func checkEnd(_ entry: Entry, _ marks: EntryMarks, _ step: Step?) {
      if marks.isCaptured || marks.isReleased {
        findings.add("its hold ended before", at: entry.id, breaking: 6)
      }
      guard let before = step?.before else { return }
      guard let id = entry.hold, entry.changes.contains(.holdEnded(id)),
        id.authorizedBy == Self.target(of: entry)
      else {
        findings.add("it does not end the hold it names", at: entry.id, breaking: 6)
        return
      }
      guard let hold = before.liveHold(id, at: entry.at) else {
        findings.add("its hold had ended by then", at: entry.id, breaking: 6)
        return
      }
      if entry.kind == .release {
        if entry.amount != hold.amount {
          findings.add("its amount is not that of its hold", at: entry.id)
        }
        return
      }
      guard entry.amount <= hold.amount else {
        findings.add("it captures more than its hold", at: entry.id, breaking: 6)
        return
      }
      if entry.consumption != hold.parts.first(entry.amount) {
        findings.add("it takes other lots than its hold set aside", at: entry.id, breaking: 6)
      }
    }

    private func checkPending(
      _ entry: Entry, _ target: EntryID, _ marks: EntryMarks, _ original: Entry?, _ step: Step?
    ) {
      if marks.isCleared || marks.isBounced || marks.isReversed {
        findings.add(
          "its top-up was cleared, bounced or reversed before", at: entry.id, breaking: 5)
      }
      if let original, original.tender != entry.tender {
        findings.add("its tender is not that of its top-up", at: entry.id)
      }
      guard let before = step?.before else { return }
      let id = LotID(topUp: target, index: 0)
      guard let lot = before.lot(id), lot.state == .pending else {
        findings.add("its top-up is not pending", at: entry.id)
        return
      }
      let due =
        entry.kind == .topUpClear ? Change.lotCleared(id) : .lotWithdrawn(id, lot.remaining)
      let moved = entry.changes.filter {
        switch $0 {
        case .lotCleared, .lotWithdrawn: true
        default: false
        }
      }
      if moved != [due] {
        findings.add("it does not do its whole to the lot of its top-up", at: entry.id)
      }
    }
  }
}

extension Entry {
  /// Whether it took value as a sale.
  var isSale: Bool { kind == .debit || kind == .capture }
}

extension [Change.Part] {
  /// The parts that come to `amount`, from the first on.
  func first(_ amount: Amount) -> [Change.Part] {
    var left = amount
    var taken: [Change.Part] = []
    for part in self where !left.isZero {
      let part = Change.Part(lot: part.lot, amount: Swift.min(left, part.amount))
      taken.append(part)
      left -= part.amount
    }
    return taken
  }
}
