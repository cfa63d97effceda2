// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

/// spec/pin.md: when a PIN is asked for, how attempts are counted, when it locks (INV-8).
@Suite struct PINTests {
  /// The table of spec/pin.md, When it is asked for; free limit 100.
  @Test(
    arguments: [
      (true, false, 101, .absent, .pinRequired), (true, false, 100, .absent, nil),
      (true, true, 100, .absent, nil), (true, false, 101, .right, nil),
      (true, false, 100, .right, nil), (true, false, 101, .wrong, .pinIncorrect),
      (true, false, 100, .wrong, .pinIncorrect), (false, false, 101, .absent, nil),
      (false, false, 100, .absent, nil), (false, false, 101, .wrong, .pinNotSet),
      (false, false, 100, .right, .pinNotSet), (false, true, 100, .absent, nil),
      (false, true, 101, .absent, .pinNotSet), (false, true, 100, .wrong, .pinNotSet),
      (false, true, 101, .right, .pinNotSet),
    ] as [(Bool, Bool, Int64, PINEvidence, RefusalCode?)])
  func `a debit or a hold is asked for the PIN as the table says`(
    isSet: Bool, isRequired: Bool, amount: Int64, evidence: PINEvidence, code: RefusalCode?
  ) throws {
    var till = try Till(
      rules: .with {
        $0.debit.pinFreeLimit = Amount(100)
        $0.pin.required = isRequired
      })
    let card = try till.card(topUp: 1_000, pin: isSet ? [1] : nil)
    #expect(try till.authorize(card, amount, pin: evidence).code == code)
    #expect(try till.debit(card, amount, pin: evidence).code == code)
  }

  @Test func `attempts count down, and the card locks at exactly the last`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000, pin: [1])
    for left in [4, 3, 2, 1] as [Int32] {
      let answer = try till.debit(card, 1, pin: .wrong)
      let refusal = try answer.refusal
      #expect(refusal.code == .pinIncorrect)
      #expect(refusal.field == "/pin")
      #expect(refusal.number("attempts_left") == Int64(left))
      #expect(refusal.instant("locked_until") == nil)
      #expect(answer.entries.map(\.kind) == [.pinFailed])
      #expect(try till.view(card).pinAttemptsLeft == left)
      #expect(try till.view(card).pinLock == nil)
    }
    let end = till.now.advanced(bySeconds: 1800)
    let last = try till.debit(card, 1, pin: .wrong).refusal
    #expect(last.code == .pinIncorrect)
    #expect(last.number("attempts_left") == 0)
    #expect(last.instant("locked_until") == end)
    #expect(try till.view(card).pinLock == .until(end))
    #expect(try till.view(card).pinAttemptsLeft == 0)
    for evidence in [PINEvidence.wrong, .right] {
      let answer = try till.debit(card, 1, pin: evidence)
      #expect(try answer.refusal.code == .pinLocked)
      #expect(try answer.refusal.instant("locked_until") == end)
      #expect(answer.entries.isEmpty)
    }
    #expect(try till.account(card).pin.failures == 5)
  }

  @Test func `fifty guesses at once are five judged and forty-five locked`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000, pin: [1])
    let codes = try (0..<50).map { _ in try till.debit(card, 1, pin: .wrong).code }
    #expect(codes.prefix(5).allSatisfy { $0 == .pinIncorrect })
    #expect(codes.dropFirst(5).allSatisfy { $0 == .pinLocked })
    #expect(till.journal.filter { $0.kind == .pinFailed }.count == 5)
  }

  @Test func `the lock ends at exactly its time and takes the failures with it`() throws {
    var till = try Till(rules: .with { $0.pin.maximumAttempts = 2 })
    let card = try till.card(topUp: 1_000, pin: [1])
    for _ in 0..<2 { _ = try till.verifyPIN(card, .wrong).refusal }
    till.now = Instant(milliseconds: till.now.milliseconds + 1_799_999)
    #expect(try till.verifyPIN(card, .right).code == .pinLocked)
    till.now = Instant(milliseconds: till.now.milliseconds + 1)
    #expect(try till.view(card).pinLock == nil)
    #expect(try till.view(card).pinAttemptsLeft == 2)
    let refusal = try till.verifyPIN(card, .wrong).refusal
    #expect(refusal.number("attempts_left") == 1)
    #expect(try till.account(card).pin.failures == 1)
    #expect(try till.account(card).pin.lock == nil)
    _ = try till.verifyPIN(card, .wrong).refusal
    #expect(try till.verifyPIN(card, .wrong).code == .pinLocked)
  }

  @Test func `with no lock seconds only a reset or an override ends the lock`() throws {
    var till = try Till(
      rules: .with {
        $0.pin.lockSeconds = nil
        $0.pin.maximumAttempts = 1
      })
    let card = try till.card(topUp: 1_000, pin: [1])
    let refusal = try till.verifyPIN(card, .wrong).refusal
    #expect(refusal.number("attempts_left") == 0)
    #expect(refusal.instant("locked_until") == nil)
    #expect(try till.view(card).pinLock == .untilReset)
    till.now = .latest
    #expect(try till.verifyPIN(card, .right).refusal == Refusal(.pinLocked))
    #expect(try till.changePIN(card, current: .right).code == .pinLocked)
    #expect(try till.setPIN(card).code == .pinAlreadySet)
    _ = try till.resetPIN(card).entry
    #expect(try till.verifyPIN(card, .right).code == nil)
    _ = try till.verifyPIN(card, .wrong).refusal
    _ = try till.setPIN(card, [8], override: true).entry
    #expect(try till.verifyPIN(card, .right).code == nil)
    #expect(try till.account(card).pin.verifier == [8])
  }

  @Test func `up to the free limit a debit is served without a PIN, even while locked`() throws {
    var till = try Till(
      rules: .with {
        $0.debit.pinFreeLimit = Amount(100)
        $0.pin.maximumAttempts = 1
      })
    let card = try till.card(topUp: 1_000, pin: [1])
    #expect(try till.debit(card, 50, pin: .wrong).code == .pinIncorrect)
    #expect(try till.debit(card, 100).code == nil)
    #expect(try till.debit(card, 101).code == .pinRequired)
    #expect(try till.debit(card, 100, pin: .right).code == .pinLocked)
    #expect(try till.view(card).pinLock != nil)
  }

  @Test func `a right PIN resets the count, with the request or although it is refused`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000, pin: [1])
    for _ in 0..<4 { _ = try till.debit(card, 1, pin: .wrong).refusal }
    let answer = try till.debit(card, 5_000, pin: .right)
    #expect(answer.code == .insufficientFunds)
    #expect(answer.entries.map(\.kind) == [.pinAccepted])
    #expect(try till.view(card).pinAttemptsLeft == 5)
    #expect(try till.debit(card, 5_000, pin: .right).entries.isEmpty)
    _ = try till.debit(card, 1, pin: .wrong).refusal
    let debit = try till.debit(card, 1, pin: .right).entry
    #expect(debit.changes.contains(.pinCleared))
    #expect(try till.view(card).pinAttemptsLeft == 5)
    #expect(try !till.debit(card, 1, pin: .right).entry.changes.contains(.pinCleared))
  }

  @Test func `a free debit without a PIN resets nothing`() throws {
    var till = try Till(rules: .with { $0.debit.pinFreeLimit = Amount(100) })
    let card = try till.card(topUp: 1_000, pin: [1])
    _ = try till.debit(card, 1, pin: .wrong).refusal
    _ = try till.debit(card, 1).entry
    _ = try till.topUp(card, 5).entry
    #expect(try till.view(card).pinAttemptsLeft == 4)
  }

  @Test func `an older verifier is replaced by an accepted request, and only by one`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000, pin: [1])
    _ = try till.debit(card, 1, pin: .wrong).refusal
    let refused = try till.debit(card, 5_000, pin: .matches(upgrade: [2]))
    #expect(refused.code == .insufficientFunds)
    #expect(try till.account(card).pin.verifier == [1])
    #expect(try till.view(card).pinAttemptsLeft == 5)
    _ = try till.debit(card, 1, pin: .wrong).refusal
    _ = try till.debit(card, 1, pin: .matches(upgrade: [2])).entry
    #expect(try till.account(card).pin.verifier == [2])
    #expect(try till.view(card).pinAttemptsLeft == 5)
    _ = try till.verifyPIN(card, .matches(upgrade: [3])).entry
    #expect(try till.account(card).pin.verifier == [3])
    _ = try till.changePIN(card, [9], current: .matches(upgrade: [4])).entry
    #expect(try till.account(card).pin.verifier == [9])
  }

  @Test func `lowering the attempts under a card's count locks it at its next wrong PIN`() throws {
    var till = try Till()
    let card = try till.card(topUp: 1_000, pin: [1])
    for _ in 0..<3 { _ = try till.verifyPIN(card, .wrong).refusal }
    till.rules.pin.maximumAttempts = 2
    #expect(try till.view(card).pinLock == nil)
    #expect(try till.view(card).pinAttemptsLeft == 0)
    let refusal = try till.verifyPIN(card, .wrong).refusal
    #expect(refusal.code == .pinIncorrect)
    #expect(refusal.number("attempts_left") == 0)
    #expect(try till.verifyPIN(card, .right).code == .pinLocked)
  }

  @Test func `raising the attempts gives a card that is not locked more of them`() throws {
    var till = try Till(rules: .with { $0.pin.maximumAttempts = 2 })
    let card = try till.card(topUp: 1_000, pin: [1])
    _ = try till.verifyPIN(card, .wrong).refusal
    till.rules.pin.maximumAttempts = 4
    #expect(try till.verifyPIN(card, .wrong).refusal.number("attempts_left") == 2)
    #expect(try till.view(card).pinAttemptsLeft == 2)
  }

  @Test func `a first PIN is set freely, the next only by override`() throws {
    var till = try Till()
    let card = try till.card()
    #expect(try till.view(card).pinSet == false)
    #expect(try till.view(card).pinAttemptsLeft == 5)
    _ = try till.setPIN(card, [5]).entry
    #expect(try till.view(card).pinSet == true)
    #expect(try till.setPIN(card, [6]).refusal == Refusal(.pinAlreadySet, field: "/pin"))
    _ = try till.verifyPIN(card, .wrong).refusal
    _ = try till.setPIN(card, [6], override: true).entry
    #expect(try till.account(card).pin.verifier == [6])
    #expect(try till.view(card).pinAttemptsLeft == 5)
  }

  @Test func `changing needs the current PIN and counts a wrong one`() throws {
    var till = try Till()
    let card = try till.card(pin: [1])
    #expect(try till.changePIN(card, [2], current: .wrong).code == .pinIncorrect)
    #expect(try till.account(card).pin.verifier == [1])
    #expect(try till.view(card).pinAttemptsLeft == 4)
    _ = try till.changePIN(card, [2], current: .right).entry
    #expect(try till.account(card).pin.verifier == [2])
    #expect(try till.view(card).pinAttemptsLeft == 5)
  }

  @Test func `without a PIN there is none to change, reset or verify`() throws {
    var till = try Till()
    let card = try till.card()
    #expect(try till.changePIN(card, current: .wrong).code == .pinNotSet)
    #expect(try till.resetPIN(card).code == .pinNotSet)
    #expect(try till.verifyPIN(card, .wrong).code == .pinNotSet)
    #expect(try till.account(card).pin.failures == 0)
  }

  @Test func `the PIN is asked for the amount that was asked, also of a partial debit`() throws {
    var till = try Till(rules: .with { $0.debit.pinFreeLimit = Amount(100) })
    let card = try till.card(topUp: 50, pin: [1])
    #expect(try till.debit(card, 101, partial: true).code == .pinRequired)
    #expect(try till.debit(card, 100, partial: true).entry.amount == Amount(50))
  }
}
