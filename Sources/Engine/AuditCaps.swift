// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

extension Audit {
  /// Whether an entry keeps to the program of its day (INV-7, INV-18).
  ///
  /// That is limits, caps, bonus, payouts and the lots a debit takes; judged where the entry folds.
  struct Caps {
    private let findings: Findings

    init(_ findings: Findings) { self.findings = findings }

    /// Checks an entry that folds, under the rules in force.
    ///
    /// `after` is the account as the entry left it, recomputed; `original` is the top-up that an
    /// entry clears.
    func check(
      _ step: Step, under rules: StoredValueRules, after: AccountSnapshot, original: Entry?
    ) {
      switch step.entry.kind {
      case .debit, .authorize: checkSpending(step, rules, after)
      case .checkout where !step.entry.amount.isZero: checkSpending(step, rules, after)
      case .topUp: checkTopUp(step, rules)
      case .topUpClear: checkClearing(step, rules, original)
      case .close: checkClosing(step, rules)
      default: break
      }
      if step.entry.isSale || step.entry.kind == .checkout && !step.entry.amount.isZero {
        let room = Change.daySpent(step.entry.date, step.entry.amount.minorUnits)
        if !step.entry.changes.contains(room) {
          findings.add("it counts wrongly towards the daily limit", at: step.entry.id)
        }
      }
    }

    private func checkSpending(
      _ step: Step, _ rules: StoredValueRules, _ after: AccountSnapshot
    ) {
      let entry = step.entry
      guard let before = step.before, isRequestable(entry) else { return }
      if let maximum = rules.debit.maximum, entry.amount > maximum {
        findings.add("it is above debit.max", at: entry.id)
      }
      if let most = rules.debit.dailyMaximum,
        step.after.spent(on: entry.date) + after.held > most
      {
        findings.add("with it the day's spending is above debit.daily_max", at: entry.id)
      }
      if let firstDay = after.firstDay, firstDay.spent > firstDay.cap {
        findings.add(
          "with it \(firstDay.spent.minorUnits) are spent on the first day, where "
            + "\(firstDay.cap.minorUnits) may be", at: entry.id, breaking: 7)
      }
      checkLots(of: entry, on: before, order: rules.debit.order)
    }

    /// A debit takes, and a hold sets aside, the lots that the program's order names.
    private func checkLots(of entry: Entry, on before: Account, order: DebitOrder) {
      let consumption = Consumption(of: before, at: entry.at)
      guard entry.amount <= consumption.usable else {
        findings.add("it takes more than a debit could take then", at: entry.id, breaking: 6)
        return
      }
      var parts = entry.consumption
      for case .holdPlaced(let hold) in entry.changes {
        parts = hold.parts
        if hold.id != HoldID(entry.id) || hold.id != entry.hold || hold.expiresAt <= entry.at {
          findings.add("its hold is not one that it could place", at: entry.id, breaking: 6)
        }
      }
      if parts != consumption.parts(for: entry.amount, order: order, of: before) {
        findings.add("it takes other lots than the program's order names", at: entry.id)
      }
    }

    private func checkTopUp(_ step: Step, _ rules: StoredValueRules) {
      let entry = step.entry
      guard let before = step.before, isRequestable(entry) else { return }
      let grants = entry.changes.compactMap(\.grant).filter { $0.kind == .principal }
      let pending = rules.topUp.pendingTenders.contains { $0 == entry.tender }
      let due = Change.Grant(
        lot: LotID(topUp: entry.id, index: 0), kind: .principal, amount: entry.amount,
        pending: pending)
      if grants != [due] {
        findings.add("it does not grant its own principal", at: entry.id)
      }
      let context = context(of: entry, rules)
      let judgement = BonusJudgement(
        amount: entry.amount, store: entry.origin.store, account: before, in: context)
      checkBonus(of: entry, for: entry.id, pending ? [] : judgement.granted)
      let bonus = pending ? Amount.zero : judgement.total
      for refusal in before.limits(entry.amount, bonus: bonus, in: context) {
        findings.add("it passes a limit: \(refusal.limitName)", at: entry.id)
      }
    }

    private func checkClearing(_ step: Step, _ rules: StoredValueRules, _ original: Entry?) {
      let entry = step.entry
      guard let before = step.before, let original, isRequestable(entry) else { return }
      let judgement = BonusJudgement(
        amount: entry.amount, store: original.origin.store, account: before,
        in: context(of: entry, rules))
      checkBonus(of: entry, for: original.id, judgement.granted)
      if entry.changes.contains(where: { $0.grant?.kind == .principal }) {
        findings.add("it grants principal beside that of its top-up", at: entry.id)
      }
    }

    /// The bonus lots against what the program gives.
    ///
    /// When a lot expires depends on the calendar, so only whether it does is looked at.
    private func checkBonus(
      of entry: Entry, for topUp: EntryID, _ lines: [BonusJudgement.Line]
    ) {
      let due = lines.enumerated().map { offset, line in
        Change.Grant(
          lot: LotID(topUp: topUp, index: UInt8(clamping: offset + 1)), kind: .bonus,
          amount: line.amount,
          releasePerDebit: line.rule.release.map {
            max(Amount(1), Rounding.down(line.amount, at: $0))
          },
          expiresAt: line.rule.expiresAfterDays.map { _ in .latest }, rule: line.rule.id)
      }
      let granted = entry.bonusGrants.map { grant in
        Change.Grant(
          lot: grant.lot, kind: grant.kind, asset: grant.asset, amount: grant.amount,
          releasePerDebit: grant.releasePerDebit,
          expiresAt: grant.expiresAt.map { $0 > entry.at ? .latest : $0 }, rule: grant.rule,
          pending: grant.pending)
      }
      if granted != due {
        findings.add("its bonus is not what the program gives", at: entry.id)
      }
    }

    /// What a closed card is paid, and that nothing stays on it (INV-18).
    private func checkClosing(_ step: Step, _ rules: StoredValueRules) {
      let entry = step.entry
      guard let before = step.before else { return }
      if !before.liveHolds(at: entry.at).isEmpty {
        findings.add("it closes a card with live holds", at: entry.id, breaking: 6)
      }
      let left = Holding(of: step.after)
      if left.principal != 0 || left.bonus != 0 || left.pending != 0 {
        findings.add("it leaves value on a closed card", at: entry.id)
      }
      let due: Amount
      switch rules.close.method {
      case .none: due = .zero
      case .principal: due = entry.principal
      case .paidRatio:
        let all = before.paid + before.bonusGranted
        let charged =
          all.isZero
          ? .zero : Rounding.up(before.used, times: before.paid.minorUnits, over: all.minorUnits)
        due = before.paid.clampedSubtracting(charged)
      }
      if step.tally.payout != Int128(due.minorUnits) {
        findings.add(
          "it pays out \(step.tally.payout), and \(due.minorUnits) by the program's method",
          at: entry.id, breaking: 18)
      }
    }

    /// Whether the amount is one that a request may name; with any other nothing is computed.
    private func isRequestable(_ entry: Entry) -> Bool {
      guard !entry.amount.isZero, entry.amount <= .requestLimit else {
        findings.add("its amount is none that a request may name", at: entry.id)
        return false
      }
      return true
    }

    /// The context the entry was decided in, as far as it is known here.
    private func context(of entry: Entry, _ rules: StoredValueRules) -> DecisionContext {
      let date = entry.date
      let calendar = BusinessCalendar(date: { _ in date }, start: { _ in .latest })
      return DecisionContext(
        now: entry.at, calendar: calendar, rules: rules, programVersion: entry.programVersion,
        nextEntry: entry.id)
    }
  }
}

extension Change {
  fileprivate var grant: Grant? {
    if case .lotGranted(let grant) = self { grant } else { nil }
  }
}

extension Refusal {
  /// The limit it names.
  fileprivate var limitName: String {
    for detail in details where detail.name == "limit" {
      if case .text(let name) = detail.value { return name }
    }
    return code.name
  }
}
