// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

/// The requests of a till, in plain numbers.
extension Till {
  /// The id that the n-th account of a test gets.
  private static func accountID(_ number: Int) throws -> AccountID {
    guard let id = AccountID(stored: Int64(number)) else { throw Broken("no id \(number)") }
    return id
  }

  static func cardNumber(_ text: String) throws -> CardNumber {
    guard let number = CardNumber(text) else { throw Broken("no card number: \(text)") }
    return number
  }

  mutating func open(
    _ number: String, topUp: Int64? = nil, tender: String = "cash", pin: [UInt8]? = nil,
    registered: Bool = false, level: String? = nil, sameDaySpend: Int64? = nil,
    holderIsComplete: Bool = false
  ) throws -> Answer {
    let id = try Self.accountID(accounts.count + 1)
    let opening = Opening(
      cardNumber: try Self.cardNumber(number), registered: registered, level: level,
      holderDigest: registered ? [7, 7] : nil, holderIsComplete: holderIsComplete,
      pinVerifier: pin, topUp: topUp.map { Payment(amount: Amount($0), tender: tender) },
      sameDaySpend: sameDaySpend.map { Amount($0) })
    let decision = Account.open(
      opening, id: id, cardTaken: isTaken(opening.cardNumber), in: context)
    return try record(decision, on: id)
  }

  /// Opens a card and returns its account; throws when it is refused.
  mutating func card(
    _ number: String = "1001", topUp: Int64? = nil, tender: String = "cash", pin: [UInt8]? = nil,
    registered: Bool = false, level: String? = nil
  ) throws -> AccountID {
    let answer = try open(
      number, topUp: topUp, tender: tender, pin: pin, registered: registered, level: level)
    guard let id = try answer.entry.account else { throw Broken("opened without an account") }
    return id
  }

  mutating func topUp(_ id: AccountID, _ amount: Int64, tender: String = "cash") throws -> Answer {
    try ask(id) { $0.topUp(Payment(amount: Amount(amount), tender: tender), in: $1) }
  }

  mutating func clear(_ id: AccountID, _ original: Entry) throws -> Answer {
    try ask(id) { $0.clear(original, in: $1) }
  }

  mutating func bounce(_ id: AccountID, _ original: Entry) throws -> Answer {
    try ask(id) { $0.bounce(original, in: $1) }
  }

  mutating func debit(
    _ id: AccountID, _ amount: Int64, pin: PINEvidence = .absent, partial: Bool = false
  ) throws -> Answer {
    try ask(id) { $0.debit(Amount(amount), allowPartial: partial, pin: pin, in: $1) }
  }

  mutating func authorize(
    _ id: AccountID, _ amount: Int64, seconds: Int64 = 3600, pin: PINEvidence = .absent
  ) throws -> Answer {
    try ask(id) { $0.authorize(Amount(amount), forSeconds: seconds, pin: pin, in: $1) }
  }

  /// Sets value aside and returns the hold; throws when it is refused.
  mutating func hold(_ id: AccountID, _ amount: Int64, seconds: Int64 = 3600) throws -> HoldID {
    guard let hold = try authorize(id, amount, seconds: seconds).entry.hold else {
      throw Broken("authorized without a hold")
    }
    return hold
  }

  mutating func capture(_ id: AccountID, _ hold: HoldID, _ amount: Int64? = nil) throws -> Answer {
    try ask(id) { $0.capture(hold, amount: amount.map { Amount($0) }, in: $1) }
  }

  mutating func release(_ id: AccountID, _ hold: HoldID) throws -> Answer {
    try ask(id) { $0.release(hold, in: $1) }
  }

  mutating func refund(_ id: AccountID, _ entry: Entry, _ amount: Int64? = nil) throws -> Answer {
    let marks = marks[entry.id] ?? EntryMarks()
    return try ask(id) {
      $0.refund(entry, marks: marks, amount: amount.map { Amount($0) }, in: $1)
    }
  }

  mutating func reverse(_ id: AccountID, _ entry: Entry) throws -> Answer {
    let marks = marks[entry.id] ?? EntryMarks()
    return try ask(id) { $0.reverse(entry, marks: marks, in: $1) }
  }

  mutating func freeze(_ id: AccountID) throws -> Answer { try ask(id) { $0.freeze(in: $1) } }

  mutating func unfreeze(_ id: AccountID) throws -> Answer { try ask(id) { $0.unfreeze(in: $1) } }

  mutating func reportLost(_ id: AccountID) throws -> Answer {
    try ask(id) { $0.reportLost(in: $1) }
  }

  mutating func replace(
    _ id: AccountID, _ number: String, newPIN: [UInt8]? = nil
  ) throws -> Answer {
    let number = try Self.cardNumber(number)
    let taken = isTaken(number)
    return try ask(id) { $0.replaceCard(number, taken: taken, newVerifier: newPIN, in: $1) }
  }

  mutating func close(_ id: AccountID) throws -> Answer { try ask(id) { $0.close(in: $1) } }

  mutating func setPIN(
    _ id: AccountID, _ verifier: [UInt8] = [1], override isOverride: Bool = false
  ) throws -> Answer {
    try ask(id) { $0.setPIN(verifier, isOverride: isOverride, in: $1) }
  }

  mutating func changePIN(
    _ id: AccountID, _ verifier: [UInt8] = [2], current evidence: PINEvidence
  ) throws -> Answer {
    try ask(id) { $0.changePIN(verifier, current: evidence, in: $1) }
  }

  mutating func resetPIN(_ id: AccountID, _ verifier: [UInt8] = [3]) throws -> Answer {
    try ask(id) { $0.resetPIN(verifier, in: $1) }
  }

  mutating func verifyPIN(_ id: AccountID, _ evidence: PINEvidence) throws -> Answer {
    try ask(id) { $0.verifyPIN(evidence, in: $1) }
  }

  /// Repeats the request of an entry with another PIN.
  mutating func probe(_ id: AccountID, _ entry: Entry) throws -> Answer {
    try ask(id) {
      $0.probePIN(
        of: entry.id, conflict: Refusal(.idempotencyConflict, field: "/pin"), in: $1)
    }
  }
}

extension PINEvidence {
  /// The right PIN, with a verifier that needs no upgrade.
  static var right: PINEvidence { .matches(upgrade: nil) }
  static var wrong: PINEvidence { .differs }
}
