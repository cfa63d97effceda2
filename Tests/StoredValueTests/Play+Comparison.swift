// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

/// What is compared with the plain model, and what must hold over all cards.
extension Play {
  func compareAll() throws {
    for card in hand { try compare(card) }
  }

  /// Compares the card that an answer changed, and one in hand by turns.
  func compareTouched(by answer: Answer) throws {
    guard !hand.isEmpty else { return }
    let turn = hand[till.journal.count % hand.count]
    try compare(turn)
    guard let id = answer.entries.last?.account, let card = accounts.lastIndex(of: id) else {
      return
    }
    if card != turn { try compare(card) }
  }

  /// The card as a reader sees it, at the till and in the model.
  func compare(_ card: Int) throws {
    let view = try till.view(accounts[card])
    let account = try till.account(accounts[card])
    let lock: PINLock? =
      model.isLocked(card)
      ? model.cards[card].lock == .max
        ? .untilReset : model.cards[card].lock.map { .until(Instant(milliseconds: Int64($0))) }
      : nil
    let firstDay = model.firstDay(card).map {
      AccountSnapshot.FirstDay(cap: Amount(Int64($0.cap)), spent: Amount(Int64($0.spent)))
    }
    try same("principal", view.principal, model.balance(card, bonus: false))
    try same("bonus", view.bonus, model.balance(card, bonus: true))
    try same("pending", view.pending, model.pending(card))
    try same("held", view.held, model.held(card))
    try same("used", account.used, model.spent(card))
    try same("used today", account.spent(on: till.date), model.spent(card, on: model.day))
    guard view.status.name == model.cards[card].status, view.pinSet == model.cards[card].hasPIN,
      view.cardNumber.text == model.cards[card].number
    else { throw Broken("card \(card): \(view.status.name), expected \(model.cards[card])") }
    guard Int(view.pinAttemptsLeft) == model.attemptsLeft(card), view.pinLock == lock,
      view.firstDay == firstDay
    else { throw Broken("card \(card): PIN or first day differ: \(view)") }
    try compareSpendable(card, Int(view.spendable.minorUnits))
    try compareLots(card, view)
  }

  private func same(_ name: String, _ found: Amount, _ expected: Int) throws {
    guard found.minorUnits == Int64(expected) else {
      throw Broken("\(name) is \(found.minorUnits), expected \(expected)")
    }
  }

  /// The model is asked whether it is the largest debit that would be accepted.
  private func compareSpendable(_ card: Int, _ amount: Int) throws {
    let isActive = model.cards[card].status == "active"
    let isEnough = amount == 0 || (isActive && model.refusal(card, amount) == nil)
    let isLargest = !isActive || model.refusal(card, amount + 1) != nil
    guard isEnough, isLargest else { throw Broken("spendable is not \(amount)") }
  }

  private func compareLots(_ card: Int, _ view: AccountSnapshot) throws {
    var expected: [String] = []
    for lot in model.cards[card].lots where lot.left > 0 {
      expected.append(
        "\(lot.isBonus) \(lot.granted) \(lot.left) \(lot.state == "pending") "
          + "\(lot.release ?? 0) \(lot.ends ?? 0)")
    }
    let found = view.lots.map { lot in
      "\(lot.kind == .bonus) \(lot.granted.minorUnits) \(lot.remaining.minorUnits) \(lot.pending) "
        + "\(lot.releasePerDebit?.minorUnits ?? 0) \(lot.expiresAt?.milliseconds ?? 0)"
    }
    guard found == expected else { throw Broken("lots are \(found), expected \(expected)") }
  }

  /// What a closed card paid out is what the model says, and under `principal` the principal left.
  func checkPayout(_ entry: Entry) throws {
    guard let payout = entry.payout else { return }
    guard Int(payout) == model.payouts.last else {
      throw Broken("paid out \(payout), expected \(model.payouts.last ?? 0)")
    }
    if model.rules.refundMethod == "principal", payout != entry.principal.minorUnits {
      throw Broken("INV-18: paid out \(payout) of \(entry.principal.minorUnits)")
    }
  }

  /// T72: but under `paid_ratio`, no more cash leaves than came, and no bonus with it.
  func checkCash() throws {
    guard model.rules.refundMethod != "paid_ratio" else { return }
    let cash = ["cash", "wechat", "cheque"].reduce(into: Int64(0)) {
      $0 += till.total(.cash(tender: $1))
    }
    guard -till.total(.payouts) <= cash else { throw Broken("T72: \(till.totals)") }
  }

  /// INV-4: no debit gives back more than it took, neither in all nor of one lot.
  func checkRefunds() throws {
    var left: [EntryID: [LotID: Int64]] = [:]
    for entry in till.journal {
      for part in entry.consumption {
        left[entry.id, default: [:]][part.lot] = part.amount.minorUnits
      }
      guard let original = entry.linked(.refunds) ?? entry.linked(.reverses) else { continue }
      for case .lotReturned(let lot, let amount) in entry.changes {
        left[original, default: [:]][lot, default: 0] -= amount.minorUnits
      }
    }
    guard left.values.allSatisfy({ $0.values.allSatisfy { $0 >= 0 } }) else {
      throw Broken("INV-4: \(left)")
    }
    for entry in till.journal where entry.kind == .debit || entry.kind == .capture {
      let refunded = till.marks[entry.id]?.refunded ?? .zero
      guard refunded <= entry.amount else { throw Broken("INV-4: \(entry.id.text)") }
    }
  }

  /// The postings of each card by themselves leave what the card holds, and together the totals.
  func checkTotals() throws {
    var totals: [AccountID: [LedgerAccount: Int64]] = [:]
    for entry in till.journal {
      guard let id = entry.account else { throw Broken("an entry without an account") }
      for posting in entry.postings {
        totals[id, default: [:]][posting.account, default: 0] += posting.amount
      }
    }
    var sums: [LedgerAccount: Int64] = [:]
    for (id, own) in totals {
      let account = try till.account(id)
      try Invariants.check([account], totals: own)
      for (name, amount) in own { sums[name, default: 0] += amount }
    }
    guard sums == till.totals else { throw Broken("the cards do not make up the totals") }
  }
}
