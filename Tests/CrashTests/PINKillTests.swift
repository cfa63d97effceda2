// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Testing

/// A wrong PIN is counted before it is answered, whatever comes after the answer (INV-8, T40).
@Suite struct PINKillTests {
  private static let pin = "7391"
  private static let wrong = "1937"
  private static let most = Int64(Rules.attempts)

  private func tills(_ name: String) throws -> Tills {
    let seed = Settings.seed(for: name)
    let tills = try Tills(ledger: Ledger(), seed: seed, cards: 1, tag: "pin")
    try tills.begin()
    return tills
  }

  /// Opens cards with the PIN.
  private func open(_ cards: [String], in tills: Tills, of till: Tills.Till) throws {
    for card in cards {
      try tills.ask(card, .open(pin: Self.pin, topUp: 1000), "open-\(card)", of: till)
    }
    try tills.finishBacklog(till)
  }

  /// The attempts that the engine says are left.
  private func left(_ card: String, in tills: Tills, of till: Tills.Till) throws -> Int64 {
    try tills.ask(card, .account, "", of: till)
    try tills.settle(till)
    guard case .standing(let standing)? = tills.history.attempts.last?.outcome else {
      throw HarnessFailure("no standing of \(card)")
    }
    return standing.attemptsLeft
  }

  private func refusal(_ outcome: Outcome?) -> Refused? {
    if case .refused(let refusal)? = outcome { refusal } else { nil }
  }

  /// A method that takes a PIN: all of them share one count.
  private func guess(_ number: Int, _ pin: String) -> Request {
    switch number % 3 {
    case 0: .debit(1, pin: pin)
    case 1: .verifyPIN(pin)
    default: .authorize(1, pin: pin)
    }
  }

  @Test func `a kill after each wrong PIN gives no guess back, and the fifth locks`() throws {
    let tills = try tills("a kill after each guess")
    let cards = (0..<Settings.guessedCards).map { "card-\($0)" }
    let first = try tills.open()
    try open(cards, in: tills, of: first)
    try tills.kill(first)
    for card in cards {
      for number in 1...Rules.attempts {
        let till = try tills.open()
        try tills.ask(card, guess(number, Self.wrong), "\(card)-\(number)", of: till)
        try tills.gather(till, within: 30, enough: 1)
        try till.engine.kill9()
        let answer = refusal(tills.history.attempts.last?.outcome)
        #expect(answer == Refused("pin_incorrect", attemptsLeft: Self.most - Int64(number)))
      }
      let till = try tills.open()
      #expect(try left(card, in: tills, of: till) == 0, "\(card)")
      try tills.ask(card, .debit(1, pin: Self.pin), "\(card)-right", of: till)
      try tills.settle(till)
      #expect(refusal(tills.history.attempts.last?.outcome) == Refused("pin_locked"), "\(card)")
      try tills.kill(till)
    }
    try tills.close()
    counted("T40", cards.count * Rules.attempts, "kills")
  }

  @Test func `fifty guesses in the pipe and a kill between them: five are judged`() throws {
    let tills = try tills("a kill between guesses")
    for round in 0..<(2 * Rules.attempts) {
      let card = "card-\(round)"
      var till = try tills.open()
      try open([card], in: tills, of: till)
      let first = tills.history.attempts.count
      for number in 0..<50 {
        try tills.ask(card, guess(number, Self.wrong), "\(card)-\(number)", of: till)
      }
      // Group commit answers several at once; none may be told before it is counted.
      try tills.gather(till, within: 30, enough: round)
      try tills.kill(till)
      let told = tills.history.attempts[first...].count {
        refusal($0.outcome)?.code == "pin_incorrect"
      }
      till = try tills.open()
      #expect(try left(card, in: tills, of: till) <= Self.most - Int64(told), "\(card)")
      try tills.finishBacklog(till)
      #expect(try left(card, in: tills, of: till) == 0, "\(card)")
      let all = tills.history.attempts[first...].compactMap { refusal($0.outcome) }
      #expect(all.count { $0.code == "pin_incorrect" } <= Rules.attempts, "\(card)")
      #expect(Set(all.map(\.code)).isSubset(of: ["pin_incorrect", "pin_locked"]), "\(card)")
      try tills.kill(till)
    }
    try tills.close()
  }

  @Test func `four processes that guess at one card get five guesses together`() throws {
    let tills = try tills("guesses in four processes")
    let open = try (0..<4).map { _ in try tills.open() }
    for round in 0..<10 {
      let card = "card-\(round)"
      try self.open([card], in: tills, of: open[round % 4])
      let first = tills.history.attempts.count
      for number in 0..<40 {
        try tills.ask(
          card, guess(number, Self.wrong), "\(card)-\(number)", of: open[number % 4])
      }
      for till in open { try tills.settle(till) }
      let answers = tills.history.attempts[first...].compactMap { refusal($0.outcome) }
      let told = answers.filter { $0.code == "pin_incorrect" }.compactMap(\.attemptsLeft)
      #expect(told.sorted() == [0, 1, 2, 3, 4], "\(card)")
      #expect(answers.count { $0.code == "pin_locked" } == 35, "\(card)")
    }
    for till in open { try RaceTests.end(till, of: tills) }
    try tills.close()
  }
}
