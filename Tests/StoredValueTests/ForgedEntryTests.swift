// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import StoredValue
import Testing

/// A journal that was forged or damaged is named, and never ends the process that reads it.
@Suite struct ForgedEntryTests {
  /// The journal of a card with something of everything.
  private static func till() throws -> (till: Till, card: AccountID) {
    var till = try Till(
      rules: .with {
        $0.firstDay.cap = BasisPoints(10_000)
        $0.debit.dailyMaximum = Amount(1_000)
        $0.topUp.pendingTenders = ["cheque"]
        $0.topUp.bonusRules = [BonusRule.fixed("r", 300).with { $0.expiresAfterDays = 1 }]
      })
    let card = try till.card(topUp: 1_000, pin: [1])
    let debit = try till.debit(card, 500, pin: .right).entry
    _ = try till.refund(card, debit, 100).entry
    _ = try till.debit(card, 1, pin: .wrong).refusal
    let hold = try till.authorize(card, 200, pin: .right).entry
    _ = try till.capture(card, HoldID(hold.id), 150).entry
    let cheque = try till.topUp(card, 50, tender: "cheque").entry
    _ = try till.clear(card, cheque).entry
    _ = try till.authorize(card, 300, seconds: 500_000, pin: .right).entry
    till.now = till.start(ofDayAfter: 2)
    _ = try till.freeze(card).entry
    return (till, card)
  }

  /// Reads a damaged body under the columns of the entry it was made of.
  private static func read(_ body: [UInt8], as entry: Entry) -> Entry? {
    try? Entry(
      id: entry.id, at: entry.at, kind: entry.kind.rawValue, account: entry.account?.value,
      key: entry.request?.key.text, body: body[...])
  }

  @Test(arguments: [51, 52] as [UInt64])
  func `damaged entries fold or are refused, and an account that is refused one stays whole`(
    seed: UInt64
  ) throws {
    let (till, card) = try Self.till()
    var random = SplitMix64(seed: seed)
    var account: Account?
    var refused = 0
    for entry in till.journal {
      let body = entry.encodedBody()
      for round in 0..<800 {
        var damaged = body
        for _ in 0...random.below(3) {
          damaged[random.below(damaged.count)] = UInt8(truncatingIfNeeded: random.next())
        }
        guard let forged = Self.read(damaged, as: entry) else { continue }
        var folded = account
        do {
          try Account.apply(forged, to: &folded)
          // Whatever was taken can be read and kept.
          let view = folded?.lapsed(at: till.now)
            .snapshot(at: till.now, date: till.date, under: till.rules.spending)
          let bytes = folded?.encoded() ?? []
          if view == nil || (try? Account(id: card, encoded: bytes[...])) != folded {
            Issue.record("seed \(seed) entry \(entry.id) round \(round): not kept")
          }
        } catch {
          refused += 1
          if folded != account { Issue.record("seed \(seed) entry \(entry.id) round \(round)") }
        }
      }
      try Account.apply(entry, to: &account)
    }
    #expect(refused > 50)
    #expect(try account == till.account(card))
  }

  /// Numbers at the ends of their ranges, in every change that has one.
  @Test func `changes with extreme numbers fold or are refused`() throws {
    let (till, card) = try Self.till()
    let before = try till.account(card)
    let amounts = [0, 1, .max - 1, .max].map { Amount($0) } + [.accountCeiling, .requestLimit]
    let lots = before.lots.map(\.id) + [LotID(topUp: EntryID(.max), index: 255)]
    var changes: [Change] = []
    for amount in amounts {
      for lot in lots {
        let part = Change.Part(lot: lot, amount: amount)
        let hold = HoldID(EntryID(Int64(changes.count) + 100))
        changes += [
          .lotTaken(lot, amount), .lotReturned(lot, amount), .lotLapsed(lot, amount),
          .lotSettled(lot, amount), .lotWithdrawn(lot, amount),
          .lotGranted(Change.Grant(lot: lot, kind: .bonus, amount: amount, expiresAt: .latest)),
          .holdPlaced(Change.Hold(id: hold, parts: [part, part], expiresAt: .latest)),
        ]
      }
    }
    for delta in [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max] {
      changes += [
        .daySpent(till.date, delta),
        .daySpent(till.date.advanced(byDays: 1), delta),
      ]
    }
    var random = SplitMix64(seed: 53)
    for _ in 0..<2_000 {
      let chosen = (0...random.below(5)).compactMap { _ in changes.randomElement(using: &random) }
      var account: Account? = before
      let entry = Entry(
        id: before.lastEntry.next, at: till.now, date: till.date, kind: .debit, account: card,
        previous: before.lastEntry, programVersion: 0, changes: chosen, after: nil, request: nil)
      do {
        try Account.apply(entry, to: &account)
        let folded = try #require(account)
        _ = folded.snapshot(at: till.now, date: till.date, under: till.rules.spending)
        _ = (folded.nextDue, folded.firstDayBase, folded.paid, folded.bonusGranted)
        if (try? Account(id: card, encoded: folded.encoded()[...])) != folded {
          Issue.record("not kept: \(chosen)")
        }
      } catch is FoldViolation {
        if account != before { Issue.record("changed although refused: \(chosen)") }
      }
    }
  }
}
