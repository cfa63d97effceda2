// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/pin.md, Repeated requests: a used key is no place to try PINs for nothing.
@Suite struct PINProbeTests {
  private static let conflict = Refusal(.idempotencyConflict, field: "/pin")

  /// A till with a card that has a PIN and two debits to repeat.
  private static func opened() throws -> (till: Till, card: AccountID, debits: [Entry]) {
    var till = try Till(rules: .with { $0.pin.maximumAttempts = 3 })
    let card = try till.card(topUp: 1_000, pin: [1])
    let debits = [
      try till.debit(card, 1, pin: .right).entry, try till.debit(card, 1, pin: .right).entry,
    ]
    return (till, card, debits)
  }

  @Test func `another PIN under a used key is a conflict and counts as an attempt`() throws {
    var (till, card, debits) = try Self.opened()
    let answer = try till.probe(card, debits[0])
    #expect(try answer.refusal == Self.conflict)
    #expect(answer.entries.map(\.kind) == [.pinFailed])
    #expect(try till.view(card).pinAttemptsLeft == 2)
    #expect(try till.account(card).pin.probed == [debits[0].id])
    _ = try till.probe(card, debits[0]).refusal
    #expect(try till.account(card).pin.probed == [debits[0].id])
    #expect(try till.verifyPIN(card, .wrong).refusal.number("attempts_left") == 0)
  }

  @Test func `the guess that fills the count locks, and the entry is closed to guesses`() throws {
    var (till, card, debits) = try Self.opened()
    for _ in 0..<3 { #expect(try till.probe(card, debits[0]).refusal == Self.conflict) }
    let lock = try #require(try till.view(card).pinLock)
    #expect(lock == .until(till.now.advanced(bySeconds: 1800)))
    let answer = try till.probe(card, debits[0])
    #expect(try answer.refusal.code == .pinLocked)
    #expect(answer.entries.isEmpty)
    let repetition = try till.account(card).repetitionLock(of: debits[0].id, at: till.now)
    #expect(repetition?.code == .pinLocked)
    #expect(repetition?.instant("locked_until") == till.now.advanced(bySeconds: 1800))
  }

  @Test func `while the lock is on each other entry answers one guess more, uncounted`() throws {
    var (till, card, debits) = try Self.opened()
    for _ in 0..<3 { _ = try till.verifyPIN(card, .wrong).refusal }
    #expect(try till.account(card).repetitionLock(of: debits[1].id, at: till.now) == nil)
    #expect(try till.probe(card, debits[1]).refusal == Self.conflict)
    #expect(try till.account(card).pin.failures == 3)
    #expect(try till.probe(card, debits[1]).code == .pinLocked)
    #expect(try till.account(card).repetitionLock(of: debits[1].id, at: till.now) != nil)
    #expect(try till.account(card).repetitionLock(of: debits[0].id, at: till.now) == nil)
  }

  @Test func `the end of the lock opens the entries again, and a right PIN forgets them`() throws {
    var (till, card, debits) = try Self.opened()
    for _ in 0..<3 { _ = try till.probe(card, debits[0]).refusal }
    till.advance(seconds: 1800)
    #expect(try till.account(card).repetitionLock(of: debits[0].id, at: till.now) == nil)
    #expect(try till.probe(card, debits[1]).refusal == Self.conflict)
    // The failures of the lock that ended went with it, and so did what was probed then.
    #expect(try till.account(card).pin.probed == [debits[1].id])
    #expect(try till.account(card).pin.failures == 1)
    _ = try till.verifyPIN(card, .right).entry
    #expect(try till.account(card).pin.probed.isEmpty)
    #expect(try till.view(card).pinAttemptsLeft == 3)
  }

  @Test func `without lock nothing keeps a repetition out`() throws {
    var (till, card, debits) = try Self.opened()
    _ = try till.probe(card, debits[0]).refusal
    #expect(try till.account(card).repetitionLock(of: debits[0].id, at: till.now) == nil)
  }

  @Test func `a card without a PIN counts nothing`() throws {
    var till = try Till()
    let plain = try till.card("1001", topUp: 10)
    let debit = try till.debit(plain, 1).entry
    #expect(try till.probe(plain, debit).entries.isEmpty)
    #expect(try till.probe(plain, debit).refusal == Self.conflict)
  }

  @Test func `a closed card counts guesses too, until it is locked`() throws {
    var (till, card, debits) = try Self.opened()
    _ = try till.close(card).entry
    for left in [2, 1, 0] {
      #expect(try till.probe(card, debits[0]).refusal == Self.conflict)
      #expect(try till.view(card).pinAttemptsLeft == left)
    }
    #expect(try till.probe(card, debits[0]).refusal.code == .pinLocked)
    #expect(try till.account(card).status == .closed)
  }

  @Test func `a frozen card counts guesses too`() throws {
    var (till, card, debits) = try Self.opened()
    _ = try till.freeze(card).entry
    _ = try till.probe(card, debits[0]).refusal
    #expect(try till.view(card).pinAttemptsLeft == 2)
  }

  @Test func `what is due lapses with the counting`() throws {
    var till = try Till(rules: .bonus(BonusRule.fixed("r", 500).with { $0.expiresAfterDays = 0 }))
    let card = try till.card(topUp: 1_000, pin: [1])
    let debit = try till.debit(card, 1, pin: .right).entry
    till.now = till.start(ofDayAfter: 1)
    _ = try till.probe(card, debit).refusal
    #expect(till.total(.breakage) == -499)
    #expect(till.total(.cardBonus) == 0)
  }
}
