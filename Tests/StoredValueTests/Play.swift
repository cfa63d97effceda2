// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

/// Serves the same operations at a till and in the plain model, and compares after each.
struct Play {
  var till: Till
  var model: PlainModel
  /// The account of each card of the model.
  private(set) var accounts: [AccountID] = []
  /// The cards in hand: those that operations are made on.
  var hand: [Int] = []
  /// The entry of each accepted request.
  private(set) var entries: [Entry] = []
  /// How often each kind of entry was made and each refusal answered.
  private(set) var seen: [String: Int] = [:]

  init(rules: PlainRules) throws {
    till = try Till(rules: StoredValueRules(rules))
    model = PlainModel(now: Int(till.now.milliseconds))
    model.rules = rules
  }

  /// Throws `Broken` where the till and the model differ, or something breaks that must hold.
  mutating func perform(_ operation: Operation) throws {
    let expected: String?
    let answer: Answer
    switch operation {
    case .program(let rules):
      (model.rules, till.rules) = (rules, StoredValueRules(rules))
      return try compareAll()
    case .wait(let until):
      (model.now, till.now) = (until, Instant(milliseconds: Int64(until)))
      model.lapse()
      return try compareAll()
    case .walk(let store):
      (model.store, till.store) = (store, store)
      return
    case .open:
      (expected, answer) = try open(operation)
    case .freeze, .unfreeze, .reportLost, .replace, .setPIN, .changePIN, .resetPIN, .verifyPIN,
      .probe:
      (expected, answer) = try performOnCard(operation)
    default:
      (expected, answer) = try performOnValue(operation)
    }
    guard answer.code?.name == expected else {
      throw Broken("answered \(answer.code?.name ?? "yes"), expected \(expected ?? "yes")")
    }
    if expected == nil { entries.append(try answer.entry) }
    seen[try expected ?? answer.entry.kind.name, default: 0] += 1
    guard entries.count == model.requests.count else { throw Broken("the model lost count") }
    if case .accepted = answer { try checkPayout(answer.entry) }
    try compareTouched(by: answer)
    try checkCash()
  }

  private mutating func open(_ operation: Operation) throws -> (String?, Answer) {
    guard
      case .open(
        let slot, let number, let registered, let hasHolder, let level, let pin, let topUp,
        let spend) = operation
    else { throw Broken("no opening") }
    let expected = model.open(
      number, registered: registered, hasHolder: hasHolder, level: level, pin: pin, topUp: topUp,
      sameDaySpend: spend)
    let answer = try till.open(
      number, topUp: topUp.map { Int64($0.amount) }, tender: topUp?.tender ?? "",
      pin: pin ? [1] : nil, registered: registered, level: level,
      sameDaySpend: spend.map { Int64($0) }, holderIsComplete: hasHolder)
    if case .accepted = answer, let id = try answer.entry.account {
      accounts.append(id)
      if slot >= hand.count { hand.append(0) }
      hand[slot] = accounts.count - 1
    }
    return (expected, answer)
  }

  private mutating func performOnValue(_ operation: Operation) throws -> (String?, Answer) {
    switch operation {
    case .topUp(let card, let amount, let tender):
      (
        model.topUp(card, amount, tender),
        try till.topUp(accounts[card], Int64(amount), tender: tender)
      )
    case .clear(let card, let request):
      (model.clear(card, request), try till.clear(accounts[card], entries[request]))
    case .bounce(let card, let request):
      (model.bounce(card, request), try till.bounce(accounts[card], entries[request]))
    case .debit(let card, let amount, let partial, let pin):
      (
        model.debit(card, amount, partial: partial, pin: pin),
        try till.debit(
          accounts[card], Int64(amount), pin: PINEvidence(given: pin), partial: partial)
      )
    case .authorize(let card, let amount, let seconds, let pin):
      (
        model.authorize(card, amount, seconds: seconds, pin: pin),
        try till.authorize(
          accounts[card], Int64(amount), seconds: Int64(seconds), pin: PINEvidence(given: pin))
      )
    case .capture(let card, let request, let amount):
      (
        model.capture(card, request, amount),
        try till.capture(accounts[card], HoldID(entries[request].id), amount.map { Int64($0) })
      )
    case .release(let card, let request):
      (
        model.release(card, request),
        try till.release(accounts[card], HoldID(entries[request].id))
      )
    case .refund(let card, let request, let amount):
      (
        model.refund(card, request, amount),
        try till.refund(accounts[card], entries[request], amount.map { Int64($0) })
      )
    case .reverse(let card, let request):
      (model.reverse(card, request), try till.reverse(accounts[card], entries[request]))
    case .close(let card): (model.close(card), try till.close(accounts[card]))
    default: throw Broken("\(operation) moves no value")
    }
  }

  private mutating func performOnCard(_ operation: Operation) throws -> (String?, Answer) {
    switch operation {
    case .freeze(let card): (model.freeze(card), try till.freeze(accounts[card]))
    case .unfreeze(let card): (model.unfreeze(card), try till.unfreeze(accounts[card]))
    case .reportLost(let card): (model.reportLost(card), try till.reportLost(accounts[card]))
    case .replace(let card, let number, let newPIN):
      (
        model.replace(card, number, newPIN: newPIN),
        try till.replace(accounts[card], number, newPIN: newPIN ? [4] : nil)
      )
    case .setPIN(let card, let isOverride):
      (
        model.setPIN(card, override: isOverride),
        try till.setPIN(accounts[card], override: isOverride)
      )
    case .changePIN(let card, let current):
      (
        model.changePIN(card, current: current),
        try till.changePIN(accounts[card], current: PINEvidence(given: current))
      )
    case .resetPIN(let card): (model.resetPIN(card), try till.resetPIN(accounts[card]))
    case .verifyPIN(let card, let given):
      (
        model.verifyPIN(card, given),
        try till.verifyPIN(accounts[card], PINEvidence(given: given))
      )
    case .probe(let card, let request):
      (model.probe(card, request), try till.probe(accounts[card], entries[request]))
    default: throw Broken("\(operation) is not about a card")
    }
  }
}

extension PINEvidence {
  /// What the engine finds where the model says "right", "wrong" or nothing.
  fileprivate init(given: String?) {
    switch given {
    case nil: self = .absent
    case "right": self = .matches(upgrade: nil)
    case "right, old": self = .matches(upgrade: [6])
    default: self = .differs
    }
  }
}
