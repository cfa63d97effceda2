// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue
import Testing

@testable import Engine

/// A till at which anything is asked for, sensible or not.
struct AuditWalk {
  private static let tenders = ["cash", "cheque", "wechat"]
  private static let pins = ["1234", "1234", "1234", "4321"]

  let till: AuditTill
  private var random: AuditRandom
  private var accounts: [AccountID] = []
  private var cards = 0

  init(seed: UInt64) throws {
    till = try AuditTill(seed: seed)
    random = AuditRandom(seed: seed)
  }

  mutating func run(steps: Int) throws {
    try changeProgram()
    for _ in 0..<5 { try open() }
    for _ in 0..<steps { try step() }
  }

  private mutating func one<Value>(of values: [Value]) -> Value {
    values[random.below(values.count)]
  }

  private mutating func amount(_ most: Int) -> Amount { Amount(Int64(1 + random.below(most))) }

  private mutating func step() throws {
    switch random.below(100) {
    case 0..<2: try changeProgram()
    case 2..<4: try open()
    case 4..<12: try till.pass(seconds: Int64(random.below(4000)))
    case 12..<13: try till.pass(seconds: Int64(random.below(200_000)))
    case 13..<16: try sweep()
    case 16..<22:
      let key = "key \(random.below(40))"
      try till.ask(command(), key: key, pin: PIN(one(of: Self.pins)))
    default: try till.ask(command(), store: one(of: ["s1", "s2", nil]))
    }
  }

  private func sweep() throws {
    try till.engine.begin(writing: true)
    _ = try till.engine.sweep(limit: 3)
    try till.store.end()
  }

  private mutating func open() throws {
    cards += 1
    let command = OpenAccount(
      cardNumber: try number(), registered: random.below(2) == 0,
      holder: random.below(3) == 0 ? [.name: "Han", .phone: "1", .documentNumber: "2"] : nil,
      level: one(of: ["gold", nil]), pin: random.below(3) == 0 ? PIN("1234") : nil,
      topUp: random.below(3) > 0 ? payment() : nil,
      sameDaySpend: random.below(5) == 0 ? amount(100_000) : nil)
    if case .done(let entry, _) = try till.ask(command), let id = entry.account {
      accounts.append(id)
    }
  }

  private mutating func number() throws -> CardNumber {
    let number = random.below(8) == 0 ? random.below(cards) : cards
    return try #require(CardNumber("card \(number)".replacing(" ", with: "-")))
  }

  private mutating func payment() -> Payment {
    Payment(amount: amount(200_000), tender: one(of: Self.tenders))
  }

  private mutating func command() throws -> any Command {
    let name =
      accounts.isEmpty
      ? AccountName.card(try number()) : .id(accounts[random.below(accounts.count)])
    let pin = random.below(3) == 0 ? nil : PIN(one(of: Self.pins))
    let newPIN = try #require(PIN("1234"))
    let entry = EntryID(Int64(1 + random.below(Int(till.store.working.head.sequence) + 1)))
    switch random.below(40) {
    case 0..<5: return CreateTopUp(name: name, payment: payment())
    case 5..<15:
      return CreateDebit(
        name: name, amount: amount(30_000), pin: pin, allowPartial: random.below(4) == 0)
    case 15..<19:
      return AuthorizeDebit(
        name: name, amount: amount(20_000), pin: pin, seconds: Int64(60 + random.below(100_000)))
    case 19..<22:
      return CaptureHold(
        hold: HoldID(try recent(.authorize) ?? entry), name: nil,
        amount: random.below(2) == 0 ? nil : amount(15_000))
    case 22..<23: return ReleaseHold(hold: HoldID(try recent(.authorize) ?? entry), name: nil)
    case 23..<27:
      return RefundDebit(
        entry: try recent(.debit) ?? entry, name: nil,
        amount: random.below(2) == 0 ? nil : amount(5000))
    case 27..<30: return ReverseEntry(original: .entry(entry), name: nil)
    case 30..<32: return ClearTopUp(entry: try recent(.topUp) ?? entry, name: nil)
    case 32: return BounceTopUp(entry: try recent(.topUp) ?? entry, name: nil)
    case 33: return try life(name, newPIN)
    case 34: return VerifyPIN(name: name, pin: pin ?? newPIN)
    case 35: return SetPIN(name: name, pin: newPIN, isOverride: random.below(2) == 0)
    case 36: return ResetPIN(name: name, newPIN: newPIN)
    case 37: return ChangePIN(name: name, currentPIN: pin ?? newPIN, newPIN: newPIN)
    case 38: return UnfreezeAccount(name: name)
    default:
      let key = "key \(random.below(60))"
      return ReverseEntry(original: .key(try #require(IdempotencyKey(key))), name: nil)
    }
  }

  private mutating func life(_ name: AccountName, _ pin: PIN) throws -> any Command {
    switch random.below(8) {
    case 0..<2: return FreezeAccount(name: name)
    case 2: return ReportLost(name: name)
    case 3: return CloseAccount(name: name)
    default:
      cards += 1
      return ReplaceCard(
        name: name, newCardNumber: try number(), newPIN: random.below(2) == 0 ? pin : nil)
    }
  }

  /// One of the last entries of a kind.
  private mutating func recent(_ kind: EntryKind) throws -> EntryID? {
    let first = max(1, till.store.working.head.sequence - 60)
    let found = try till.store.entries(from: EntryID(first), limit: 100).filter { $0.kind == kind }
    return found.isEmpty ? nil : one(of: found).id
  }

  private mutating func changeProgram() throws {
    func maybe(_ text: String) -> String? { random.below(2) == 0 ? text : nil }
    let order = one(of: ["bonus_first", "principal_first", "proportional"])
    let debit = [
      maybe(#""daily_max":\#(40_000 + random.below(60_000))"#), #""order":"\#(order)""#,
      maybe(#""pin_free_limit":5000"#),
    ].compactMap(\.self).joined(separator: ",")
    let rules = [
      maybe(
        #"{"expires_after_days":\#(random.below(3)),"grant":{"amount":\#(1 + random.below(9000)),"#
          + #""type":"fixed"},"id":"a","min_amount":1000}"#),
      maybe(
        #"{"grant":{"amount":700,"every":10000,"type":"per"},"id":"b","#
          + #""release_basis_points":2000,"store_ids":["s1"]}"#),
      maybe(
        #"{"first_topup_only":true,"grant":{"basis_points":1500,"type":"rate"},"id":"c","#
          + #""weekdays":[1,2,3]}"#),
      maybe(
        #"{"grant":{"amount":10,"type":"fixed"},"id":"d","levels":["gold"],"#
          + #""once_per_account":true}"#),
    ].compactMap(\.self).joined(separator: ",")
    let combination = one(of: ["best", "all", "first"])
    let method = one(of: ["principal", "paid_ratio", "none"])
    let lock = one(of: ["600", "null"])
    let sections = [
      maybe(#""card":{"max_balance":\#(300_000 + random.below(300_000))}"#),
      #""close":{"refund_method":"\#(method)"}"#, #""debit":{\#(debit)}"#,
      maybe(#""first_day":{"cap_basis_points":\#(random.below(10_000)),"gate_basis_points":5000}"#),
      #""pin":{"lock_seconds":\#(lock),"max_attempts":\#(1 + random.below(4))}"#,
      #""topup":{"bonus_combination":"\#(combination)","bonus_rules":[\#(rules)],"#
        + #""pending_tenders":["cheque"]}"#,
    ].compactMap(\.self).joined(separator: ",")
    try till.setProgram("{\(sections)}")
  }
}

@Suite struct AuditWalkTests {
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `what the engine writes of itself is always good`(seed: UInt64) throws {
    var walk = try AuditWalk(seed: seed)
    try walk.run(steps: 700)
    let count = try walk.till.entries().count
    for folded in [count, count / 2] {
      let problems = try walk.till.ledger(foldedTo: folded).audit()
      #expect(problems.map(\.description) == [], "seed \(seed)")
    }
  }
}
