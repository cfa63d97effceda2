// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Program
import Secrets
package import Store
package import StoredValue

/// A decision, with what is kept beside the journal when it is accepted.
package struct Decided: Sendable {
  package let decision: Decision
  /// The particulars of the holder of an account that is opened.
  package let person: Person?

  init(_ decision: Decision, person: Person? = nil) {
    self.decision = decision
    self.person = person
  }
}

/// Where one mutation is decided: the state, the rules, the time and the secrets it may use.
package struct Desk {
  let working: WorkingSet
  let ticket: Ticket
  let now: Instant
  let office: Office

  init(working: WorkingSet, ticket: Ticket, now: Instant, office: Office) {
    self.working = working
    self.ticket = ticket
    self.now = now
    self.office = office
  }

  var calendar: BusinessCalendar { office.calendar }
  var program: Program { office.program }
  var programVersion: Int64 { office.programVersion }
  var pins: PINHasher { office.pins }
  var digester: RequestDigester { office.digester }
  var tokens: CouponTokens { office.tokens }
  var random: @Sendable (Int) -> [UInt8] { office.random }
  var rules: StoredValueRules { office.program.storedValue }

  // MARK: Footprint

  /// The account of this name; `not_found` when there is none.
  func account(_ name: AccountName) throws(Interruption) -> Account {
    try working.find(name)
  }

  /// The entry, its account and what later entries did to it; `not_found` when there is none.
  ///
  /// `name`, where a request gives one too, must name the same account.
  /// An entry of no account is `ofNone`: it is there, but nothing of the kind.
  func original(
    _ id: EntryID, of name: AccountName?, ofNone: RefusalCode
  ) throws(Interruption) -> (entry: Entry, account: Account, marks: EntryMarks) {
    guard let entry = try reading({ () throws(StoreError) in try working.entry(id) }) else {
      throw .refused(Refusal(.notFound, field: "/entry_id"))
    }
    guard let owner = entry.account else {
      throw .refused(Refusal(ofNone, field: "/entry_id"))
    }
    let account = try account(.id(owner))
    if let name { try match(name, account) }
    let marks = try reading { () throws(StoreError) in try working.marks(of: id) }
    return (entry, account, marks)
  }

  /// The account of a hold; `not_found` when no authorization made it.
  func account(of hold: HoldID, named name: AccountName?) throws(Interruption) -> Account {
    let entry = try reading { () throws(StoreError) in try working.entry(hold.authorizedBy) }
    guard let entry, entry.kind == .authorize, let owner = entry.account else {
      throw .refused(Refusal(.notFound, field: "/hold_id"))
    }
    let account = try account(.id(owner))
    if let name { try match(name, account) }
    return account
  }

  private func match(_ name: AccountName, _ account: Account) throws(Interruption) {
    switch name {
    case .id(let id) where id == account.id: break
    case .card(let number) where number == account.cardNumber: break
    case .id: throw .refused(Refusal(.notFound, field: "/account_id"))
    case .card: throw .refused(Refusal(.notFound, field: "/card_no"))
    }
  }

  /// Whether the number names a card or ever did.
  func isTaken(_ number: CardNumber) throws(Interruption) -> Bool {
    try reading { () throws(StoreError) in try working.card(number) } != .unknown
  }

  /// What the domain decides by; the request is recorded with the entry that answers it.
  ///
  /// After a wrong PIN there is no such entry, so nothing is stretched for the record: a flood of
  /// guesses at a locked card costs no more than any refusal.
  func context(
    for account: AccountID, after evidence: PINEvidence = .absent
  ) throws(Interruption) -> DecisionContext {
    DecisionContext(
      now: now, calendar: calendar, rules: rules, programVersion: programVersion,
      nextEntry: working.head.next, origin: ticket.origin, reason: ticket.reason,
      request: evidence.differs ? nil : try record(for: account))
  }
}

extension WorkingSet {
  /// The account of this name; `not_found`, with the member that named it, when there is none.
  func find(_ name: AccountName) throws(Interruption) -> Account {
    let id: AccountID
    switch name {
    case .id(let given): id = given
    case .card(let number):
      let standing = try reading { () throws(StoreError) in try card(number) }
      guard case .names(let found) = standing else {
        throw .refused(Refusal(.notFound, field: "/card_no"))
      }
      id = found
    }
    guard let account = try reading({ () throws(StoreError) in try account(id) }) else {
      throw .refused(Refusal(.notFound, field: "/account_id"))
    }
    // Another card's money must not be charged because a row of the folded state went bad.
    if case .card(let number) = name, account.cardNumber != number {
      throw .store(.damaged(entry: nil, reason: "a card number leads to another card's account"))
    }
    return account
  }
}
