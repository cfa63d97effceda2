// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Testing

/// An audit that finds nothing proves nothing unless it finds what is wrong.
@Suite struct AuditTests {
  /// A history with its journal, true as it was taken down.
  private struct Evidence {
    var history: History
    var journal: [ListedEntry]
    let rules: Rules

    var problems: [String] { Audit.problems(of: history, journal: journal, rules: rules) }

    /// The first attempt whose outcome is of this kind.
    func attempt(_ isWanted: (Outcome) -> Bool) throws -> Int {
      try #require(history.attempts.firstIndex { $0.outcome.map(isWanted) ?? false })
    }

    /// The place of the last entry of this kind.
    func place(_ kind: String) throws -> Int {
      try #require(journal.lastIndex { $0.movement.kind == kind }, "no \(kind)")
    }

    mutating func remove(_ place: Int) {
      journal.remove(at: place)
      renumber()
    }

    mutating func renumber() {
      for index in journal.indices { journal[index].seq = Int64(index) + 1 }
    }

    /// Puts something else in place of an answer of what was done.
    mutating func change(_ attempt: Int, _ body: (Outcome.Done) -> Outcome) throws {
      guard case .done(let done)? = history.attempts[attempt].outcome else {
        throw HarnessFailure("nothing was done")
      }
      history.attempts[attempt].outcome = body(done)
    }
  }

  private static let evidence = Result { try record() }

  /// Some traffic through the real engine, with kills; long enough that everything occurs in it.
  private static func record() throws -> Evidence {
    let seed = Settings.seed(for: "the audit's own tests")
    let tills = try Tills(ledger: Ledger(), seed: seed, cards: 12, tag: "a")
    try tills.begin()
    for _ in 0..<4 {
      let till = try tills.open()
      while till.answers < 300 {
        try tills.fill(till, upTo: 48)
        try tills.gather(till, within: 30, enough: 1)
      }
      try tills.kill(till)
    }
    let journal = try tills.finish()
    return Evidence(history: tills.history, journal: journal, rules: tills.rules)
  }

  @Test func `a true history has no problems`() throws {
    let problems = try Self.evidence.get().problems
    #expect(problems.isEmpty, "\(problems.prefix(3))")
  }

  @Test func `an acknowledged entry that is lost is found`() throws {
    for kind in ["topup", "debit", "refund", "authorize", "freeze", "pin_reset"] {
      var evidence = try Self.evidence.get()
      evidence.remove(try evidence.place(kind))
      #expect(!evidence.problems.isEmpty, "\(kind)")
    }
  }

  @Test func `a key of an operation that the tills do not know is found`() throws {
    var evidence = try Self.evidence.get()
    let key = try #require(evidence.journal[try evidence.place("debit")].key)
    evidence.history.byKey[key] = nil
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `an entry that stands twice is found`() throws {
    var evidence = try Self.evidence.get()
    var copy = evidence.journal[try evidence.place("debit")]
    copy.id = "ent_copy"
    evidence.journal.append(copy)
    evidence.renumber()
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `a gap in the numbers is found`() throws {
    var evidence = try Self.evidence.get()
    evidence.journal.remove(at: try evidence.place("debit"))
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `entries in another order than they were acknowledged in are found`() throws {
    var evidence = try Self.evidence.get()
    let last = try evidence.place("debit")
    let first = try #require(evidence.journal.firstIndex { $0.movement.kind == "debit" })
    evidence.journal.swapAt(first, last)
    evidence.renumber()
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `an entry of another amount is found`() throws {
    for kind in ["topup", "debit", "capture", "refund", "reverse", "release"] {
      var evidence = try Self.evidence.get()
      evidence.journal[try evidence.place(kind)].movement.amount += 1
      #expect(!evidence.problems.isEmpty, "\(kind)")
      evidence = try Self.evidence.get()
      let place = try evidence.place(kind)
      evidence.journal[place].movement.principal -= 1
      evidence.journal[place].movement.bonus += 1
      #expect(!evidence.problems.isEmpty, "\(kind), of another lot")
    }
  }

  @Test func `a wrong PIN that is not counted, or counted twice, is found`() throws {
    var evidence = try Self.evidence.get()
    evidence.remove(try evidence.place("pin_failed"))
    #expect(!evidence.problems.isEmpty)
    evidence = try Self.evidence.get()
    for _ in 0..<8 {
      var copy = evidence.journal[try evidence.place("pin_failed")]
      copy.id += "'"
      evidence.journal.append(copy)
    }
    evidence.renumber()
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `a status in the listing that is not so is found`() throws {
    var evidence = try Self.evidence.get()
    let place = try #require(evidence.journal.lastIndex { $0.status == "refunded" })
    evidence.journal[place].status = "posted"
    #expect(!evidence.problems.isEmpty)
  }
}

// MARK: Answers

extension AuditTests {
  private static func isDone(_ outcome: Outcome) -> Bool {
    if case .done = outcome { true } else { false }
  }

  private static func isRefused(_ outcome: Outcome, _ code: String) -> Bool {
    if case .refused(let refusal) = outcome { refusal.code == code } else { false }
  }

  @Test func `an answer that names another entry is found`() throws {
    var evidence = try Self.evidence.get()
    let attempt = try evidence.attempt { outcome in
      if case .done(let done) = outcome { done.entry != nil } else { false }
    }
    try evidence.change(attempt) { done in
      .done(
        .init(
          entry: "ent_000000000001", hold: done.hold, movement: done.movement,
          standing: done.standing, isReplayed: done.isReplayed, text: done.text))
    }
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `a repetition that is answered differently is found`() throws {
    var evidence = try Self.evidence.get()
    let attempt = try evidence.attempt { outcome in
      if case .done(let done) = outcome { done.isReplayed } else { false }
    }
    try evidence.change(attempt) { done in
      .done(
        .init(
          entry: done.entry, hold: done.hold, movement: done.movement, standing: done.standing,
          isReplayed: true, text: done.text + [0x20]))
    }
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `a repetition that is not called one is found`() throws {
    var evidence = try Self.evidence.get()
    let last = try #require(
      evidence.history.attempts.lastIndex { $0.outcome.map(Self.isDone) ?? false })
    try evidence.change(last) { done in
      .done(
        .init(
          entry: done.entry, hold: done.hold, movement: done.movement, standing: done.standing,
          isReplayed: false, text: done.text))
    }
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `something carried out that was refused is found`() throws {
    var evidence = try Self.evidence.get()
    for index in evidence.history.attempts.indices {
      let attempt = evidence.history.attempts[index]
      guard case .debit = evidence.history.operation(of: attempt).request,
        case .done? = attempt.outcome
      else { continue }
      evidence.history.attempts[index].outcome = .refused(Refused("insufficient_funds"))
    }
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `a refusal for which there was no reason is found`() throws {
    var evidence = try Self.evidence.get()
    // After all else, of every card that a debit has been taken from: not all of them are empty.
    let end = evidence.history.attempts.reduce(0) { max($0, $1.sentAt, $1.answeredAt ?? 0) }
    for attempt in evidence.history.attempts {
      let operation = evidence.history.operation(of: attempt)
      guard case .debit(_, let pin) = operation.request, case .done? = attempt.outcome else {
        continue
      }
      let number = evidence.history.operations.count
      evidence.history.operations.append(
        Operation(
          card: operation.card, request: .debit(1, pin: pin), key: "\(operation.key) again"))
      evidence.history.attempts.append(
        History.Attempt(
          operation: number, life: attempt.life, sentAt: end + 1, answeredAt: end + 2,
          outcome: .refused(Refused("insufficient_funds"))))
    }
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `a refusal for another reason is found`() throws {
    var evidence = try Self.evidence.get()
    let attempt = try evidence.attempt { Self.isRefused($0, "account_frozen") }
    evidence.history.attempts[attempt].outcome = .refused(Refused("first_day_limit"))
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `attempts left that are not what is counted are found`() throws {
    var evidence = try Self.evidence.get()
    let attempt = try evidence.attempt { Self.isRefused($0, "pin_incorrect") }
    guard case .refused(let refusal)? = evidence.history.attempts[attempt].outcome else { return }
    evidence.history.attempts[attempt].outcome = .refused(
      Refused("pin_incorrect", attemptsLeft: (refusal.attemptsLeft ?? 0) + 1))
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `a read that is off by one is found`() throws {
    var evidence = try Self.evidence.get()
    for index in evidence.history.attempts.indices {
      guard case .standing(var standing)? = evidence.history.attempts[index].outcome else {
        continue
      }
      standing.bonus += 1
      evidence.history.attempts[index].outcome = .standing(standing)
      break
    }
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `a read of what was no longer so is found`() throws {
    var evidence = try Self.evidence.get()
    let reads = evidence.history.attempts.indices.filter { index in
      if case .books? = evidence.history.attempts[index].outcome { true } else { false }
    }
    let first = try #require(reads.first)
    let last = try #require(reads.last)
    evidence.history.attempts[last].outcome = evidence.history.attempts[first].outcome
    #expect(!evidence.problems.isEmpty)
  }

  @Test func `a balance in an answer that is not the model's is found`() throws {
    var evidence = try Self.evidence.get()
    let attempt = try evidence.attempt { outcome in
      if case .done(let done) = outcome { done.standing != nil } else { false }
    }
    try evidence.change(attempt) { done in
      var standing = done.standing
      standing?.available += 1
      return .done(
        .init(
          entry: done.entry, hold: done.hold, movement: done.movement, standing: standing,
          isReplayed: done.isReplayed, text: done.text))
    }
    #expect(!evidence.problems.isEmpty)
  }
}
