// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds

/// Makes entries of every shape the types allow, sensible or not: the coding has to keep them all.
struct EntryGenerator {
  var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// A random entry; of the changes, the first is of the sort that `round` asks for in turn.
  mutating func entry(round: Int) -> Entry {
    var changes = [change(sort: round % Self.changeSorts)]
    for _ in 0..<random.below(4) { changes.append(change(sort: random.below(Self.changeSorts))) }
    let hasAccount = !random.once(in: 4)
    return Entry(
      id: entryID(), at: instant(), date: date(),
      kind: EntryKind.allCases[round % EntryKind.allCases.count],
      account: hasAccount ? AccountID(random: random.next() | 1) : nil,
      previous: entryID(), programVersion: random.magnitude(),
      origin: Origin(
        store: optional { $0.text() }, terminal: optional { $0.text() },
        operator: optional { $0.text() }),
      reason: optional { $0.text() }, tender: optional { $0.text() }, amount: amount(),
      principal: amount(), bonus: amount(), links: list { $0.link() },
      hold: optional { HoldID($0.entryID()) }, changes: changes,
      postings: list { $0.posting() }, after: optional { $0.snapshot() },
      request: optional { $0.request() })
  }

  /// How many sorts of change there are.
  static let changeSorts = 27 + couponChangeSorts

  mutating func change(sort: Int) -> Change {
    switch sort {
    case 0: .accountOpened(opening())
    case 1: .cardReplaced(cardNumber())
    case 2: .statusChanged(pick(AccountStatus.allCases, .active))
    case 3: .lotGranted(grant())
    case 4: .lotCleared(lotID())
    case 5: .lotWithdrawn(lotID(), amount())
    case 6: .lotTaken(lotID(), amount())
    case 7: .lotReturned(lotID(), amount())
    case 8: .lotLapsed(lotID(), amount())
    case 9: .lotSettled(lotID(), amount())
    case 10: .holdPlaced(hold())
    case 11: .holdEnded(HoldID(entryID()))
    case 12: .daySpent(date(), signed())
    case 13: .pinSet(blob())
    case 14: .pinFailed(lock: optional { $0.lock() })
    case 15: .pinProbed(entryID())
    case 16: .pinCleared
    case 17: .programSet(blob())
    case 18: .keyBlocked(key())
    case 19: .marked(entryID(), mark())
    case 20: .settled(payout: amount())
    case 21: .alertRaised(raise())
    case 22:
      .alertCounted(
        Change.AlertCount(alert: count(), subject: subject(), count: count(), observed: signed()))
    case 23: .alertUpdated(update())
    case 24:
      .attemptDeclined(
        Change.DeclinedAttempt(
          kind: pick(EntryKind.allCases, .debit), account: optional { $0.account() }))
    case 25:
      .alertAcknowledged(
        Change.AlertAcknowledgement(
          alert: count(), id: alertID(), disposition: pick(AlertDisposition.allCases, .test),
          note: optional { $0.text() }))
    case 26:
      .codesFailed(
        Change.CodeFailures(
          subject: subject(), windowSeconds: count(), observed: signed(), hits: count()))
    default: couponChange(sort: sort - 27)
    }
  }

  private mutating func raise() -> Change.AlertRaise {
    Change.AlertRaise(
      sequence: count(), rule: text(), cause: pick(AlertCause.allCases, .count),
      subject: subject(), severity: pick(AlertSeverity.allCases, .low),
      action: pick(AlertAction.allCases, .alert), windowStart: optional { $0.instant() },
      observed: signed(), threshold: signed(), evidence: list { $0.entryID() },
      suppressedUntil: instant())
  }

  private mutating func update() -> Change.AlertUpdate {
    Change.AlertUpdate(
      sequence: count(), alert: count(), id: alertID(), number: count(), subject: subject(),
      count: count(), observed: signed(), newest: entryID(), at: instant(), isFinal: flag())
  }

  mutating func count() -> Int64 { Int64(random.next() >> 11) }

  private mutating func subject() -> WatchedSubject {
    switch random.below(4) {
    case 0: .account(account())
    case 1: .terminal(text())
    case 2: .operator(text())
    default: .store(text())
    }
  }

  private mutating func alertID() -> AlertID {
    AlertID(entry: entryID(), rule: UInt32(truncatingIfNeeded: random.next()))
  }

  mutating func account() -> AccountID {
    AccountID(random: random.next() | 1) ?? account()
  }

  private mutating func opening() -> Change.Opening {
    Change.Opening(
      cardNumber: cardNumber(), registered: flag(), level: optional { $0.text() },
      holderDigest: optional { $0.blob() })
  }

  private mutating func grant() -> Change.Grant {
    Change.Grant(
      lot: lotID(), kind: pick(LotKind.allCases, .bonus), amount: amount(),
      releasePerDebit: optional { $0.amount() }, expiresAt: optional { $0.instant() },
      rule: optional { $0.text() }, pending: flag())
  }

  private mutating func hold() -> Change.Hold {
    Change.Hold(
      id: HoldID(entryID()),
      parts: list { Change.Part(lot: $0.lotID(), amount: $0.amount()) }, expiresAt: instant())
  }

  private mutating func mark() -> Change.Mark {
    let marks: [Change.Mark] = [
      .refunded(amount()), .reversed, .cleared, .bounced, .captured, .released,
      .returned(goods()),
    ]
    return pick(marks, .reversed)
  }

  mutating func snapshot() -> AccountSnapshot {
    AccountSnapshot(
      cardNumber: cardNumber(), status: pick(AccountStatus.allCases, .active),
      lots: list { $0.snapshotLot() }, held: amount(), spendable: amount(),
      firstDay: optional { AccountSnapshot.FirstDay(cap: $0.amount(), spent: $0.amount()) },
      pinSet: flag(), pinAttemptsLeft: Int32(truncatingIfNeeded: signed()),
      pinLock: optional { $0.lock() })
  }

  private mutating func snapshotLot() -> AccountSnapshot.Lot {
    AccountSnapshot.Lot(
      id: lotID(), kind: pick(LotKind.allCases, .principal), granted: amount(),
      remaining: amount(), releasePerDebit: optional { $0.amount() },
      expiresAt: optional { $0.instant() }, pending: flag())
  }

  private mutating func posting() -> Posting {
    let accounts: [LedgerAccount] = [
      .cardPrincipal, .cardBonus, .cash(tender: text()), .uncleared(tender: text()),
      .pendingTopUps, .sales, .bonusExpense, .couponDiscount, .breakage, .payouts,
    ]
    return Posting(pick(accounts, .sales), signed())
  }

  private mutating func request() -> RequestRecord {
    RequestRecord(
      key: key(), method: pick(RequestMethod.allCases, .debitCreate),
      digestKey: UInt8(truncatingIfNeeded: random.next()), pinsStretched: flag(),
      digests: list { MemberDigest($0.pick(RequestMember.allCases, .amount), $0.random.next()) })
  }

  private mutating func link() -> Entry.Link {
    Entry.Link(pick(Entry.Relation.allCases, .opens), entryID())
  }

  private mutating func lock() -> PINLock { flag() ? .untilReset : .until(instant()) }

  private mutating func lotID() -> LotID {
    LotID(topUp: entryID(), index: UInt8(truncatingIfNeeded: random.next()))
  }

  mutating func entryID() -> EntryID { EntryID(random.magnitude()) }

  mutating func instant() -> Instant {
    Instant(milliseconds: Int64(random.next() % 253_402_300_800_000))
  }

  mutating func date() -> BusinessDate {
    BusinessDate(daysSince1970: Int64(random.below(2_932_898)) - 1)
  }

  mutating func amount() -> Amount {
    Amount(random.once(in: 8) ? .max : random.magnitude())
  }

  private mutating func signed() -> Int64 {
    random.once(in: 8) ? .min : flag() ? random.magnitude() : -random.magnitude()
  }

  mutating func text() -> String {
    pick(["", "a", "till 7", "储值卡", "e\u{301}", "🧧", "\u{0}\n", "cash:x"], "b")
  }

  mutating func blob() -> [UInt8] {
    (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private mutating func cardNumber() -> CardNumber {
    while true {
      if let number = CardNumber(String(random.next(), radix: 36)) { return number }
    }
  }

  private mutating func key() -> IdempotencyKey {
    while true {
      if let key = IdempotencyKey("key " + String(random.next())) { return key }
    }
  }

  mutating func flag() -> Bool { random.once(in: 2) }

  private mutating func pick<Value>(_ values: [Value], _ other: Value) -> Value {
    values.randomElement(using: &random) ?? other
  }

  mutating func optional<Value>(_ make: (inout EntryGenerator) -> Value) -> Value? {
    flag() ? make(&self) : nil
  }

  mutating func list<Value>(_ make: (inout EntryGenerator) -> Value) -> [Value] {
    (0..<random.below(4)).map { _ in make(&self) }
  }
}
