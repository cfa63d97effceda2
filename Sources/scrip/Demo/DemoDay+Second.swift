// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

// The second day but for its coupon, up to the closing of the card.
extension DemoDay {
  func nextDay() throws(Failure) {
    var purchase = ""
    try till.step(
      Self.today("21:00"), "The next business day begins: the first-day cap is gone",
      "次日开始，首日上限解除"
    ) { () throws(Failure) in
      try till.ask("clock.advance", [("seconds", 43_200)]).expect("business_date", "2026-03-03")
      let taken = try till.change("debit.create", debit(50_000))
      try taken.expect("account.first_day", nil)
      try taken.expectBalance(22_000, 6000)
      purchase = try taken.text("entry.entry_id")
    }
    try till.step(
      Self.tomorrow("09:30"), "Part of the goods come back: refunded to the lots they came from",
      "部分退货，原路退回"
    ) { () throws(Failure) in
      let entry = ("entry_id", JSONTree.string(purchase))
      try till.change("debit.refund", [entry, ("amount", 20_000)]).expectBalance(42_000, 6000)
      try till.refused("refund_exceeds_debit", "debit.refund", [entry, ("amount", 30_001)])
    }
    try till.step(
      Self.tomorrow("10:00"), "A misload is undone, and its bonus with it", "误充冲正，赠金一并撤销"
    ) { () throws(Failure) in
      let wrong = try till.change(
        "topup.create", [("card_no", Self.card), ("amount", 200_000), ("tender", "cash")])
      try wrong.expectBalance(242_000, 21_000)
      let undone = try till.change(
        "entry.reverse",
        [("entry_id", .string(try wrong.text("entry.entry_id"))), ("reason", "wrong amount")])
      try undone.expectBalance(42_000, 6000)
    }
    try cheque()
    try hold()
  }

  private func cheque() throws(Failure) {
    try till.step(
      Self.tomorrow("11:00"), "A cheque: neither spendable nor rewarded until it clears",
      "支票充值：到账前不可用、不赠送"
    ) { () throws(Failure) in
      let pending = try till.change(
        "topup.create", [("card_no", Self.card), ("amount", 100_000), ("tender", "cheque")])
      try pending.expect("account.balance.pending", 100_000)
      try pending.expectBalance(42_000, 6000)
      try till.refused("insufficient_funds", "debit.create", debit(60_000))
      let cleared = try till.change(
        "topup.clear", [("entry_id", .string(try pending.text("entry.entry_id")))])
      try cleared.expect("bonus.amount", 15_000)
      try cleared.expectBalance(142_000, 21_000)
    }
  }

  private func hold() throws(Failure) {
    try till.step(
      Self.tomorrow("12:00"), "A deposit is held, and the bill is captured from it",
      "预授权与预授权完成"
    ) { () throws(Failure) in
      let held = try till.change("debit.authorize", debit(30_000) + [("expires_in", 7200)])
      try held.expect("account.balance.held", 30_000)
      try held.expect("account.balance.available", 133_000)
      let captured = try till.change(
        "debit.capture", [("hold_id", .string(try held.text("hold_id"))), ("amount", 26_800)])
      try captured.expect("entry.bonus", 3000)
      try captured.expect("account.balance.held", 0)
      try captured.expectBalance(118_200, 18_000)
    }
  }

  func lostAndClosed() throws(Failure) {
    let old = [("card_no", Self.card)]
    try till.step(Self.tomorrow("15:00"), "The card is lost, and replaced", "挂失与换卡") {
      () throws(Failure) in
      try till.change("account.report_lost", old).expect("account.status", "lost")
      try till.refused("account_lost", "debit.create", debit(1000))
      let replaced = try till.change(
        "account.replace_card", old + [("new_card_no", Self.newCard)])
      try replaced.expect("account.status", "active")
      try replaced.expectBalance(98_320, 15_000)
      try till.refused("not_found", "debit.create", debit(1000))
    }
    try till.step(
      Self.tomorrow("16:00"), "The card is closed: the principal is paid out", "销卡结算，退还本金"
    ) { () throws(Failure) in
      let closed = try till.change("account.close", [("card_no", Self.newCard)])
      try closed.expect("payout", 98_320)
      try closed.expect("forfeited_bonus", 15_000)
      try closed.expect("account.status", "closed")
      try closed.expectBalance(0, 0)
    }
  }
}
