// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import JSON

/// The working day: what happens at the till, and what must come of it, to the fen.
struct DemoDay {
  let till: DemoTill
  let page: DemoPage

  static let card = JSONTree.string("6688010100000017")
  static let newCard = JSONTree.string("6688010100000025")
  /// Leading zeros are kept: a PIN is text.
  static let pin = JSONTree.string("004271")

  func play() throws(Failure) {
    try page.text(
      "A working day at a till. → what the till asks, ← what Scrip answers. Amounts are in fen; "
        + "‹ › shows them in yuan.")
    try page.text(
      "收银台的一天：→ 请求，← 应答；金额单位为分，‹ › 内为元。")
    try page.text(
      "Members that are null are left out here. Before each step the ledger's test clock is set, "
        + "unseen.")
    try morning()
    try crash()
    try nextDay()
    try coupons()
    try lostAndClosed()
    try books()
  }

  static func today(_ time: String) -> LocalTime { LocalTime(date: "2026-03-02", time: time) }

  static func tomorrow(_ time: String) -> LocalTime { LocalTime(date: "2026-03-03", time: time) }

  /// A debit of the card with its PIN.
  func debit(_ amount: Int64, pin: JSONTree = DemoDay.pin) -> [(String, JSONTree)] {
    [("card_no", Self.card), ("amount", .integer(amount)), ("pin", pin)]
  }

  // MARK: The first day

  private func morning() throws(Failure) {
    try till.step(Self.today("09:00"), "The till starts the engine", "收银程序启动引擎") {
      () throws(Failure) in
      try page.command(["scrip", "init", "--data", till.directory, "--test-mode"])
      try till.start(at: "2026-03-02T01:00:00Z")
      try till.ask("system.info").expect("test_mode", true)
    }
    try till.step(
      Self.today("09:02"), "The merchant's rules: load 1,000 get 150, released in parts",
      "商家规则：充1000送150，赠金分次释放"
    ) { () throws(Failure) in
      try till.change("program.set", [("program", Self.program)]).expect("program_version", 1)
    }
    try till.step(
      Self.today("09:05"), "A card is opened with 1,000 yuan and a PIN", "开卡充值1000元并设密码"
    ) { () throws(Failure) in
      let opened = try till.change(
        "account.open",
        [
          ("card_no", Self.card), ("pin", Self.pin),
          ("topup", ["amount": 100_000, "tender": "cash"]),
        ])
      try opened.expectBalance(100_000, 15_000)
      try opened.expect("bonus.amount", 15_000)
      try opened.expect("account.first_day.cap", 60_000)
      try opened.expect("account.balance.spendable", 60_000)
    }
    try firstDebits()
  }

  private static let program: JSONTree = [
    "topup": [
      "pending_tenders": ["cheque"],
      "bonus_rules": [
        [
          "id": "load-1000", "min_amount": 100_000, "grant": ["type": "fixed", "amount": 15_000],
          "release_basis_points": 1000,
        ]
      ],
    ],
    "first_day": ["cap_basis_points": 6000],
    "pin": ["required": true],
    "close": ["refund_method": "principal"],
  ]

  private func firstDebits() throws(Failure) {
    try till.step(
      Self.today("09:20"), "On its first day a card spends at most 60 % of its load",
      "首日消费上限：本金的60%"
    ) { () throws(Failure) in
      try till.refused("first_day_limit", "debit.create", debit(60_001))
    }
    try till.step(Self.today("09:30"), "A wrong PIN, then the right one", "密码先错后对") {
      () throws(Failure) in
      let wrong = try till.refused(
        "pin_incorrect", "debit.create", debit(20_000, pin: "004272"))
      try wrong.expect("data.details.attempts_left", 4)
      let right = try till.change("debit.create", debit(20_000))
      try right.expect("entry.bonus", 1500)
      try right.expect("entry.principal", 18_500)
      try right.expect("account.pin.attempts_left", 5)
      try right.expectBalance(81_500, 13_500)
    }
    var lastKey = ""
    try till.step(
      Self.today("10:00"), "Each debit takes one part of the bonus", "赠金每次消费释放一份"
    ) { () throws(Failure) in
      for bonus in [12_000, 10_500, 9000] as [Int64] {
        lastKey = till.newKey()
        let taken = try till.change("debit.create", debit(5000), key: lastKey)
        try taken.expect("entry.bonus", 1500)
        try taken.expect("account.balance.bonus", .integer(bonus))
      }
    }
    try till.step(
      Self.today("10:15"), "The till is not sure, and sends the same key again", "同一请求号重发不重扣"
    ) { () throws(Failure) in
      let again = try till.change("debit.create", debit(5000), key: lastKey)
      try again.expect("replayed", true)
      try again.expectBalance(71_000, 9000)
      let other = try till.refused(
        "idempotency_conflict", "debit.create", debit(5001), key: lastKey)
      try other.expect("data.field", "/amount")
    }
  }

  // MARK: The power cut

  private func crash() throws(Failure) {
    try till.step(
      Self.today("11:00"), "The engine is killed in the middle of the day", "营业中途引擎被强行终止"
    ) { () throws(Failure) in
      let before = try till.ask("account.get", [("card_no", Self.card)])
      try till.crash()
      try till.start(at: "2026-03-02T03:01:00Z")
      let after = try till.ask("account.get", [("card_no", Self.card)])
      guard after.message["result"] == before.message["result"] else {
        throw .data("the card is not what it was before")
      }
      try after.expectBalance(71_000, 9000)
    }
    try till.step(
      Self.today("11:10"), "Killed again before the answer came: sent again, taken once",
      "应答未到即断电：重发只扣一次"
    ) { () throws(Failure) in
      let key = till.newKey()
      try till.sendUnheard("debit.create", debit(2000), key: key)
      try till.crash()
      try page.text("(no answer was read: has it been taken or not?)")
      try till.start(at: "2026-03-02T03:11:00Z")
      let sure = try till.change("debit.create", debit(2000), key: key)
      try sure.expectBalance(70_500, 7500)
    }
  }
}
