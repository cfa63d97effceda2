// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
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
      let code = try Self.run(["verify", "--data", till.directory])
      guard code == 0 else { throw .data("scrip verify ended with exit code \(code)") }
      try page.text("(silent, exit code 0: all is good)")
    }
    try summary(Accounts(balance))
  }

  private func summary(_ accounts: Accounts) throws(Failure) {
    let paidIn = try accounts.net("cash:cash") + accounts.net("cash:cheque")
    let spent = -(try accounts.net("sales"))
    let paidOut = -(try accounts.net("payouts"))
    let given = try accounts.net("bonus_expense")
    let forfeited = -(try accounts.net("breakage"))
    guard try accounts.net("card_principal") == 0, try accounts.net("card_bonus") == 0,
      paidIn + given == spent + paidOut + forfeited
    else { throw .data("the books do not say what the till saw") }
    func yuan(_ amount: Int64) -> String { "¥" + MoneyText.plain(amount, "CNY") }
    try page.text("")
    try page.text(
      "\(till.requestCount) requests, \(till.refusalCount) of them refused as they had to be, two "
        + "kills: all answers as expected.")
    try page.text(
      "Paid in \(yuan(paidIn)) and bonus \(yuan(given)) = goods \(yuan(spent)), paid out "
        + "\(yuan(paidOut)), forfeited bonus \(yuan(forfeited)). 收支相符。")
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

  /// Runs this binary with its output beside ours; the exit code, or 128 and the signal.
  private static func run(_ arguments: [String]) throws(Failure) -> Int32 {
    var words = (["scrip"] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child = pid_t()
    let problem = posix_spawn(&child, "/proc/self/exe", nil, nil, words, environ)
    guard problem == 0 else { throw .unavailable("cannot start scrip: \(systemReason(problem))") }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }
}
