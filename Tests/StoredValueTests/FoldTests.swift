// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// `Account.apply` refuses what does not fit, and leaves the account as it was.
@Suite struct FoldTests {
  private static let principal = LotID(topUp: EntryID(2), index: 0)
  private static let unknown = LotID(topUp: EntryID(9), index: 0)

  /// An account with principal 1,000 of which 100 are spent and 300 held, and 50 pending.
  private static func account() throws -> Account {
    var till = try Till(rules: .with { $0.topUp.pendingTenders = ["cheque"] })
    let card = try till.card(topUp: 1_000)
    _ = try till.debit(card, 100).entry
    _ = try till.authorize(card, 300).entry
    _ = try till.topUp(card, 50, tender: "cheque").entry
    return try till.account(card)
  }

  private static let pending = LotID(topUp: EntryID(5), index: 0)
  private static let held = HoldID(EntryID(4))

  private static func entry(
    _ changes: [Change], for account: Account?, id: EntryID = EntryID(6), on other: AccountID? = nil
  ) throws -> Entry {
    Entry(
      id: id, at: Instant(milliseconds: 1_772_413_200_000),
      date: BusinessDate(daysSince1970: 20_514), kind: .debit,
      account: other ?? account?.id ?? AccountID(stored: 1),
      previous: account?.lastEntry ?? .none, programVersion: 1, changes: changes, after: nil,
      request: nil)
  }

  private static func hold(_ id: Int64, _ lot: LotID, _ amounts: Int64...) -> Change {
    .holdPlaced(
      Change.Hold(
        id: HoldID(EntryID(id)), parts: amounts.map { Change.Part(lot: lot, amount: Amount($0)) },
        expiresAt: .latest))
  }

  /// The opening of another account, as the one element.
  private static let opening: [Change] =
    CardNumber("1").map { number in
      [
        .accountOpened(
          Change.Opening(cardNumber: number, registered: false, level: nil, holderDigest: nil))
      ]
    } ?? []

  private static let misfits: [(String, Change)] = [
    ("lot unknown", .lotCleared(unknown)),
    ("lot unknown", .lotWithdrawn(unknown, .zero)), ("lot unknown", .lotTaken(unknown, .zero)),
    ("lot unknown", .lotReturned(unknown, .zero)), ("lot unknown", .lotLapsed(unknown, .zero)),
    ("lot unknown", .lotSettled(unknown, .zero)), ("lot unknown", hold(7, unknown, 1)),
    (
      "lot granted twice",
      .lotGranted(Change.Grant(lot: principal, kind: .bonus, amount: Amount(1)))
    ),
    ("lot not pending", .lotCleared(principal)),
    ("lot not whole", .lotWithdrawn(principal, Amount(899))),
    ("lot not whole", .lotWithdrawn(pending, Amount(51))),
    ("lot would be negative", .lotTaken(principal, Amount(901))),
    ("value is held", .lotTaken(principal, Amount(601))),
    ("value is held", .lotLapsed(principal, Amount(601))),
    ("value is held", .lotSettled(principal, Amount(601))),
    ("value is held", .lotWithdrawn(principal, Amount(900))),
    ("lot would be negative", .lotTaken(pending, Amount(1))),
    ("lot would be negative", .lotLapsed(principal, Amount(901))),
    ("lot would be negative", .lotLapsed(pending, Amount(1))),
    ("lot would be negative", .lotSettled(principal, Amount(901))),
    ("lot would be negative", .lotTaken(principal, Amount(.max))),
    ("more given back than was taken", .lotReturned(principal, Amount(101))),
    ("more given back than was taken", .lotReturned(principal, Amount(.max))),
    ("more given back than was taken", .lotReturned(pending, Amount(1))),
    ("hold placed twice", hold(4, principal, 1)), ("hold exceeds its lot", hold(7, principal, 601)),
    ("hold exceeds its lot", hold(7, pending, 1)),
    ("hold exceeds its lot", hold(7, principal, .max)),
    ("hold exceeds its lot", hold(7, principal, 400, 201)),
    ("more spent than a day can count", .daySpent(BusinessDate(daysSince1970: 20_514), .max)),
    (
      "more spent than a day can count",
      .daySpent(
        BusinessDate(daysSince1970: 20_514), Amount.accountCeiling.minorUnits - 99)
    ),
    (
      "more spent than a day can count",
      .daySpent(
        BusinessDate(daysSince1970: 20_515), -Amount.accountCeiling.minorUnits - 1)
    ),
    (
      "more granted than an account can count",
      .lotGranted(
        Change.Grant(
          lot: unknown, kind: .bonus, amount: Amount(Amount.accountCeiling.minorUnits - 1_049)))
    ),
    (
      "more granted than an account can count",
      .lotGranted(Change.Grant(lot: unknown, kind: .bonus, amount: Amount(.max)))
    ),
    ("hold not live", .holdEnded(HoldID(EntryID(7)))),
  ]

  @Test(arguments: misfits.indices)
  func `a change that does not fit is refused and changes nothing`(index: Int) throws {
    let (name, change) = Self.misfits[index]
    let before = try Self.account()
    // After a change that does fit: nothing of the entry may remain.
    let entry = try Self.entry([.lotTaken(Self.principal, .zero), change], for: before)
    var account: Account? = before
    let violation = #expect(throws: FoldViolation.self, "\(name)") {
      try Account.apply(entry, to: &account)
    }
    #expect(violation?.entry == EntryID(6))
    #expect(account == before)
  }

  @Test(
    arguments: [
      .lotTaken(principal, Amount(600)), .lotReturned(principal, Amount(100)),
      .lotLapsed(principal, Amount(600)), .lotSettled(principal, Amount(600)),
      .lotWithdrawn(pending, Amount(50)),
      .lotGranted(
        Change.Grant(
          lot: unknown, kind: .bonus, amount: Amount(Amount.accountCeiling.minorUnits - 1_050))),
      .daySpent(BusinessDate(daysSince1970: 20_514), Amount.accountCeiling.minorUnits - 100),
      .daySpent(BusinessDate(daysSince1970: 20_515), Amount.accountCeiling.minorUnits),
      .daySpent(BusinessDate(daysSince1970: 20_515), -Amount.accountCeiling.minorUnits),
      .lotCleared(pending), hold(7, principal, 600), hold(7, principal, 300, 300),
      .holdEnded(held),
    ] as [Change])
  func `a change that just fits is taken`(change: Change) throws {
    let before = try Self.account()
    var account: Account? = before
    try Account.apply(try Self.entry([change], for: before), to: &account)
    #expect(account != before)
    #expect(account?.lastEntry == EntryID(6))
  }

  @Test func `what a hold set aside may be taken in the entry that ends it`() throws {
    for change in [
      Change.lotTaken(Self.principal, Amount(900)), .lotWithdrawn(Self.principal, Amount(900)),
    ] {
      var account: Account? = try Self.account()
      let entry = try Self.entry([.holdEnded(Self.held), change], for: account)
      try Account.apply(entry, to: &account)
      #expect(account?.lot(Self.principal)?.remaining == .zero)
    }
  }

  @Test func `a pending lot lapses never, whatever its terms`() throws {
    var account: Account? = try Self.account()
    let grant = Change.Grant(
      lot: Self.unknown, kind: .bonus, amount: Amount(5), expiresAt: Instant(milliseconds: 1),
      pending: true)
    try Account.apply(try Self.entry([.lotGranted(grant)], for: account), to: &account)
    #expect(account?.due(at: .latest).isEmpty == true)
    #expect(account?.nextDue == nil)
    #expect(account?.lapsed(at: .latest) == account)
  }

  @Test func `a failure recorded while a lock is on does not lift it`() throws {
    var account: Account? = try Self.account()
    let changes: [Change] = [.pinFailed(lock: .untilReset), .pinFailed(lock: nil)]
    try Account.apply(try Self.entry(changes, for: account), to: &account)
    #expect(account?.pin.lock == .untilReset)
    #expect(account?.pin.failures == 2)
  }

  @Test func `a withdrawn lot takes part in nothing more`() throws {
    var account: Account? = try Self.account()
    try Account.apply(
      try Self.entry([.lotWithdrawn(Self.pending, Amount(50))], for: account), to: &account)
    let changes: [Change] = [
      .lotWithdrawn(Self.pending, .zero), .lotCleared(Self.pending),
      .lotReturned(Self.pending, .zero), .lotTaken(Self.pending, .zero),
      Self.hold(7, Self.pending, 0),
    ]
    for change in changes {
      let entry = try Self.entry([change], for: account, id: EntryID(7))
      #expect(throws: FoldViolation.self) { try Account.apply(entry, to: &account) }
    }
  }

  @Test func `an account is opened once`() throws {
    let before = try Self.account()
    var account: Account? = before
    #expect(Self.opening.count == 1)
    let entry = try Self.entry(Self.opening, for: before)
    #expect(throws: FoldViolation.self) { try Account.apply(entry, to: &account) }
    #expect(account == before)
    var fresh: Account?
    try Account.apply(try Self.entry(Self.opening, for: nil, id: EntryID(1)), to: &fresh)
    #expect(fresh?.cardNumber == CardNumber("1"))
  }

  @Test func `an entry of another account, or of none that is open, is refused`() throws {
    let before = try Self.account()
    var account: Account? = before
    let other = try Self.entry([], for: before, on: AccountID(stored: 77))
    #expect(throws: FoldViolation.self) { try Account.apply(other, to: &account) }
    #expect(account == before)
    var nobody: Account?
    let early = try Self.entry([.pinCleared], for: nil)
    #expect(throws: FoldViolation.self) { try Account.apply(early, to: &nobody) }
    #expect(nobody == nil)
    let open = try Self.entry(Self.opening + Self.opening, for: nil)
    #expect(throws: FoldViolation.self) { try Account.apply(open, to: &nobody) }
    #expect(nobody == nil)
  }

  @Test func `an entry that does not follow the account's last is refused`() throws {
    let before = try Self.account()
    var account: Account? = before
    let entry = Entry(
      id: EntryID(8), at: .latest, date: BusinessDate(daysSince1970: 0), kind: .freeze,
      account: before.id, previous: EntryID(4), programVersion: 1,
      changes: [.statusChanged(.frozen)], after: nil, request: nil)
    #expect(throws: FoldViolation.self) { try Account.apply(entry, to: &account) }
    #expect(account == before)
  }

  @Test func `an entry already folded in is passed over, whatever it says`() throws {
    let before = try Self.account()
    var account: Account? = before
    for sequence in Int64(1)...5 {
      let old = try Self.entry(
        [.lotTaken(Self.principal, Amount(1))], for: before, id: EntryID(sequence))
      try Account.apply(old, to: &account)
    }
    #expect(account == before)
  }

  @Test func `the whole journal folded anew gives the same accounts`() throws {
    var till = try Till(rules: .bonus(BonusRule.fixed("r", 300).with { $0.expiresAfterDays = 0 }))
    let card = try till.card("1001", topUp: 1_000, pin: [1])
    let debit = try till.debit(card, 500, pin: .right).entry
    _ = try till.debit(card, 1, pin: .wrong).refusal
    _ = try till.authorize(card, 100, seconds: 60, pin: .right).entry
    till.now = till.start(ofDayAfter: 1)
    _ = try till.refund(card, debit, 450).entry
    var account: Account?
    for entry in till.journal { try Account.apply(entry, to: &account) }
    #expect(try account == till.account(card))
  }
}
