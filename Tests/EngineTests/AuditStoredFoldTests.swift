// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Store
import Testing

@testable import Engine
@testable import StoredValue

/// Somebody writes to the folded state, with its checksums right: the journal tells (INV-17).
@Suite struct AuditStoredFoldTests {
  private let ledger: AuditedLedger

  init() throws { ledger = try AuditTill.busy().ledger() }

  private func check(
    _ phrase: String, of entry: Int64? = nil, at location: SourceLocation = #_sourceLocation,
    _ change: (inout AuditedLedger) throws -> Void
  ) throws {
    var changed = ledger
    try change(&changed)
    let problems = try changed.audit()
    expect(problems, name: entry, 17, phrase, at: location)
    #expect(
      problems.allSatisfy { $0.invariant == 17 }, "\(problems.map(\.description))",
      sourceLocation: location)
  }

  @Test(arguments: 0..<9)
  func `every part of a folded account is compared`(part: Int) throws {
    let parts: [(String, (inout Account) -> Void)] = [
      ("card number", { $0.cardNumber = CardNumber("x") ?? $0.cardNumber }),
      ("status", { $0.status = .lost }),
      ("lots", { $0.lots[0].remaining = .zero }),
      ("lots", { $0.lots.removeLast() }),
      (
        "holds", { $0.holds = [Change.Hold(id: HoldID(EntryID(3)), parts: [], expiresAt: .latest)] }
      ),
      ("PIN", { $0.pin.failures += 1 }),
      ("use", { $0.used += Amount(1) }),
      ("day", { $0.day = nil }),
      ("last entry", { $0.lastEntry = EntryID(1) }),
    ]
    let (name, change) = parts[part]
    let index = try #require(ledger.accounts.firstIndex { $0.account.day != nil })
    let id = ledger.accounts[index].account.id
    try check("account \(id.text) otherwise than its entries make it: \(name)") {
      change(&$0.accounts[index].account)
    }
  }

  @Test func `accounts missing, too many and lapsing at another time are named`() throws {
    for index in ledger.accounts.indices {
      let (account, due) = ledger.accounts[index]
      try check("the state lacks account \(account.id.text)") { $0.accounts.remove(at: index) }
      try check("account \(account.id.text) lapse at another time") {
        $0.accounts[index].due = due == nil ? Instant(milliseconds: 5) : nil
      }
    }
    let encoded = ledger.accounts[0].account.encoded()
    for id in [1, 1 << 60 - 1] as [Int64] {
      let strange = try Account(
        id: try #require(AccountID(stored: id)), encoded: encoded[...])
      try check("account \(strange.id.text), which was never opened") {
        $0.accounts.insert((strange, nil), at: id == 1 ? 0 : $0.accounts.count)
      }
    }
    try check("do not read in ascending order") { $0.accounts[0] = $0.accounts[1] }
  }

  @Test func `card numbers missing, too many and naming another are named`() throws {
    let number = try #require(CardNumber("card-2b"))
    let account = try #require(ledger.accounts.first { $0.account.cardNumber == number }).account.id
    try check("a card number name nothing that names account \(account.text)") {
      $0.cards[number] = nil
    }
    try check("a card number name nothing any more that names account") {
      $0.cards[number] = .retired
    }
    let other = try #require(AccountID(stored: 5))
    try check("a card number name account \(other.text) that names account") {
      $0.cards[number] = .names(other)
    }
    let retired = try #require(CardNumber("card-1"))
    try check("a card number name account \(account.text) that names nothing any more") {
      $0.cards[retired] = .names(account)
    }
    let strange = try #require(CardNumber("strange"))
    try check("a card number too many, naming account \(account.text)") {
      $0.cards[strange] = .names(account)
    }
  }

  @Test func `keys missing, too many and of another entry are named`() throws {
    let index = try #require(ledger.foldedKeys.indices.first)
    let (hash, entry) = ledger.foldedKeys[index]
    try check("lacks its idempotency key", of: entry.sequence) { $0.foldedKeys.remove(at: index) }
    try check("key that it has not", of: entry.sequence) {
      $0.foldedKeys.append((hash &+ 1, entry))
    }
    try check("key that it has not", of: 2) { $0.foldedKeys[index].entry = EntryID(2) }
    try check("lacks its idempotency key", of: entry.sequence) {
      $0.foldedKeys[index].entry = EntryID(2)
    }
    try check("key that it has not", of: 900) { $0.foldedKeys.append((5, EntryID(900))) }
  }

  @Test func `marks missing, too many and other ones are named`() throws {
    let entry = try #require(ledger.marks.keys.min())
    try check("what later entries did to it", of: entry.sequence) { $0.marks[entry] = nil }
    try check("what later entries did to it", of: entry.sequence) {
      $0.marks[entry]?.apply(.reversed, of: EntryID(.max))
    }
    try check("what later entries did to it", of: 1) { $0.marks[EntryID(1)] = EntryMarks() }
  }

  @Test func `campaigns, coupons and counts missing or otherwise are named`() throws {
    let campaign = try #require(ledger.campaigns.keys.min())
    try check("does not hold campaign \(campaign.text)") { $0.campaigns[campaign] = nil }
    let other = try #require(ledger.campaigns.keys.max())
    try check("does not hold campaign \(campaign.text)") {
      $0.campaigns[campaign] = $0.campaigns[other]
    }
    let share = try #require(ledger.shares.keys.min())
    let counts = "does not hold counts of \(share.account.text) in \(share.campaign.text)"
    try check(counts) { $0.shares[share] = nil }
    try check(counts) {
      $0.shares[share] = CampaignShare(campaign: share.campaign, account: share.account)
    }
    try check("lacks 1 coupons") { $0.coupons.remove(at: 1) }
    try check("do not read in order") { $0.coupons.swapAt(2, 3) }
    for index in ledger.coupons.indices {
      let row = ledger.coupons[index]
      let forged = [
        CouponRow(
          coupon: row.coupon, campaign: row.campaign + 1, owner: row.owner, isOpen: row.isOpen),
        CouponRow(coupon: row.coupon, campaign: row.campaign, owner: 5, isOpen: row.isOpen),
        CouponRow(
          coupon: row.coupon, campaign: row.campaign, owner: row.owner, isOpen: !row.isOpen),
      ]
      for other in forged {
        try check("does not hold coupon \(row.coupon.serial.text)") { $0.coupons[index] = other }
      }
    }
  }

  @Test func `where the state stands is compared`() throws {
    let head = ledger.rows.count
    try check("at another link than entry \(head)") { $0.fold?.link[3] ^= 1 }
    try check("at another time than entry \(head)") { $0.fold?.point.headTime = .latest }
    try check("program version 9, the journal 2") { $0.fold?.point.programVersion = 9 }
    try check("another program than the journal") { $0.fold?.point.programDocument = [] }
    try check("other totals of sales") { $0.fold?.point.totals.apply(Posting(.sales, 1)) }
    try check("other totals of cash:gold") {
      $0.fold?.point.totals.apply(Posting(.cash(tender: "gold"), 1))
    }
    try check("state holds entries up to \(head + 1), the journal ends at \(head)") {
      $0.fold?.point.head = EntryID(Int64(head) + 1)
    }
    try check("which is not in the journal") { $0.fold?.point.head = EntryID(-4) }
  }

  @Test func `a state that says it is older than its records is named`() throws {
    let head = ledger.rows.count
    try check("last entry") {
      $0.fold?.point.head = EntryID(Int64(head) - 1)
      $0.fold?.link = $0.rows[head - 2].link
    }
  }

  @Test func `a state of which the entry is missing is compared all the same`() throws {
    var changed = try AuditTill.busy().ledger(foldedTo: 20)
    changed.rows.remove(at: 19)
    let problems = try changed.audit()
    expect(problems, name: nil, 17, "the state ends at entry 20, which is not in the journal")
    expect(problems, name: 20, 10, "it is missing")
  }

  @Test func `records of an account that does not fold are left alone`() throws {
    var changed = ledger
    let index = try changed.index(of: .debit)
    let entry = changed.rows[index].sequence
    changed.rows[index] = changed.rows[index].with(body: [])
    let problems = try changed.audit()
    expect(problems, name: entry, nil, "it cannot be read")
    let id = try #require(changed.rows[index].account.flatMap { AccountID(stored: $0) })
    #expect(!problems.contains { $0.text.contains(id.text) })
  }

  @Test func `card numbers of an account that does not fold are left alone`() throws {
    let till = try AuditTill()
    let id = try till.open("a", topUp: 5000)
    let debit = try till.debit(id, 5)
    for number in ["b", "c"] {
      let card = try #require(CardNumber(number))
      try till.must(ReplaceCard(name: .id(id), newCardNumber: card, newPIN: nil))
    }
    var changed = try till.ledger()
    changed.rows[Int(debit.id.sequence) - 1] = changed.rows[2].with(body: [])
    let problems = try changed.audit()
    expect(problems, name: debit.id.sequence, nil, "it cannot be read")
    #expect(!problems.contains { $0.text.contains("card number") })
  }

  @Test func `holders are those of the digests, or nobody`() throws {
    let id = try #require(ledger.people.keys.first)
    let person = try #require(ledger.people[id])
    var erased = ledger
    erased.people = [:]
    #expect(try erased.audit().isEmpty)
    var changed = ledger
    changed.people[id] = Person(salt: person.salt, particulars: [.name: "Han Meimei"])
    expect(try changed.audit(), name: 2, nil, "not the one of its digest")
    changed.people[id] = Person(salt: person.salt + [0], particulars: person.particulars)
    expect(try changed.audit(), name: 2, nil, "not the one of its digest")
    changed = ledger
    let opening = try ledger.entry(try ledger.index(of: .open, 1))
    changed.people[try #require(opening.account)] = person
    expect(try changed.audit(), name: opening.id.sequence, nil, "whom the journal does not know")
  }

  @Test func `what the fold itself should bound is checked besides`() throws {
    let found = try #require(ledger.accounts.first { $0.account.holds.isEmpty })
    var account = found.account
    account.lots[0].remaining = account.lots[0].granted + Amount(1)
    let part = Change.Part(lot: account.lots[0].id, amount: account.lots[0].remaining + Amount(1))
    account.holds = [Change.Hold(id: HoldID(EntryID(3)), parts: [part], expiresAt: .latest)]
    let entry = ForgedEntry(try ledger.entry(try ledger.index(of: .freeze))).entry
    let findings = Audit.Findings()
    Audit.Value(findings).check(
      Audit.Step(
        entry: entry, before: found.account, after: account,
        tally: Audit.Tally(entry, on: found.account)))
    let id = entry.id.sequence
    expect(findings.listed, name: id, 2, "a lot holds more than it was granted")
    expect(findings.listed, name: id, 6, "live holds exceed what is left of a lot")
    expect(findings.listed, name: id, 3, "of its account changes by")
  }
}
