// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// The shapes of objects and results (contract §3, §9 Shapes).
@Suite struct ShapeTests {
  private static let accountMembers: Set<String> = [
    "account_id", "card_no", "status", "registered", "holder", "level", "opened_at", "opened_on",
    "balance", "first_day", "lots", "pin",
  ]
  private static let balanceMembers: Set<String> = [
    "principal", "bonus", "held", "pending", "available", "spendable",
  ]
  private static let pinMembers: Set<String> = ["set", "attempts_left", "locked_until"]
  private static let lotMembers: Set<String> = [
    "lot_id", "kind", "granted", "remaining", "release_per_debit", "expires_at", "pending",
  ]
  private static let entryMembers: Set<String> = [
    "entry_id", "seq", "kind", "account_id", "amount", "principal", "bonus", "at", "business_date",
    "store_id", "terminal_id", "operator_id", "reason", "status", "links",
  ]

  private func names(_ tree: JSONTree?) -> Set<String> { Set(tree?.names ?? []) }

  private func expectAccount(
    _ tree: JSONTree?, at location: SourceLocation = #_sourceLocation
  ) {
    let balance = names(tree?["balance"])
    let pin = names(tree?["pin"])
    let isFine =
      names(tree).isSuperset(of: Self.accountMembers)
      && balance.isSuperset(of: Self.balanceMembers) && pin.isSuperset(of: Self.pinMembers)
      && tree?["account_id"]?.string?.hasPrefix("acc_") == true
      && isInstant(tree?["opened_at"]) && isDate(tree?["opened_on"])
    #expect(isFine, "\(tree?.text ?? "nothing")", sourceLocation: location)
    for lot in tree?["lots"]?.elements ?? [] {
      #expect(names(lot).isSuperset(of: Self.lotMembers), sourceLocation: location)
    }
  }

  private func expectEntry(
    _ tree: JSONTree?, _ kind: String, at location: SourceLocation = #_sourceLocation
  ) {
    let amounts = ["amount", "principal", "bonus"].map { tree?[$0]?.integer ?? -1 }
    let isFine =
      names(tree).isSuperset(of: Self.entryMembers) && tree?["kind"] == .string(kind)
      && tree?["entry_id"]?.string?.hasPrefix("ent_") == true
      && isInstant(tree?["at"]) && isDate(tree?["business_date"])
      && amounts.allSatisfy { $0 >= 0 }
    #expect(isFine, "\(tree?.text ?? "nothing")", sourceLocation: location)
  }

  /// RFC 3339 in UTC with milliseconds and `Z`.
  private func isInstant(_ tree: JSONTree?) -> Bool {
    guard let text = tree?.string else { return false }
    let form = "dddd-dd-ddTdd:dd:dd.dddZ"
    return text.utf8.count == form.utf8.count
      && zip(text, form).allSatisfy { $1 == "d" ? $0.isNumber && $0.isASCII : $0 == $1 }
  }

  private func isDate(_ tree: JSONTree?) -> Bool {
    guard let text = tree?.string else { return false }
    return text.count == 10
      && zip(text, "dddd-dd-dd").allSatisfy { $1 == "d" ? $0.isNumber && $0.isASCII : $0 == $1 }
  }

  private static let program: JSONTree = [
    "topup": [
      "pending_tenders": ["cheque"],
      "bonus_rules": [
        ["id": "r", "min_amount": 500, "grant": ["type": "fixed", "amount": 50]]
      ],
    ],
    "first_day": ["cap_basis_points": 6000],
  ]

  @Test func `opening, topping up, spending`() throws {
    let shop = try Shop(Self.program)
    let bare = try shop.open("C0")
    expectAccount(bare["/account"])
    #expect(names(bare.result) == ["account"])
    let open = try shop.open("C1", topUp: 1000, ["level": "gold", "holder": ["name": "Li"]])
    #expect(names(open.result).isSuperset(of: ["account", "entry", "bonus"]))
    expectAccount(open["/account"])
    expectEntry(open["/entry"], "topup")
    #expect(open["/account/level"] == "gold" && open["/account/holder"] == ["name": "Li"])
    #expect(open["/account/first_day"] == ["cap": 600, "spent": 0, "remaining": 600])
    #expect(open["/bonus/amount"] == 50 && open["/bonus/rule_ids"] == ["r"])
    #expect(open["/bonus/coupons"] == [])
    #expect(open["/entry/amount"] == 1000 && open["/entry/principal"] == 1000)
    #expect(open["/entry/bonus"] == 50)
    let topUp = try shop.topUp("C1", 500)
    #expect(names(topUp.result).isSuperset(of: ["entry", "bonus", "account"]))
    expectEntry(topUp["/entry"], "topup")
    let debit = try shop.debit("C1", 100)
    #expect(names(debit.result).isSuperset(of: ["entry", "account", "alerts"]))
    #expect(debit["/alerts"] == [])
    expectEntry(debit["/entry"], "debit")
    expectAccount(debit["/account"])
    let quote = try shop.ask("topup.quote", ["card_no": "C1", "amount": 500])
    #expect(names(quote.result).isSuperset(of: ["bonus", "rules", "coupons"]))
    #expect(
      names(quote["/rules/0"]).isSuperset(of: ["rule_id", "amount", "applied", "why_not"]))
  }

  @Test func `holds and what is given back`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000)
    let hold = try shop.hold("C1", 10)
    #expect(names(hold.result).isSuperset(of: ["hold_id", "entry", "account"]))
    #expect(hold["/hold_id"]?.string?.hasPrefix("hld_") ?? false)
    expectEntry(hold["/entry"], "authorize")
    let capture = try shop.capture(hold.string("/hold_id"))
    expectEntry(capture["/entry"], "capture")
    expectAccount(capture["/account"])
    #expect(names(capture["/entry/links"]).contains("captures"))
    expectEntry(try shop.release(shop.hold("C1", 10).string("/hold_id"))["/entry"], "release")
    let debit = try shop.debit("C1", 10).string("/entry/entry_id")
    let refund = try shop.refund(debit, 4)
    expectEntry(refund["/entry"], "refund")
    expectAccount(refund["/account"])
    let second = try shop.debit("C1", 10).string("/entry/entry_id")
    let reverse = try shop.reverse(second)
    expectEntry(reverse["/entry"], "reverse")
    expectAccount(reverse["/account"])
    for (method, kind) in [("topup.clear", "topup_clear"), ("topup.bounce", "topup_bounce")] {
      let cheque = try shop.topUp("C1", 10, "cheque").string("/entry/entry_id")
      let end = try shop.change(method, ["entry_id": .string(cheque)])
      expectEntry(end["/entry"], kind)
      expectAccount(end["/account"])
    }
  }

  @Test func `status and PIN methods answer with the account`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000)
    let steps: [(String, JSONTree)] = [
      ("account.freeze", [:]), ("account.unfreeze", [:]), ("pin.set", ["pin": "1234"]),
      ("pin.verify", ["pin": "1234"]), ("pin.change", ["current_pin": "1234", "new_pin": "1111"]),
      ("pin.reset", ["new_pin": "2222", "proof": "passport"]), ("account.report_lost", [:]),
      ("account.replace_card", ["new_card_no": "C2"]),
    ]
    for (method, more) in steps {
      let answer = expectResult(try shop.card(method, "C1", more))
      expectAccount(answer["/account"])
      #expect(names(answer.result) == ["account"], "\(method)")
    }
    let close = try shop.card("account.close", "C2")
    #expect(names(close.result).isSuperset(of: ["payout", "forfeited_bonus", "account"]))
    expectAccount(close["/account"])
    #expect(close["/account/lots"] == [])
  }

  @Test func `reads`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000, ["idempotency_key": "k", "holder": ["phone": "138"]])
    expectAccount(try shop.account("C1").result)
    let found = try shop.ask("account.find", ["phone": "138"])
    expectAccount(found["/accounts/0"])
    #expect(found["/next_cursor"] == .null)
    let statement = try shop.ask("account.statement", ["card_no": "C1"])
    #expect(names(statement.result).isSuperset(of: ["entries", "next_cursor"]))
    for entry in statement["/entries"]?.elements ?? [] {
      expectEntry(entry, entry["kind"]?.string ?? "")
    }
    let lookup = try shop.ask("entry.lookup", ["original_idempotency_key": "k"])
    expectEntry(lookup.result, "topup")
    let id = try lookup.string("/entry_id")
    #expect(try shop.ask("entry.get", ["entry_id": .string(id)]).resultText == lookup.resultText)
  }

  @Test func `the key of an opening without a top-up finds the opening`() throws {
    let shop = try Shop()
    try shop.open("C1", ["idempotency_key": "k"])
    let lookup = try shop.ask("entry.lookup", ["original_idempotency_key": "k"])
    expectEntry(lookup.result, "open")
    let statement = try shop.ask("account.statement", ["card_no": "C1"])
    #expect(statement["/entries"]?.elements.map { $0["kind"] } == ["open"])
    #expect(lookup["/amount"] == 0 && lookup["/principal"] == 0 && lookup["/bonus"] == 0)
  }

  @Test func `the ledger and the system`() throws {
    let shop = try Shop(Self.program)
    try shop.open("C1", topUp: 1000)
    let verify = try shop.ask("ledger.verify")
    #expect(verify["/ok"] == true && verify["/problems"] == [])
    #expect(verify.int("/entries") == (try shop.ask("system.info").int("/entries")))
    let balance = try shop.ask("ledger.trial_balance")
    #expect(balance["/total"] == 0)
    for account in balance["/accounts"]?.elements ?? [] {
      #expect(names(account).isSuperset(of: ["name", "debit", "credit"]))
    }
    let info = try shop.ask("system.info")
    #expect(info["/currency"] == "CNY" && info["/timezone"] == "Asia/Shanghai")
    #expect(info["/clock/now"] == "2026-03-02T02:00:00.000Z")
    #expect(info["/clock/business_date"] == "2026-03-02")
    #expect(info.int("/program_version") == 1)
    #expect(try shop.ask("system.ping").isResult)
    #expect(try shop.ask("initialize", ["client": "till"]).isResult)
    let discover = try shop.ask("rpc.discover")
    #expect(discover["/openrpc"]?.string != nil)
    let methods = (discover["/methods"]?.elements ?? []).compactMap { $0["name"]?.string }
    #expect(Set(methods).isSuperset(of: Self.methods))
  }

  /// The methods of contract §4 and §8.
  static let methods: Set<String> = [
    "account.open", "account.get", "account.find", "account.statement", "account.freeze",
    "account.unfreeze", "account.report_lost", "account.replace_card", "account.close", "pin.set",
    "pin.change", "pin.reset", "pin.verify", "topup.quote", "topup.create", "topup.clear",
    "topup.bounce", "debit.create", "debit.authorize", "debit.capture", "debit.release",
    "debit.refund", "entry.reverse", "entry.get", "entry.lookup", "entry.list",
    "ledger.trial_balance", "ledger.verify", "initialize", "shutdown", "rpc.discover",
    "system.info", "system.ping", "clock.advance", "clock.set", "program.get", "program.set",
  ]

  @Test func `every method of the contract is there`() throws {
    let shop = try Shop()
    for method in Self.methods.sorted() where method != "shutdown" {
      #expect(try shop.ask(method, ["unheard of": 1]).number == -32602, "\(method)")
    }
  }
}
