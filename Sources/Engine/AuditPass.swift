// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoredValue

extension Audit {
  /// One reading of the journal: every row goes through here once, in order.
  final class Pass {
    let source: Source
    let findings: Findings
    private(set) var chain: Chain
    private(set) var rules: Rules
    private(set) var accounts: Accounts
    private(set) var cards: Cards
    private(set) var keys = Keys()
    private(set) var references: References
    private(set) var coupons: CouponFold
    private(set) var totals = Totals()
    private let value: Value
    private let caps: Caps
    private let cardLife: CardLife
    private let people: People
    let alerts: Alerts
    /// The stored fold, until the reading has come as far as it.
    private var stored: StoredFold?
    private let storedHead: EntryID?
    /// An opening that leaves its request to the top-up after it.
    private var opening: Entry?

    init(
      over source: Source, chain: HashChain, digester: RequestDigester, calendar: BusinessCalendar?
    ) throws(StoreError) {
      alerts = Alerts(source, calendar)
      self.source = source
      findings = source.findings
      self.chain = Chain(chain, over: source.inspection, source.findings)
      rules = Rules(source.findings)
      accounts = Accounts(source.findings)
      cards = Cards(source.findings)
      references = References(source.findings)
      coupons = CouponFold(source.findings)
      value = Value(source.findings)
      caps = Caps(source.findings)
      cardLife = CardLife(source.findings)
      people = People(source, digester)
      stored = try StoredFold(source)
      storedHead = stored?.point.head
    }

    /// Checks the next row.
    func take(_ row: JournalRow) throws(StoreError) {
      guard row.sequence > 0 else {
        findings.add("a row stands before the first entry", at: EntryID(row.sequence), breaking: 10)
        return
      }
      // What is folded is compared before the first entry that it does not hold.
      try compareStored(before: row.sequence)
      if !chain.follow(row) {
        rules.missEntry()
        alerts.giveUp()
        opening = nil
      }
      keys.note(row.key, by: row.sequence)
      let entry: Entry
      do throws(MalformedRecord) {
        entry = try row.entry()
      } catch {
        findings.add("it cannot be read: \(error.reason)", at: EntryID(row.sequence))
        rules.missEntry()
        alerts.giveUp()
        opening = nil
        if let id = row.account.flatMap({ AccountID(stored: $0) }) { accounts.giveUp(id) }
        return
      }
      if entry.encodedBody() != row.body {
        findings.add("it is not written as the engine writes it", at: entry.id)
      }
      try take(entry)
    }

    private func take(_ entry: Entry) throws(StoreError) {
      Form.check(entry, findings)
      value.checkBalance(of: entry)
      let isDated = chain.checkDate(of: entry)
      rules.follow(entry)
      try alerts.take(entry)
      checkOpening(entry)
      keys.noteBlocked(in: entry)
      cards.note(entry, old: entry.account.flatMap { accounts.folded[$0]?.cardNumber })
      if entry.kind == .open { try people.check(entry) }
      var original: Entry?
      if let target = References.target(of: entry), target < entry.id,
        entry.kind != .capture, entry.kind != .release
      {
        original = try source.entry(target)
      }
      var step: Step?
      if let id = entry.account {
        if isDated { step = accounts.fold(entry, into: id) } else { accounts.giveUp(id) }
      } else if entry.concernsCoupons || entry.kind == .checkoutRefund {
        value.checkAlone(entry, Tally(entry, on: nil))
      }
      coupons.take(entry)
      if let step { check(step, original) }
      references.take(entry, original: original, step: step)
      for posting in entry.postings { totals.apply(posting) }
    }

    /// What can be said of an entry that folds.
    private func check(_ step: Step, _ original: Entry?) {
      value.check(step)
      cardLife.check(step, under: rules.inForce, freezes: alerts.freezes)
      guard let rules = rules.inForce else { return }
      let entry = step.entry
      let after = step.after.snapshot(at: entry.at, date: entry.date, under: rules.spending)
      if let told = entry.after, told != after {
        let members = told.differences(from: after).joined(separator: ", ")
        findings.add(
          "it does not tell rightly how the account stood: \(members)", at: entry.id, breaking: 13)
      }
      caps.check(step, under: rules, after: after, original: original)
    }

    /// An opening without a request is followed at once by the top-up that carries it.
    private func checkOpening(_ entry: Entry) {
      let opened = entry.linked(.opens)
      if let opening, opened != opening.id || opening.account != entry.account {
        findings.add("it answers no request", at: opening.id, breaking: 9)
      }
      if let opened, opened != opening?.id {
        findings.add("it did not come with the opening that it names", at: entry.id)
      }
      opening = entry.kind == .open && entry.request == nil ? entry : nil
    }

    private func compareStored(before sequence: Int64) throws(StoreError) {
      guard let fold = stored, fold.point.head.sequence < sequence else { return }
      stored = nil
      try fold.compare(with: self)
    }
  }
}

extension Audit.Pass {
  /// Says what can be said only at the end; `isWhole` when the end of the journal was reached.
  func finish(isWhole: Bool) throws(StoreError) {
    if isWhole { try checkEnd() }
    keys.sort()
    try keys.checkRepetitions(in: source)
    if isWhole, let head = storedHead, head.sequence <= chain.sequence {
      let folded = try source.read { () throws(StoreError) in try source.inspection.keys() }
      if let folded { keys.compare(with: folded, upTo: head, findings) }
    }
    checkTrialBalance()
  }

  private func checkEnd() throws(StoreError) {
    try people.checkStrangers { accounts.folded[$0] != nil || accounts.bad.contains($0) }
    if let opening {
      findings.add("it answers no request", at: opening.id, breaking: 9)
    }
    let head = source.inspection.head
    if head.sequence != chain.sequence {
      findings.add(
        "the journal ends at entry \(chain.sequence), its newest is said to be \(head.sequence)",
        breaking: 10)
    }
    guard let fold = stored else { return }
    stored = nil
    if fold.point.head.sequence <= chain.sequence {
      try fold.compare(with: self)
    } else {
      findings.add(
        "the state holds entries up to \(fold.point.head.sequence), the journal ends at "
          + "\(chain.sequence)", breaking: 17)
    }
  }

  /// The sums of all postings: zero in all, and what the cards hold (INV-1, INV-12).
  private func checkTrialBalance() {
    let sum = totals.sides.keys.reduce(Int128(0)) { $0 + totals.creditBalance($1) }
    if sum != 0 { findings.add("the trial balance is out by \(sum)", breaking: 1) }
    // Of a card that does not fold nobody knows what it holds.
    guard accounts.bad.isEmpty else { return }
    let held = accounts.holdings
    let pairs = [
      (LedgerAccount.cardPrincipal, held.principal), (.cardBonus, held.bonus),
      (.pendingTopUps, held.pending),
    ]
    for (account, sum) in pairs where totals.creditBalance(account) != sum {
      findings.add(
        "the balance of \(account.name) is \(totals.creditBalance(account)), the cards hold \(sum)",
        breaking: 12)
    }
  }
}

extension AccountSnapshot {
  /// The members in which two differ, by the names they have on the wire.
  fileprivate func differences(from other: AccountSnapshot) -> [String] {
    [
      ("card_no", cardNumber == other.cardNumber), ("status", status == other.status),
      ("lots", lots == other.lots), ("held", held == other.held),
      ("spendable", spendable == other.spendable), ("first_day", firstDay == other.firstDay),
      (
        "pin",
        pinSet == other.pinSet && pinAttemptsLeft == other.pinAttemptsLeft
          && pinLock == other.pinLock
      ),
    ].filter { !$0.1 }.map(\.0)
  }
}
