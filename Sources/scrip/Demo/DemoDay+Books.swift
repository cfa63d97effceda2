// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

// The end of the day: the books.
extension DemoDay {
  func books() throws(Failure) {
    var balance = DemoReply(message: .null)
    try till.step(
      Self.tomorrow("18:00"), "The trial balance: every fen stands on two sides",
      "试算平衡"
    ) { () throws(Failure) in
      balance = try till.ask("ledger.trial_balance")
      try balance.expect("total", 0)
    }
    try till.step(
      Self.tomorrow("18:05"), "The engine recomputes everything from its journal", "账本自检"
    ) { () throws(Failure) in
      try till.ask("ledger.verify").expect("ok", true)
    }
    try till.step(
      Self.tomorrow("18:10"), "The till closes; anybody may verify the ledger", "收银结束，独立验账"
    ) { () throws(Failure) in
      try till.close()
      try page.command(["scrip", "verify", "--data", till.directory])
      let verified = try OwnCommand(arguments: ["verify", "--data", till.directory]).run()
      guard verified.code == 0 else {
        throw .data("scrip verify ended with exit code \(verified.code): \(verified.output)")
      }
      try page.text("(silent, exit code 0: all is good)")
    }
    try summary(Accounts(balance))
  }

  private func summary(_ accounts: Accounts) throws(Failure) {
    let paidIn = try accounts.net("cash:cash") + accounts.net("cash:cheque")
    let sold = -(try accounts.net("sales"))
    let paidOut = -(try accounts.net("payouts"))
    let given = try accounts.net("bonus_expense")
    let takenOff = try accounts.net("coupon_discount")
    let forfeited = -(try accounts.net("breakage"))
    guard try accounts.net("card_principal") == 0, try accounts.net("card_bonus") == 0,
      paidIn + given + takenOff == sold + paidOut + forfeited
    else { throw .data("the books do not say what the till saw") }
    func yuan(_ amount: Int64) -> String { "¥" + MoneyText.plain(amount, "CNY") }
    try page.text("")
    try page.text(
      "\(till.requestCount) requests, \(till.refusalCount) of them refused as they had to be, two "
        + "kills: all answers as expected.")
    try page.text(
      "Paid in \(yuan(paidIn)), bonus \(yuan(given)) and coupons \(yuan(takenOff)) = goods "
        + "\(yuan(sold)), paid out \(yuan(paidOut)), forfeited bonus \(yuan(forfeited)). 收支相符。")
  }

  /// The accounts of a trial balance.
  private struct Accounts {
    private let balance: DemoReply

    init(_ balance: DemoReply) { self.balance = balance }

    /// Debits less credits of an account; 0 where nothing was ever posted.
    func net(_ name: String) throws(Failure) -> Int64 {
      var index = 0
      while let account = balance["accounts.\(index)"] {
        if account["name"] == .string(name) {
          return try balance.number("accounts.\(index).debit")
            - balance.number("accounts.\(index).credit")
        }
        index += 1
      }
      return 0
    }
  }
}
