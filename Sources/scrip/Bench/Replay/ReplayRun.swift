// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// A replay under way: what was sent, and the sums the engine must agree with.
struct ReplayRun {
  /// A customer's card as the replay keeps it, in plain sums.
  private struct Card {
    var balance: Int64 = 0
    /// Debits with what is left to refund of each, oldest first; the id once it is known.
    var debits: [(request: Int64, entry: String?, left: Int64)] = []
  }

  private enum Waiting {
    case debit(card: String)
    case anything
  }

  private static let pin = "0042"
  private static let bonusEvery: Int64 = 50_000
  private static let bonus: Int64 = 5_000
  private let engine: ChildEngine
  private let inFlight: Int
  private var book: [String: Card] = [:]
  private var waiting: [Int64: Waiting] = [:]
  private var lines: [UInt8] = []
  private var clock: Instant?
  private(set) var requests = 0
  private(set) var debits = 0
  private(set) var refunds = 0
  private(set) var topUps = 0
  private(set) var entries: Int64 = 0

  var cards: Int { book.count }

  init(engine: ChildEngine, inFlight: Int) {
    self.engine = engine
    self.inFlight = inFlight
  }

  mutating func play(_ invoices: [Invoice]) throws(Failure) {
    try send("program.set", ReplayRun.program)
    for invoice in invoices {
      if clock != invoice.at {
        clock = invoice.at
        try send("clock.set", ["at": .string(invoice.at.text)])
      }
      let card = invoice.customer.isEmpty ? "WALK-IN" : "C" + invoice.customer
      try openIfNew(card)
      if invoice.cents > 0 { try debit(invoice.cents, card) }
      if invoice.cents < 0 { try refund(-invoice.cents, card) }
      if invoice.cents == 0 { try send("account.get", ["card_no": .string(card)]) }
    }
    try settle()
  }

  /// Every balance and the trial balance against the sums kept here; what differs, a line each.
  mutating func check() throws(Failure) -> [String] {
    var problems: [String] = []
    var total: Int64 = 0
    for (number, card) in book.sorted(by: { $0.key < $1.key }) {
      let answer = try ask("account.get", ["card_no": .string(number)])
      let balance = answer["balance"]
      let held = (balance?["principal"]?.integer ?? 0) + (balance?["bonus"]?.integer ?? 0)
      if held != card.balance { problems.append("\(number): \(held), expected \(card.balance)") }
      total += card.balance
    }
    var inBooks: Int64 = 0
    for line in try ask("ledger.trial_balance", [:])["accounts"]?.elements ?? JSONValue.none {
      guard let name = line["name"]?.string, name == "card_principal" || name == "card_bonus"
      else { continue }
      inBooks += (line["credit"]?.integer ?? 0) - (line["debit"]?.integer ?? 0)
    }
    if inBooks != total { problems.append("trial balance: \(inBooks), expected \(total)") }
    entries = try ask("system.info", [:])["entries"]?.integer ?? 0
    return problems
  }

  private mutating func openIfNew(_ card: String) throws(Failure) {
    guard book[card] == nil else { return }
    book[card] = Card()
    try send("account.open", ["card_no": .string(card), "pin": .string(ReplayRun.pin)])
  }

  private mutating func debit(_ cents: Int64, _ card: String) throws(Failure) {
    let missing = cents - (book[card]?.balance ?? 0)
    if missing > 0 {
      let steps = (missing + Self.bonusEvery - 1) / Self.bonusEvery
      try topUp(steps * Self.bonusEvery, card, "cash")
    }
    let id = try send(
      "debit.create",
      ["card_no": .string(card), "amount": .integer(cents), "pin": .string(ReplayRun.pin)],
      .debit(card: card))
    book[card]?.balance -= cents
    book[card]?.debits.append((request: id, entry: nil, left: cents))
    debits += 1
  }

  private mutating func topUp(_ cents: Int64, _ card: String, _ tender: String) throws(Failure) {
    try send(
      "topup.create",
      ["card_no": .string(card), "amount": .integer(cents), "tender": .string(tender)])
    book[card]?.balance += cents + cents / Self.bonusEvery * Self.bonus
    topUps += 1
  }

  /// Gives back the newest debits first; what exceeds all of them is loaded as goodwill.
  private mutating func refund(_ cents: Int64, _ card: String) throws(Failure) {
    var left = cents
    while left > 0, let last = book[card]?.debits.last {
      if last.entry == nil { try settle() }
      guard let debit = book[card]?.debits.last, let entry = debit.entry else {
        throw .data("a debit of \(card) was not answered")
      }
      let given = min(left, debit.left)
      try send("debit.refund", ["entry_id": .string(entry), "amount": .integer(given)])
      book[card]?.balance += given
      refunds += 1
      left -= given
      book[card]?.debits.removeLast()
      if given < debit.left {
        book[card]?.debits.append((debit.request, entry, debit.left - given))
      }
    }
    if left > 0 { try topUp(left, card, "goodwill") }
  }

  @discardableResult
  private mutating func send(
    _ method: String, _ params: JSONTree, _ kind: Waiting = .anything
  ) throws(Failure) -> Int64 {
    guard case .object(var members) = params else { preconditionFailure("params are an object") }
    if !method.hasPrefix("account.get"), !method.hasPrefix("clock.") {
      members.append(.init("idempotency_key", .string("replay-\(requests)")))
    }
    let id = engine.encode(method, .object(members), into: &lines)
    waiting[id] = kind
    requests += 1
    if waiting.count >= inFlight {
      try flush()
      try receive(untilWaiting: inFlight / 2)
    }
    return id
  }

  private mutating func flush() throws(Failure) {
    try engine.send(lines)
    lines.removeAll(keepingCapacity: true)
  }

  private mutating func settle() throws(Failure) {
    try flush()
    try receive(untilWaiting: 0)
  }

  private mutating func receive(untilWaiting count: Int) throws(Failure) {
    while waiting.count > count {
      guard let answer = try engine.receive() else { throw .io("the engine has gone") }
      guard let id = answer.root["id"]?.integer, let kind = waiting.removeValue(forKey: id),
        let result = answer.root["result"]
      else { throw .data("unexpected answer: \(answer.root.rawText)") }
      if case .debit(let card) = kind, let entry = result["entry"]?["entry_id"]?.string,
        let index = book[card]?.debits.lastIndex(where: { $0.request == id })
      {
        book[card]?.debits[index].entry = entry
      }
    }
  }

  private mutating func ask(_ method: String, _ params: JSONTree) throws(Failure) -> JSONValue {
    try settle()
    var line: [UInt8] = []
    _ = engine.encode(method, params, into: &line)
    try engine.send(line)
    guard let answer = try engine.receive(), let result = answer.root["result"] else {
      throw .data("\(method) was refused")
    }
    return result
  }

  private static let program: JSONTree = [
    "program": [
      "topup": [
        "bonus_rules": [
          [
            "id": "every500",
            "grant": ["type": "per", "every": .integer(bonusEvery), "amount": .integer(bonus)],
          ]
        ]
      ]
    ]
  ]
}

extension JSONValue {
  /// No elements.
  fileprivate static var none: JSONElements { JSONDocument.empty.root.elements }
}

extension JSONDocument {
  fileprivate static var empty: JSONDocument {
    guard let document = try? JSONDocument.parse(Array("[]".utf8)) else {
      preconditionFailure("[] is JSON")
    }
    return document
  }
}
